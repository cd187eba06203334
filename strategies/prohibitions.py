"""All rules that faulty programs break, by name.

What may live here: the one table of `rules`, `mode_rules`, `argument_rules` and `refused_texts`.
"""

from __future__ import annotations

from typing import Final

from strategies import argument_rules, mode_rules, refused_texts, rules

RULES: Final = {**rules.RULES, **mode_rules.RULES, **argument_rules.RULES, **refused_texts.RULES}
"""Name of the rule to what breaks it: `(state, slot, caught)`; `caught` is for the refused statement."""
