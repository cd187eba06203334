"""Derived mutants that cannot be told from minigrad, by name, with the reason for each.

What may live here: that table. What a rule can tell is not made in the first place (see `declarations`).
"""

from __future__ import annotations

EQUIVALENT: dict[str, str] = {}
"""By the mutant's name."""
