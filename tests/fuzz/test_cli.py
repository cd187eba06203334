"""The command line: what is accepted, what is refused, and with which exit status."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from fuzz.cli import FAULT, _parser, main


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys\n"
        "from fuzz.cli import main\n"
        "try:\n    main(['run', '--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'torch', 'pandas', 'rich', 'hypothesis', 'pebble'} & set(sys.modules)\n"
        "print('heavy:', sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("heavy: []\n")


def test_version_names_what_decides_a_result(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in ("gradfuzz", "torch", "numpy", "hypothesis", "python"))


def test_no_command_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == FAULT
    assert "usage: gradfuzz" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["run", "--seconds", "0"],
        ["run", "--seconds", "nan"],
        ["run", "--seconds", "5", "--examples", "5"],
        ["run", "--examples", "-1"],
        ["run", "--jobs", "0"],
        ["run", "--seed", "-1"],
        ["replay"],
    ],
)
def test_wrong_usage_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit:
        main(arguments)
    assert exit.value.code == FAULT
    assert "error:" in capsys.readouterr().err


DOCUMENTS = ("README.md", "docs/nightly.md", ".github/workflows/nightly.yml", "docs/recorded-answers.md")
ROOT = Path(__file__).parent.parent.parent


def documented() -> list[str]:
    """Every gradfuzz command that the documents show."""
    found = set()
    for name in DOCUMENTS:
        text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
        for command in re.findall(r"(?:^|`|bin/| {4}|&& )(gradfuzz [a-z-]+[^`\n#>|]*)", text, re.MULTILINE):
            found.add(re.sub(r"\$\{SEED:[^}]*\}", "", command).replace("$MINUTES", "5").split(" (")[0].strip())
    return sorted(found)


@pytest.mark.parametrize("command", documented())
def test_a_documented_command_is_accepted(command: str) -> None:
    words = shlex.split(command)[1:]
    if len(words) > 1 or words[0] in ("run", "report", "engines", "ops", "mutants"):  # not a mere mention
        _parser().parse_args(words)


def test_the_nightly_workflow_is_well_formed() -> None:
    yaml = pytest.importorskip("yaml", reason="PyYAML comes with the extra gradfuzz[cluster]")
    workflow = yaml.safe_load((ROOT / ".github/workflows/nightly.yml").read_text("utf-8"))
    steps = workflow["jobs"]["campaign"]["steps"]
    kept = [step for step in steps if "save" in step.get("uses", "") or "upload" in step.get("uses", "")]
    assert all(step["if"] == "always()" for step in kept)
    assert {"schedule", "workflow_dispatch"} <= set(workflow[True])  # YAML 1.1 reads the key `on` as true
