"""The command line: which commands and flags there are, and what the exit status means.

Nothing here may import NumPy, torch, pandas or any other room: `gradfuzz --help` has to answer at once.
What a command does lives in `fuzz.commands`, one module each, imported when its command is called.

Exit status: 0 all is well, 1 discrepancies found (or, for replay, still there), 2 wrong usage or a fault of
ours, 130 ended early by Ctrl-C or SIGTERM.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

OK, FOUND, FAULT, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    parser = _parser()
    args = parser.parse_args(argv)
    if args.version:
        return _run("version", args)
    if args.command is None:
        parser.print_help(sys.stderr)
        return FAULT
    return _run(args.command, args)


def _run(command: str, args: argparse.Namespace) -> int:
    try:
        module = import_module(f"fuzz.commands.{command}")
        return int(module.main(args))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # `gradfuzz ops | head`
        sys.stderr.close()
        return OK
    except Exception as error:
        return _fault(error)


def _fault(error: Exception) -> int:
    """Say what went wrong: our users' mistakes in one paragraph, our own with the traceback."""
    from oracle.errors import HarnessError

    if isinstance(error, HarnessError):
        print(f"gradfuzz: {error}", file=sys.stderr)
        return FAULT
    import traceback

    traceback.print_exception(error)
    print("gradfuzz: this is a fault of gradfuzz, not of an engine; please report it.", file=sys.stderr)
    return FAULT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gradfuzz",
        description="Compose small autograd programs, run each on two engines, report every difference.",
        epilog="Exit status: 0 no new discrepancies, 1 discrepancies, 2 wrong usage or a fault of ours, "
        "130 interrupted.",
    )
    parser.add_argument("--version", action="store_true", help="print the versions in use and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_run(commands.add_parser("run", help="fuzz a subject against a reference and write a report"))
    _add_replay(commands.add_parser("replay", help="run one program again: still there, gone, or changed"))
    _add_report(
        commands.add_parser("report", help="show the latest campaign, or unite several in one report")
    )
    _add_record(commands.add_parser("record", help="write an engine's answers to a file"))
    _add_verify(commands.add_parser("verify", help="hold an engine against a file of answers"))
    _add_export(commands.add_parser("export", help="a finding as a test, a torch script, or an issue"))
    _add_known(commands.add_parser("known", help="accept a finding, or list what is accepted"))
    _add_mutants(commands.add_parser("mutants", help="plant bugs in minigrad and see which are caught"))
    commands.add_parser("engines", help="list the engines, their versions, and what they still need")
    commands.add_parser("ops", help="list the ops that programs are composed of")
    return parser


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Fuzz a subject against a reference; see what they do differently in DIR/report.html."
    )
    _add_engines(parser, subject="minigrad", reference="torch")
    budget = parser.add_argument_group("budget (the first that is reached ends the campaign)")
    length = budget.add_mutually_exclusive_group()
    length.add_argument("--seconds", type=_positive, metavar="S", help="run for S seconds (default 30)")
    length.add_argument("--minutes", type=_positive, metavar="M", help="run for M minutes")
    length.add_argument("--examples", type=_count, metavar="N", help="run exactly N programs")
    budget.add_argument(
        "--until-stale", type=_positive, metavar="M", help="end when M minutes brought no new coverage"
    )
    what = parser.add_argument_group("what is composed")
    what.add_argument("--seed", type=_natural, metavar="S", help="the same seed composes the same programs")
    what.add_argument("--ops", metavar="A,B,...", help="compose of these ops only (see `gradfuzz ops`)")
    how = parser.add_argument_group("how it runs")
    how.add_argument("--jobs", type=_count, metavar="J", help="worker processes (default: all cores)")
    _add_out(how)
    _add_limits(how)
    how.add_argument("--resume", action="store_true", help="go on with the campaign that DIR holds")
    how.add_argument("--cluster", metavar="ADDRESS", help="run on the Dask cluster with this scheduler")
    how.add_argument(
        "--known", metavar="FILE", help="accepted differences (default: known.toml if there is one)"
    )
    said = parser.add_argument_group("what is said")
    said.add_argument("--json", action="store_true", help="progress and result as JSON lines on stdout")
    said.add_argument("--junit", metavar="FILE", help="write the findings as JUnit XML, too")
    said.add_argument("--quiet", action="store_true", help="no progress, no table")


def _add_replay(parser: argparse.ArgumentParser) -> None:
    parser.description = "Run a program on both engines again. A file is parsed, never executed as Python."
    parser.add_argument("what", metavar="FILE|FINDING", help="a program file, or the id of a finding of DIR")
    _add_engines(parser, subject=None, reference=None)
    _add_out(parser)
    _add_limits(parser)


def _add_report(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Show the latest campaign of each DIR as a table; with --out, write one HTML report of all."
    )
    parser.add_argument(
        "paths",
        nargs="*",
        default=["gradfuzz-out"],
        metavar="DIR",
        help="directories of campaigns (gradfuzz-out)",
    )
    parser.add_argument("--out", metavar="FILE", help="the HTML file to write")


def _add_record(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Compose programs and write the engine's full answers, for `verify` and `--reference FILE`."
    )
    parser.add_argument(
        "--out", required=True, metavar="FILE", help="a .jsonl file, or .jsonl.gz for a small one"
    )
    parser.add_argument("--engine", default="torch", metavar="NAME", help="whose answers (%(default)s)")
    parser.add_argument("--examples", type=_count, default=2000, metavar="N", help="programs (%(default)d)")
    parser.add_argument(
        "--chosen", type=_count, metavar="K", help="keep K of the N, chosen so that they exercise as much"
    )
    parser.add_argument("--seed", type=_natural, default=0, metavar="S", help="seed (%(default)d)")
    parser.add_argument("--ops", metavar="A,B,...", help="compose of these ops only")


def _add_verify(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Run the programs of a file on an engine and compare with the answers recorded there."
    )
    parser.add_argument("file", metavar="FILE", help="a file that `gradfuzz record` wrote")
    parser.add_argument("--subject", default="minigrad", metavar="NAME", help="engine on trial (%(default)s)")
    parser.add_argument("--jobs", type=_count, metavar="J", help="worker processes (default: all cores)")
    parser.add_argument("--known", metavar="FILE", help="accepted differences (default: known.toml if there)")
    _add_out(parser)
    _add_limits(parser)
    parser.set_defaults(
        seconds=None, minutes=None, examples=None, until_stale=None, seed=0, ops=None, resume=False,
        cluster=None, json=False, junit=None, quiet=False,
    )  # fmt: skip


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.description = "Print a finding in a form to paste or to commit."
    parser.add_argument("finding", metavar="FINDING", help="the id of a finding of DIR, or how it begins")
    parser.add_argument(
        "--as", dest="form", choices=("pytest", "torch", "engine", "issue"), default="pytest", help="(%(default)s)"
    )
    _add_out(parser)


def _add_mutants(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Plant one bug at a time in minigrad, fuzz it against torch, and tell after how many programs and "
        "seconds it was caught, by which kind of discrepancy, and how small the program that shows it became."
    )
    parser.add_argument("--only", metavar="PATTERN", help="mutants whose name contains PATTERN")
    parser.add_argument(
        "--again", metavar="FILE", help="mutants that FILE (of --out, or docs/mutants.jsonl) does not tell as caught"
    )
    parser.add_argument(
        "--derived", action="store_true", help="also those made from minigrad's declarations and sources"
    )
    parser.add_argument(
        "--every", type=_count, default=1, metavar="N", help="every Nth of them (%(default)d)"
    )
    parser.add_argument(
        "--seconds-each",
        type=_positive,
        default=60.0,
        metavar="S",
        help="processor time per mutant (%(default)g)",
    )
    parser.add_argument("--jobs", type=_count, metavar="J", help="worker processes (default: all cores)")
    parser.add_argument("--seed", type=_natural, default=0, metavar="S", help="seed (%(default)d)")
    parser.add_argument("--out", metavar="FILE", help="write the table as JSON lines")


def _add_known(parser: argparse.ArgumentParser) -> None:
    parser.description = "Accepted differences: `gradfuzz run` fails only on what is not among them."
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add = actions.add_parser("add", help="accept a finding of DIR")
    add.add_argument("finding", metavar="FINDING", help="its id, or how it begins")
    add.add_argument("--reason", required=True, help="why it is accepted, in a sentence")
    add.add_argument(
        "--side",
        choices=("subject", "reference", "convention"),
        help="who is at fault (default: the verdict)",
    )
    add.add_argument("--link", metavar="URL", help="where it is told")
    add.add_argument("--expires", metavar="DATE", help="from when on it counts as new again: 2027-06-30")
    listing = actions.add_parser("list", help="show what is accepted")
    for one in (add, listing):
        one.add_argument("--known", default="known.toml", metavar="FILE", help="the list (%(default)s)")
        _add_out(one)


def _add_engines(parser: argparse.ArgumentParser, subject: str | None, reference: str | None) -> None:
    parser.add_argument(
        "--subject", default=subject, metavar="NAME", help="the engine on trial (default minigrad)"
    )
    parser.add_argument(
        "--reference", default=reference, metavar="NAME", help="the engine to trust (default torch)"
    )


def _add_out(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--out", default="gradfuzz-out", metavar="DIR", help="where reports and history are (%(default)s)"
    )


def _add_limits(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--timeout-per-program",
        type=_positive,
        default=10.0,
        metavar="S",
        help="a program that takes longer is a finding of kind hang (default %(default)g s)",
    )
    parser.add_argument(
        "--max-memory",
        type=_count,
        default=4096,
        metavar="MIB",
        help="a worker that needs more is a finding of kind memory (default %(default)d MiB)",
    )


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a positive number, not {text}")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {text}")
    return value


def _natural(text: str) -> int:
    value = int(text)
    if not 0 <= value < 2**63:
        raise argparse.ArgumentTypeError(f"must be between 0 and 2**63 - 1, not {text}")
    return value


if __name__ == "__main__":
    sys.exit(main())
