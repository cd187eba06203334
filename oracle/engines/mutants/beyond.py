"""Derived mutants that change something, but nothing that a program of the language can say, by name, with the reason.

What may live here: that table, by reason. What the language could say and no program does yet is no reason.
"""

from __future__ import annotations

_BY_REASON: dict[str, str] = {}
BEYOND: dict[str, str] = {name: reason for reason, names in _BY_REASON.items() for name in names.split()}
"""By the mutant's name."""
