"""What a planted bug is, as data.

What may live here: `Mutant`. How one is put into minigrad is in `planting`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """One bug: in `target`, `old` becomes `new`.

    target   `module:function` or `module:Class.method` (a property means its getter); `source MODULE` its text
             from `place` on; `op NAME` the generated public function of an op, `inplace NAME` its in-place form;
             `kernel OP` its kernel; `formula OP PARAMETER` a formula, where `new` is an expression that wraps it
             under the name F; `saved OP PARAMETER` what a formula asks for; `flag OP` a flag of its declaration,
             to be False; `label NODE` the name of a node class.
    about    what is wrong, in one line.
    ops      ops that programs need to show it; empty for any.
    simple   whether it shows in a program of at most six instructions.
    equivalent   the reason why nothing observable differs, for mutants that cannot be caught.
    beyond   the reason why no program of the language can show it, for mutants that other callers can tell.
    family   what kind of mistake it is.
    features what programs need beside ops to show it; empty for what is composed by default.
    """

    name: str
    target: str
    old: str
    new: str
    about: str
    ops: tuple[str, ...] = ()
    simple: bool = True
    equivalent: str = ""
    family: str = "by hand"
    features: tuple[str, ...] = ()
    place: int = 0
    beyond: str = ""
