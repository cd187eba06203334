"""A campaign as JUnit XML, for the dashboards of CI systems: one test case per finding, one for the rest.

What may live here: that format. Accepted findings are skipped test cases, all others failures.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from oracle.discrepancy import Finding
from oracle.errors import HarnessError
from reports.records import RunInfo, finding_id


def write(path: Path, run: RunInfo, findings: Sequence[Finding]) -> None:
    """Write the file. Raises HarnessError where that is not possible."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        ElementTree.ElementTree(document(run, findings)).write(path, encoding="utf-8", xml_declaration=True)
    except OSError as error:
        raise HarnessError(f"JUnit XML cannot be written to {path}: {error.strerror or error}.") from error


def document(run: RunInfo, findings: Sequence[Finding]) -> ElementTree.Element:
    """The `testsuites` element of a run."""
    ordered = sorted(findings, key=lambda one: one.signature)
    accepted = sum(bool(one.extra.get("accepted")) for one in ordered)
    counts = {
        "tests": str(len(ordered) + 1),
        "failures": str(len(ordered) - accepted),
        "skipped": str(accepted),
        "errors": "0",
        "time": f"{run.seconds:.3f}",
    }
    suites = ElementTree.Element("testsuites", counts)
    suite = ElementTree.SubElement(
        suites, "testsuite", {"name": f"gradfuzz.{run.subject}", "timestamp": run.started, **counts}
    )
    properties = ElementTree.SubElement(suite, "properties")
    facts = {"subject": run.subject, "reference": run.reference, "seed": run.seed, "programs": run.programs}
    for name, value in {**facts, **run.versions}.items():
        ElementTree.SubElement(properties, "property", {"name": name, "value": clean(str(value))})
    campaign = f"gradfuzz.{run.subject}.campaign"
    ElementTree.SubElement(
        suite, "testcase", {"classname": campaign, "name": f"{run.programs} programs", "time": "0"}
    )
    for one in ordered:
        _case(suite, run, one)
    return suites


def _case(suite: ElementTree.Element, run: RunInfo, finding: Finding) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        {
            "classname": f"gradfuzz.{run.subject}.{clean(finding.kind)}",
            "name": f"{clean(finding.op) or '-'} {finding_id(finding.signature)}",
            "time": "0",
        },
    )
    if finding.extra.get("accepted"):
        reason = clean(str(finding.extra.get("reason", "accepted")))
        ElementTree.SubElement(case, "skipped", {"message": reason})
        return
    what = {"type": finding.kind, "message": clean(finding.detail)}
    failure = ElementTree.SubElement(case, "failure", what)
    failure.text = clean(f"{finding.signature}\nmet {finding.count} times\n\n{finding.program.source}")


def clean(text: str) -> str:
    """Text without what XML 1.0 cannot hold."""
    return "".join(
        sign
        if sign in "\t\n" or " " <= sign <= "\ud7ff" or "\ue000" <= sign <= "\ufffd" or sign > "\uffff"
        else "?"
        for sign in text
    )
