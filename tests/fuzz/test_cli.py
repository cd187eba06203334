"""The command line: what is accepted, what is refused, and with which exit status."""

from __future__ import annotations

import subprocess
import sys

import pytest

from fuzz.cli import FAULT, main


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
