"""Reports: pandas tables, the history store, and the HTML report. Findings in, tables and pages out.

What may live here: the public names of the room. Reports judge nothing (verdicts and states of known entries
come in with the findings) and never import torch.
"""

from reports.history import History
from reports.html import Part, write_parts, write_report
from reports.records import Coverage, RunInfo, finding_id, new_run_id
from reports.tables import (
    Tables,
    coverage_frame,
    discrepancies_frame,
    findings_frame,
    load,
    read,
    runs_frame,
    save,
    trend_frame,
)

__all__ = [
    "Coverage",
    "History",
    "Part",
    "RunInfo",
    "Tables",
    "coverage_frame",
    "discrepancies_frame",
    "finding_id",
    "findings_frame",
    "load",
    "new_run_id",
    "read",
    "runs_frame",
    "save",
    "trend_frame",
    "write_parts",
    "write_report",
]
