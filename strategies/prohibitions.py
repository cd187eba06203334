"""All rules that faulty programs break, by name.

What may live here: the one table of `rules` and `mode_rules`.
"""

from __future__ import annotations

from typing import Final

from strategies import argument_rules, mode_rules, rules

RULES: Final = {**rules.RULES, **mode_rules.RULES, **argument_rules.RULES}
"""Name of the rule to what breaks it: `(state, slot, caught)`; `caught` is for the refused statement."""
