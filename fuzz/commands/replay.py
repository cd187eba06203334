"""`gradfuzz replay`: one program again on both engines; still there, gone, or changed.

What may live here: finding the program and wording the answer. A file is parsed, never executed.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from fuzz.cli import FAULT, FOUND, OK
from fuzz.plan import Plan
from fuzz.replaying import Replayed, replay
from fuzz.stored import find
from oracle.errors import BadProgramError, HarnessError
from oracle.program.parser import parse
from oracle.program.program import Program

SIGNATURE = re.compile(r"^# signature: (.+)$", re.MULTILINE)
LARGEST = 2**20  # bytes of a program file; nothing that gradfuzz writes comes near


def main(args: argparse.Namespace) -> int:
    program, signature, subject, reference = _wanted(args)
    plan = Plan("replay", subject, reference, 0, timeout=args.timeout_per_program, max_memory=args.max_memory)
    return _say(replay(plan, program), signature, plan)


def _wanted(args: argparse.Namespace) -> tuple[Program, str | None, str, str]:
    """Program, signature if known, subject and reference: from a file, or from the history by finding."""
    path = Path(args.what)
    if path.is_file() or path.suffix == ".py":
        text = _text(path)
        try:
            program = parse(text)
        except BadProgramError as error:
            raise HarnessError(f"{path} is no program that gradfuzz can replay: {error}") from error
        found = SIGNATURE.search(text)
        signature = found.group(1) if found else None
        return program, signature, args.subject or "minigrad", args.reference or "torch"
    finding, run = find(args.out, args.what)
    return finding.program, finding.signature, args.subject or run.subject, args.reference or run.reference


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise HarnessError(
                f"{path} is larger than any program file ({LARGEST} bytes); is it the right one?"
            )
        return path.read_text("utf-8")
    except OSError as error:
        raise HarnessError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise HarnessError(f"{path} is no program: it is not UTF-8 text (byte {error.start}).") from error


def _say(result: Replayed, signature: str | None, plan: Plan) -> int:
    if result.unsupported is not None:
        print(f"not run: {result.unsupported}")
        return FAULT
    if not result.words:
        print(f"gone: {plan.subject} and {plan.reference} agree")
        return OK
    changed = signature is not None and signature not in result.signatures
    print("changed: they differ, but not as they did" if changed else "still there")
    for words in result.words:
        print(f"  {words}")
    if changed:
        print(f"  it was: {signature}")
    return FOUND
