"""Every legal way to call an op on given operand Metas, by number: what the composer draws from.

What may live here: the enumeration of argument values and styles of a call, and its memory. A Case belongs
to one Rule and one tuple of operand Metas, so ops that share a rule share it; `case.call(code)` is the call
of that number with its inferred result. Calls are computed when first asked for and remembered: in the long
run, inference costs one dict lookup. `age_cases` bounds the memory. """

from __future__ import annotations

from functools import cache
from itertools import islice, product
from typing import Any, Final

from oracle.opset.metas import Meta
from oracle.opset.spec import OMIT, Const, Joint, Operand, Outcome, Param, Rule

Operands = tuple[Meta | tuple[Meta, ...] | None, ...]

MOST_NUMEL: Final = 128
MOST_RANK: Final = 5
"""Calls with larger results are left out, so that programs stay small."""
_TRIED: Final = 120  # combinations of argument values looked at before a case counts as illegal


class Arrangement:
    """The arguments of a call, whatever it results in.

    args    all positional arguments with `Place`s for operands, or None: the operands in order, then `tail`
    bare    nothing but operands, so that an operator can say it
    star    a tuple is spread out, which only methods take
    easy    operands first, nothing spread out
    consts  tensors to be written into the program before the call
    """

    __slots__ = ("args", "bare", "consts", "easy", "kwargs", "star", "tail")

    def __init__(
        self,
        args: tuple[Any, ...] | None,
        tail: tuple[Any, ...],
        kwargs: tuple[tuple[str, Any], ...],
        star: bool,
        consts: tuple[Const, ...],
    ) -> None:
        self.args, self.tail, self.kwargs, self.star, self.consts = args, tail, kwargs, star, consts
        self.easy = args is None and not star
        self.bare = self.easy and not tail and not kwargs


Call = tuple[Arrangement, tuple[Meta, ...]]
"""One way to call an op on operands of given Metas, and the inferred Metas of its results."""


class Place:
    """Where operand `index` stands among arguments that are not operands first."""

    __slots__ = ("index",)

    def __init__(self, index: int) -> None:
        self.index = index


class Case:
    """The calls by one rule on operands of given Metas; `legal` is False if there is none.

    Whoever is in a hurry looks at `only` (the one call there is, or None) and at `calls` (those made so far,
    by number modulo `radix`) before asking for `call`.
    """

    __slots__ = ("_columns", "_metas", "_rule", "_simplest", "calls", "legal", "only", "radix")

    def __init__(self, rule: Rule, metas: Operands) -> None:
        self._rule, self._metas = rule, metas
        self.only: Call | None = None
        params = rule.params
        if not params:
            outcome = rule.infer(*metas)
            self.legal = outcome is not None and _drawn(outcome)
            if self.legal:
                self.only = (_bare(rule), _tupled(outcome))
            return
        self.calls: dict[int, Call] = {}
        self._columns = [p.choices(*metas) for p in params]
        radix = 2
        for column in self._columns:
            radix *= len(column)
        self.radix = radix
        self._simplest = self._first_legal()
        self.legal = self._simplest is not None

    def call(self, code: int) -> Call:
        """The call of this number; where torch would refuse it, the simplest one. Only for a legal case."""
        if self.only is not None:
            return self.only
        code %= self.radix
        found = self.calls.get(code)
        if found is None:
            found = self.calls[code] = self._numbered(code)
        return found

    @property
    def remembered(self) -> int:
        """How many calls it holds."""
        return 1 if self.only is not None or not self.legal else len(self.calls)

    def _first_legal(self) -> tuple[tuple[Any, ...], Outcome] | None:
        for chosen in islice(product(*self._columns), _TRIED):
            outcome = self._infer(chosen)
            if outcome is not None:
                return chosen, outcome
        return None

    def _infer(self, chosen: tuple[Any, ...]) -> Outcome:
        """What the rule says to these values; None also for results too large."""
        rule = self._rule
        values = [
            default if value is OMIT else value.values if type(value) is Joint else value
            for value, default in zip(chosen, rule.defaults, strict=True)
        ]
        if rule.operands_first:
            outcome = rule.infer(*self._metas, *values)
        else:
            operands, others = iter(self._metas), iter(values)
            outcome = rule.infer(*(next(operands if type(p) is Operand else others) for p in rule.parameters))
        return outcome if outcome is not None and _drawn(outcome) else None

    def _numbered(self, code: int) -> Call:
        rest, style = divmod(code, 2)
        values: list[Any] = []
        for column in self._columns:
            rest, choice = divmod(rest, len(column))
            values.append(column[choice])
        chosen = tuple(values)
        outcome = self._infer(chosen)
        if outcome is not None:
            return self._arranged(code, chosen, bool(style)), _tupled(outcome)
        if self._simplest is None:
            raise ValueError("an illegal case has no calls; look at `legal` first")
        return arranged(self._rule, self._simplest[0], bool(style)), _tupled(self._simplest[1])

    def _arranged(self, code: int, chosen: tuple[Any, ...], keywords: bool) -> Arrangement:
        """Cases with the very same columns share arrangements; by identity, since 1 and 1.0 are equal."""
        key = (self._rule, code, *map(id, self._columns))
        found = _ARRANGEMENTS.get(key)
        if found is None:
            if len(_ARRANGEMENTS) >= _MOST_ARRANGEMENTS:
                _ARRANGEMENTS.clear()
            made = arranged(self._rule, chosen, keywords)
            found = _ARRANGEMENTS[key] = (made, self._columns)  # which keeps the columns, and so their ids
        return found[0]


_ARRANGEMENTS: dict[Any, tuple[Arrangement, Any]] = {}
_MOST_ARRANGEMENTS: Final = 3000


def _tupled(outcome: Outcome) -> tuple[Meta, ...]:
    if isinstance(outcome, Meta):
        return (outcome,)
    return () if outcome is None else outcome


def _drawn(outcome: Outcome) -> bool:
    """Whether results are such as programs may have: small ones, of a dtype that NumPy knows."""
    return all(
        out.numel <= MOST_NUMEL and out.rank <= MOST_RANK and out.dtype != "complex32" for out in _tupled(outcome)
    )


@cache
def _bare(rule: Rule) -> Arrangement:
    """The one arrangement of a rule without parameters."""
    return arranged(rule, (), False)


def arranged(rule: Rule, chosen: tuple[Any, ...], keywords: bool) -> Arrangement:
    """The arguments with one chosen value for each Param.

    What follows an omitted argument goes by keyword; `keywords` asks for keywords, or for tuples spread out,
    wherever that may be.
    """
    args: list[Any] = []
    kwargs: list[tuple[str, Any]] = []
    values = iter(chosen)
    index = 0
    by_name = star = False
    for parameter in rule.parameters:
        if isinstance(parameter, Operand):
            if by_name:
                kwargs.append((parameter.name, Place(index)))
            else:
                args.append(Place(index))
            index += 1
            continue
        value = next(values)
        if value is OMIT:
            by_name = by_name or parameter.keyword != "must"
        elif isinstance(value, Joint):
            args.extend(value.values)
        elif _goes_by_name(parameter, by_name, keywords):
            by_name = True
            kwargs.append((parameter.name, value))
        elif keywords and parameter.star and value:
            star = True
            args.extend(value)
        else:
            args.append(value)
    operands = len(rule.operands)
    leading = [place for place in args[:operands] if isinstance(place, Place)]
    consts = tuple(_consts((*args, *(value for _, value in kwargs))))
    if len(leading) == operands and not consts:
        return Arrangement(None, tuple(args[operands:]), tuple(kwargs), star, ())
    return Arrangement(tuple(args), (), tuple(kwargs), star, consts)


def _consts(values: tuple[Any, ...]) -> list[Const]:
    """The constants among values and in tuples of them."""
    found: list[Const] = []
    for value in values:
        if type(value) is tuple:
            found += _consts(value)
        elif isinstance(value, Const):
            found.append(value)
    return found


def _goes_by_name(parameter: Param, by_name: bool, keywords: bool) -> bool:
    if parameter.keyword == "may":
        return by_name or (keywords and not parameter.star)
    return parameter.keyword == "must"


class Cases:
    """The cases of one rule, by the Metas of its operands: those used lately in `table`, others set aside."""

    __slots__ = ("_aside", "rule", "table")

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.table: dict[Any, Case] = {}
        self._aside: dict[Any, Case] = {}

    def of(self, *metas: Any) -> Case:
        """The case of these operands; the key is the Meta itself where there is one operand only."""
        key = metas[0] if len(metas) == 1 else metas
        found = self.table.get(key)
        if found is None:
            found = self._aside.get(key) or Case(self.rule, metas)
            self.table[key] = found if found.legal else ILLEGAL
        return found

    @property
    def held(self) -> int:
        """How many cases and calls were used lately."""
        return len(self.table) + sum(case.remembered for case in self.table.values())

    def age(self) -> None:
        """Sets aside what was used lately, and drops what was set aside before and not used since."""
        self._aside = dict(self.table)
        self.table.clear()


@Rule.of
def _never() -> None:
    return None


ILLEGAL: Final = Case(_never, ())
"""Stands for every illegal case."""

_CASES: dict[Rule, Cases] = {}


def cases_of(rule: Rule) -> Cases:
    """The one table of cases of this rule."""
    found = _CASES.get(rule)
    if found is None:
        found = _CASES[rule] = Cases(rule)
    return found


def age_cases(limit: int) -> None:
    """Drops what was not used for long, if more than `limit` cases and calls were used lately."""
    if sum(cases.held for cases in _CASES.values()) > limit:
        for cases in _CASES.values():
            cases.age()
