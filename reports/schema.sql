-- The history store, version 1. Texts are never null; times are ISO 8601 in UTC; *_json is `reports.plain`.
CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    subject TEXT NOT NULL,
    reference TEXT NOT NULL,
    started TEXT NOT NULL,
    status TEXT NOT NULL,
    info_json TEXT NOT NULL
);

CREATE TABLE findings (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    subject TEXT NOT NULL,
    reference TEXT NOT NULL,
    signature TEXT NOT NULL,
    kind TEXT NOT NULL,
    op TEXT NOT NULL,
    detail TEXT NOT NULL,
    place TEXT NOT NULL,
    line INTEGER,
    instructions INTEGER NOT NULL,
    program TEXT NOT NULL,
    original TEXT NOT NULL,
    flaky INTEGER NOT NULL,
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    verdict_json TEXT NOT NULL,
    extra_json TEXT NOT NULL,
    observations_json TEXT NOT NULL,
    UNIQUE (subject, reference, signature)
);
CREATE INDEX findings_by_id ON findings (id);

-- Whether a run met a finding: present 1 with a count, or present 0 when its program was replayed and was gone.
CREATE TABLE sightings (
    run TEXT NOT NULL REFERENCES runs (id),
    finding INTEGER NOT NULL REFERENCES findings (number),
    present INTEGER NOT NULL,
    count INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    seen TEXT NOT NULL,
    PRIMARY KEY (run, finding)
) WITHOUT ROWID;
CREATE INDEX sightings_by_finding ON sightings (finding);

-- Note [States] of history.py, as a rule: each sighting beside the one before it.
CREATE VIEW states AS
SELECT run, finding, present, count, accepted, CASE
    WHEN NOT present THEN 'fixed'
    WHEN accepted THEN 'known'
    WHEN before IS NULL THEN 'new'
    WHEN before THEN 'known'
    ELSE 'back'
END AS state
FROM (
    SELECT s.*, lag(s.present) OVER (PARTITION BY s.finding ORDER BY r.started, r.id) AS before
    FROM sightings s JOIN runs r ON r.id = s.run
);

-- Single discrepancies, the first few of each finding in each run.
CREATE TABLE discrepancies (
    run TEXT NOT NULL REFERENCES runs (id),
    signature TEXT NOT NULL,
    kind TEXT NOT NULL,
    op TEXT NOT NULL,
    place TEXT NOT NULL,
    instruction INTEGER,
    detail TEXT NOT NULL,
    program TEXT NOT NULL
);
CREATE INDEX discrepancies_by_run ON discrepancies (run, signature);

-- What a run covered: its numbers for the trend, and all cells as compressed JSON, which is a hundredth of rows.
CREATE TABLE coverage (
    run TEXT PRIMARY KEY REFERENCES runs (id),
    cells INTEGER NOT NULL,
    share REAL,
    packed BLOB NOT NULL
);
