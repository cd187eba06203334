"""Every legal call of an op on given operand Metas, by number: what the composer draws from.

What may live here: the enumeration of forms, argument values and styles of a call, and its memory. A Case
belongs to one op and one tuple of operand Metas; `case.call(code)` is the call of that number, with its
inferred result. Calls are computed when first asked for and remembered, so that inference costs one dict
lookup in the long run. `forget_calls` bounds the memory.
"""

from __future__ import annotations

from typing import Any

from oracle.opset.metas import Meta
from oracle.opset.spec import OMIT, Const, Joint, OpSpec, Operand, Param

_remembered: list[dict[Any, Any]] = []
_count = 0


class Call:
    """One way to call an op: `args` with operands by position in `places`, constants beside them.

    leading   whether the operands come first, so that the arguments are operands + `tail`
    reversed_ whether the operator takes them the other way round (a Python number on the left)
    outs      the inferred Metas
    consts    tensors to be written into the program before the call
    """

    __slots__ = ("args", "consts", "form", "kwargs", "op", "outs", "tail", "unpack")

    def __init__(self, form: str, op: str, args: tuple[Any, ...] | None, tail: tuple[Any, ...],
                 kwargs: tuple[tuple[str, Any], ...], outs: tuple[Meta, ...], unpack: bool,
                 consts: tuple[Const, ...]) -> None:  # fmt: skip
        self.form, self.op, self.args, self.tail = form, op, args, tail
        self.kwargs, self.outs, self.unpack, self.consts = kwargs, outs, unpack, consts


class Place:
    """Where operand `index` stands among arguments that are not operands first."""

    __slots__ = ("index",)

    def __init__(self, index: int) -> None:
        self.index = index


class Case:
    """The calls of one op on operands of given Metas. `legal` is False if there is none."""

    __slots__ = ("_calls", "_columns", "_forms", "_metas", "_radix", "_spec", "legal", "simplest")

    def __init__(self, spec: OpSpec, metas: tuple[Meta | tuple[Meta, ...] | None, ...]) -> None:
        self._spec, self._metas = spec, metas
        self._forms = self._legal_forms()
        self._columns = [tuple(p.choices(*metas)) for p in spec.infer.params]
        radix = len(self._forms) * 2
        for column in self._columns:
            radix *= len(column)
        self._radix = radix
        self._calls: dict[int, Call] = {}
        self.simplest = self._first_legal()
        self.legal = self.simplest is not None

    def call(self, code: int) -> Call:
        """The call of this number; where it would be refused, the simplest one. Only for a legal case."""
        code %= self._radix
        found = self._calls.get(code)
        if found is None:
            found = self._remember(code, self._make(code) or self.simplest)
        return found

    def _remember(self, code: int, call: Call | None) -> Call:
        global _count
        assert call is not None  # of a legal case; callers look at `legal` first
        if not self._calls:
            _remembered.append(self._calls)
        self._calls[code] = call
        _count += 1
        return call

    def _legal_forms(self) -> tuple[tuple[str, str], ...]:
        spec, forms = self._spec, []
        number_first = bool(self._metas) and isinstance(self._metas[0], Meta) and self._metas[0].number
        for form in spec.forms:
            if not number_first or (spec.number_first and form == "call"):
                forms.append((form, "" if form in ("index", "setindex") else spec.name))
        if spec.operator is not None:
            forms.append(("operator", spec.operator))
        return tuple(forms)

    def _first_legal(self) -> Call | None:
        for code in range(min(self._radix, 200)):
            call = self._make(code)
            if call is not None:
                return call
        return None

    def _make(self, code: int) -> Call | None:
        """The call of this number, or None where the rule refuses it."""
        spec = self._spec
        code, form_number = divmod(code, len(self._forms))
        form, op = self._forms[form_number]
        chosen: list[Any] = []
        for column in self._columns:
            code, choice = divmod(code, len(column))
            chosen.append(column[choice])
        keywords = bool(code % 2)
        if form in ("operator", "index") and spec.infer.operands and any(
            value is not OMIT for value in chosen if form == "operator"
        ):
            return None
        operands, values = iter(self._metas), iter(chosen)
        seen = []
        for parameter in spec.infer.parameters:
            if isinstance(parameter, Operand):
                seen.append(next(operands))
            else:
                value = next(values)
                value = parameter.default if value is OMIT else value
                seen.append(value.values if isinstance(value, Joint) else value)
        inferred = spec.infer.infer(*seen)
        if inferred is None:
            return None
        outs = inferred if isinstance(inferred, tuple) else (inferred,)
        args, kwargs = arrange(spec, chosen, form, keywords)
        leading = all(isinstance(arg, Place) and arg.index == i for i, arg in enumerate(args[: len(self._metas)]))
        consts = tuple(arg for arg in args if isinstance(arg, Const))
        consts += tuple(value for _, value in kwargs if isinstance(value, Const))
        plain = leading and not consts and not any(isinstance(value, Place) for _, value in kwargs)
        return Call(
            form, op, None if plain else args, args[len(self._metas):] if plain else (), kwargs, outs,
            spec.outs == "many", consts,
        )  # fmt: skip


def arrange(
    spec: OpSpec, chosen: list[Any], form: str, keywords: bool
) -> tuple[tuple[Any, ...], tuple[tuple[str, Any], ...]]:
    """Positional and keyword arguments of a call, operands as `Place`s.

    `chosen` has a value for each Param; what follows an omitted argument goes by keyword; `keywords` asks
    for keywords wherever they may be.
    """
    args: list[Any] = []
    kwargs: list[tuple[str, Any]] = []
    values = iter(chosen)
    operand = 0
    by_name = False
    for parameter in spec.infer.parameters:
        if isinstance(parameter, Operand):
            place = Place(operand)
            operand += 1
            if by_name:
                kwargs.append((parameter.name, place))
            else:
                args.append(place)
            continue
        value = next(values)
        if value is OMIT:
            by_name = by_name or parameter.keyword != "must"
        elif isinstance(value, Joint):
            args.extend(value.values)
        elif parameter.keyword == "must" or (by_name and parameter.keyword == "may"):
            kwargs.append((parameter.name, value))
        elif keywords and parameter.keyword == "may" and _names_allowed(spec, parameter):
            by_name = True
            kwargs.append((parameter.name, value))
        elif keywords and parameter.star and form == "method" and value:
            args.extend(value)
        else:
            args.append(value)
    return tuple(args), tuple(kwargs)


def _names_allowed(spec: OpSpec, parameter: Param) -> bool:
    return not parameter.star


def forget_calls(limit: int) -> None:
    """Forgets all remembered calls when there are more than `limit`; they are computed anew when needed."""
    global _count
    if _count > limit:
        for calls in _remembered:
            calls.clear()
        _remembered.clear()
        _count = 0
