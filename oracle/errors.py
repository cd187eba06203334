"""Errors of the harness itself. An engine's errors are data (`observation.Raised`), never these."""

from __future__ import annotations


class HarnessError(Exception):
    """A mistake of ours or of whoever called us: raised at once, never reported as a discrepancy."""


class BadProgramError(HarnessError):
    """A text or an instruction list that is not a program; the message names the line and the way out."""
