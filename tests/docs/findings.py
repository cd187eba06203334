"""`docs/findings.md`: the faults that campaigns found in other engines and in torch itself, from their own data.

What may live here: choosing, replaying and printing findings. `python -m tests.docs.findings DIR...` reads the
histories of campaigns (output directories of `gradfuzz run`), adds their findings to those of earlier campaigns in
`docs/findings.jsonl`, runs every program again, asks the referee again, and writes that file and the page;
`--again` does so without new campaigns. Without either, only the page is written again. Nothing is typed by hand.
"""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

import reports
from oracle import referee, triage
from oracle.check import check_batch
from oracle.discrepancy import Discrepancy
from oracle.engines import load
from oracle.engines.alone import script
from oracle.program.edit import is_query, refs
from oracle.program.parser import parse
from oracle.program.program import Program

DOCS = Path(__file__).parents[2] / "docs"
DATA, PAGE = DOCS / "findings.jsonl", DOCS / "findings.md"
LONGEST = 8  # instructions; what could not be made smaller is not a finding to show
CLEAR = 1e-3  # of the larger of 1 and the right answer: less may be rounding that cancelled

LIMITS = ("vmap", "does not require grad", "leaf Variable that requires grad", "sparse_coo", "does not accept dtype")
"""Parts of errors by which an engine says that it does not do this; that is no fault."""

TELLING = ("central differences", "one slope", "NumPy", "documented")
"""Words of the evidence that is independent of both engines."""

DTYPE = "dtype of the gradient"

Row = dict[str, Any]


def rows(directories: Iterable[str]) -> list[Row]:
    """Every finding of these campaigns that is still there and has a clear verdict."""
    found: list[Row] = []
    for directory in directories:
        tables = reports.load(directory)
        run = tables.runs.iloc[-1]
        for name in (run.subject, run.reference):
            load(name).use_one_thread()  # before there are forks
        for values in tables.findings.to_dict("records"):
            one = SimpleNamespace(**values)
            program = parse(one.program)
            if not one.accepted and not one.flaky and len(program) <= LONGEST:
                found += _apart(run, one, program)
        print(f"{run.subject}: {len(found)} rows so far", file=sys.stderr)
    return found


def again(kept: Iterable[Row]) -> list[Row]:
    """The rows of earlier campaigns whose program, run on the engines as they are now, still shows the fault."""
    found: list[Row] = []
    for row in kept:
        for name in (row["subject"], "torch"):
            load(name).use_one_thread()
        run = SimpleNamespace(subject=row["subject"], reference="torch")
        seen = _apart(run, SimpleNamespace(**row), parse(row["program"]))
        found += [one | {"found by": row["found by"]} for one in seen]
        if not seen:
            print(f"gone: {row['subject']}: {row['fault']}", file=sys.stderr)
    return found


def _apart(run: Any, one: Any, program: Program) -> list[Row]:
    """`_replayed` in a process of its own, since some engines die of some programs; nothing where it dies."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as executor:
        try:
            return executor.submit(_replayed, run, one, program).result()
        except BrokenProcessPool:
            return []


def campaigns(directories: Iterable[str]) -> list[Row]:
    """What was run: engine, version, programs, minutes."""
    listed = []
    for directory in directories:
        run = reports.load(directory).runs.iloc[-1]
        versions = json.loads(run.versions)
        version = versions.get(run.subject) or versions["torch"]
        minutes = round(run.seconds / 60, 1)
        listed.append({"engine": run.subject, "version": version, "programs": int(run.programs), "minutes": minutes})
    return listed


def _replayed(run: Any, one: Any, program: Program) -> list[Row]:
    """The finding as a row, if its difference shows again and somebody is clearly wrong."""
    if one.kind in ("crash", "hang", "memory"):
        return []  # a death says nothing of who is right; the report of the campaign has it
    subject, reference = load(run.subject), load(run.reference)
    checked = check_batch((program,), subject, reference)[0]
    shown = [d for d in triage.causes(checked.discrepancies, program) if triage.signature(d, program) == one.signature]
    if not shown or not _clear(shown[0], program):
        return []
    verdict = referee.judge(program, shown[0], subject, reference)
    if verdict.side not in ("subject", "reference", "convention") or referee.flaky(verdict):
        return []
    evidence = [
        text for text in verdict.evidence if any(word in text for word in TELLING) and "cannot tell" not in text
    ]
    if shown[0].kind in triage.MAGNITUDE_KINDS and "dtype" not in shown[0].detail and not evidence:
        return []  # numbers that nothing independent of both engines judges
    guilty = "torch" if verdict.side == "reference" else run.subject
    gives, right = _answers(shown[0])
    if guilty == "torch":
        gives, right = right, gives
    gradient = shown[0].kind in ("grad", "grad-presence")
    if guilty == "torch":
        name = shown[0].where + (".grad" if gradient else "")
        alone: str | None = program.script("torch") + f"print({name})\n"
    else:
        alone = script(program, subject, shown[0].where, gradient)
    return [{
        "engine": guilty, "subject": run.subject, "found by": run.subject, "side": verdict.side, "kind": shown[0].kind,
        "signature": one.signature, "fault": _fault(shown[0], program), "count": int(one.count),
        "program": program.source, "alone": alone, "gives": gives, "right": right,
        "evidence": evidence or list(verdict.evidence[:1]),
    }]  # fmt: skip


def _clear(one: Discrepancy, program: Program) -> bool:
    """Whether a difference is more than a matter of rounding, of signs of zeros, or of what an engine does not do."""
    if any(limit in one.detail for limit in LIMITS):
        return False
    if one.kind == "unexpected-error":
        return one.index is not None and is_query(program.instructions[one.index])
    if one.kind in ("dtype", "shape"):
        return triage.about_gradient(one, program) or one.kind == "shape"
    ours, theirs = one.subject, one.reference
    if one.kind not in triage.MAGNITUDE_KINDS or not isinstance(ours, np.ndarray) or not isinstance(theirs, np.ndarray):
        return False
    if ours.dtype != theirs.dtype or ours.shape != theirs.shape:
        return True
    with np.errstate(all="ignore"):
        odd = np.isfinite(ours) != np.isfinite(theirs)
        wide, its = ours.astype(complex), theirs.astype(complex)
        far = np.abs(wide - its) > CLEAR * np.maximum(1, np.abs(its))
    return bool((odd | far).any())


def _fault(one: Discrepancy, program: Program) -> str:
    """What the finding is about in a word or two: doubles have the same."""
    for instruction in program.instructions:
        names = list(refs(instruction.args[0])) if is_query(instruction) and instruction.form == "call" else []
        if len(set(names)) < len(names):
            return "an output asked for twice"
    cause = triage.cause(one, program)
    ops = "+".join(sorted(op.removesuffix("_") for op in cause.ops))
    return f"{ops}: {DTYPE if 'dtype' in (one.kind, cause.detail) else one.kind}"


def _answers(one: Discrepancy) -> tuple[str, str]:
    if isinstance(one.subject, np.ndarray) and isinstance(one.reference, np.ndarray):
        if one.subject.dtype != one.reference.dtype:
            return str(one.subject.dtype), str(one.reference.dtype)
        return _shown_array(one.subject), _shown_array(one.reference)
    ours, _, theirs = one.detail.partition(", reference ")
    return ours, theirs


def _shown_array(array: np.ndarray[Any, Any]) -> str:
    return " ".join(np.array2string(array, separator=", ", precision=8).split())


def _printed(text: str) -> str:
    """What the script prints in a process of its own, or the error it ends with."""
    run = subprocess.run([sys.executable, "-W", "ignore", "-c", text], capture_output=True, text=True, timeout=120)
    lines = (run.stdout if run.returncode == 0 else run.stderr).strip().splitlines()
    return "\n".join(lines) if run.returncode == 0 else lines[-1] if lines else f"exit status {run.returncode}"


def _merged(found: list[Row]) -> list[Row]:
    """One row for each fault: the smallest program, the counts of all.

    A gradient of the wrong dtype is one fault of an engine, whatever the ops; what several of torch's own ways do alike
    is one fault of torch's; and a fault of several ops is not one of its own where one of these ops has that fault.
    """
    found.sort(key=lambda one: (_key(one), len(one["program"]), one["engine"]))
    merged = []
    for _, group in groupby(found, key=_key):
        first, *others = group
        first["count"] += sum(one["count"] for one in others)
        names = {name for one in (first, *others) for name in one["found by"].split(", ")}
        first["found by"] = ", ".join(sorted(names))
        ops = sorted({op for one in (first, *others) for op in one["fault"].partition(":")[0].split(", ")})
        if DTYPE in first["fault"]:
            first["fault"] = f"{', '.join(ops)}: {DTYPE}"
        merged.append(first)
    single = {(one["engine"], one["fault"].partition(":")[0]) for one in merged}

    def explained(one: Row) -> bool:
        ops = one["fault"].partition(":")[0].split("+")
        return len(ops) > 1 and any((one["engine"], op) in single for op in ops)

    kept = sorted((one for one in merged if not explained(one)), key=lambda one: (one["engine"], one["fault"]))
    for one in kept:
        one["prints"] = None if one["alone"] is None or one["side"] == "convention" else _printed(one["alone"])
    return kept


def _key(one: Row) -> tuple[str, str, str]:
    """Equal for the same fault."""
    ways = "torch's ways" if one["engine"].startswith("torch:") else one["engine"]
    return ways, one["side"], DTYPE if DTYPE in one["fault"] else one["fault"]


INTRODUCTION = """\
# Faults found

Written by `python -m tests.docs.findings DIR...` from the histories of the campaigns listed at the end. Every
program was run again when this was written, and the referee asked again. What is right is what the other side
gives; the evidence says why. Each fault is shown once, by its smallest program, for the engine alone.
Crashes, roundings, signs of zeros, numbers that nothing independent of both engines can judge, and whatever an engine
says it does not do are not listed.
"""


def page(data: list[Row]) -> str:
    """The page, from the data."""
    found = [one for one in data if "fault" in one]
    faults = [one for one in found if one["side"] != "convention"]
    counts = Counter(one["engine"] for one in faults)
    each = ", ".join(f"{count} in {name}" for name, count in sorted(counts.items()))
    lines = [INTRODUCTION, f"**{len(faults)} distinct faults**: {each}."]
    for engine, group in groupby(faults, key=lambda one: one["engine"]):
        lines += ["", f"## {engine}", ""]
        for number, one in enumerate(group, 1):
            lines += _shown(number, one)
    lines += ["", "## Conventions", "", "Differences in which no single answer is right.", ""]
    lines += _table(
        ("engine", "about", "found by", "times", "gives", "torch gives"),
        [
            tuple(one[key] for key in ("engine", "fault", "found by", "count", "gives", "right"))
            for one in found
            if one["side"] == "convention"
        ],
    )
    lines += ["", "## Campaigns", "", "Minutes are those of one core that others used too.", ""]
    runs = [one for one in data if "minutes" in one]
    keys = ("engine", "version", "programs", "minutes")
    lines += _table(keys, [tuple(one[key] for key in keys) for one in runs])
    return "\n".join(lines) + "\n"


def _table(heads: tuple[str, ...], cells: list[tuple[Any, ...]]) -> list[str]:
    rows = [heads, tuple("---" for _ in heads), *cells]
    return ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]


def _shown(number: int, one: Row) -> list[str]:
    code = one["alone"] or one["program"]
    times = "once" if one["count"] == 1 else f"{one['count']} times"
    met = f"Gives `{one['gives']}`; right is `{one['right']}`. Met {times}, by {one['found by']}."
    said = [f"### {number}. {one['fault']}", "", met, "", *(f"- {text}" for text in one["evidence"])]
    said += ["", "```python", *code.rstrip().splitlines(), "```", ""]
    if one["prints"]:
        said += ["prints", "", "```text", *one["prints"].splitlines(), "```", ""]
    return said


def read() -> list[Row]:
    """The data behind the page."""
    return [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]


def main(arguments: list[str]) -> None:
    directories = [one for one in arguments if one != "--again"]
    kept = read()
    found, runs = ([one for one in kept if key in one] for key in ("fault", "minutes"))
    if arguments:
        found = [*again(found), *rows(directories)]
        runs = sorted([*runs, *campaigns(directories)], key=lambda one: str(one["engine"]))
    data = [*_merged(found), *runs]
    DATA.write_text("".join(json.dumps(one) + "\n" for one in data), "utf-8")
    PAGE.write_text(page(data), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
