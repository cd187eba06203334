"""Reports: pandas tables, the history store, and the HTML report. Findings in, tables and pages out.

What may live here: the public names of the room, imported when first used, since pandas takes its time.
Reports judge nothing (verdicts and known entries come in with the findings) and never import torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reports.history import History
    from reports.html import Part, write_parts, write_report
    from reports.merging import merge
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
    from reports.terminal import print_report

_HOMES = {
    "history": ("History",),
    "html": ("Part", "write_parts", "write_report"),
    "merging": ("merge",),
    "records": ("Coverage", "RunInfo", "finding_id", "new_run_id"),
    "tables": (
        "Tables", "coverage_frame", "discrepancies_frame", "findings_frame", "load", "read", "runs_frame",
        "save", "trend_frame",
    ),
    "terminal": ("print_report",),
}  # fmt: skip

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
    "merge",
    "new_run_id",
    "print_report",
    "read",
    "runs_frame",
    "save",
    "trend_frame",
    "write_parts",
    "write_report",
]


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"reports.{home}"), name)
    raise AttributeError(f"module 'reports' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
