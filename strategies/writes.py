"""Units that write in place: `v0.mul_(v1)`, `v0.zero_()`, `v0[1] = v2`.

What may live here: which value is written, and what becomes of a write that torch refuses: mostly it is put
under no_grad, sometimes it is composed as it is and caught. """

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from oracle.opset import OPS
from oracle.opset.calls import Call, Case, cases_of
from oracle.opset.metas import Meta, can_cast
from oracle.opset.spec import OpSpec
from strategies.calling import called, placed
from strategies.operands import DEFAULT, KINDS, Chosen, meta_of, operands_of, spelled
from strategies.ops import Unit, unseen
from strategies.state import MULTI, OVERLAP, UNCERTAIN, UNTRACKED, Slot, State, Value

DARING: Final = 224  # an extra byte from here on writes into what it names, refused or not
LOUD: Final = 200  # ... and from here on a refused write is caught instead of put under no_grad
COPIED: Final = 112  # ... and below this it goes into a copy of what it names, which has a history
NUMBER: Final = 160  # a second-operand byte from here on is a Python number, where one may stand


def unit_of_write(spec: OpSpec) -> Unit:
    """The unit that writes with this op."""
    return unseen(_unit_of_write(spec)) if spec.saves == "noise" else _unit_of_write(spec)


def _unit_of_write(spec: OpSpec) -> Unit:
    operands = spec.infer.operands
    if not any(operand.many or operand.optional for operand in operands):
        if len(operands) == 1:
            return _alone(spec)
        if len(operands) == 2:
            return _from_another(spec)
    return _general(spec)


APART: Final = frozenset({"indexing"})  # families whose in-place forms refuse to read what they write
_EXACT: Final = frozenset({"dtype"})  # parameters that keep an in-place form from casting


def _alone(spec: OpSpec) -> Unit:
    cases = cases_of(spec.infer.written or spec.infer)
    fresh = spec.infer.operands[0].fresh or DEFAULT

    casts = _casts(spec)

    def fits(value: Value) -> bool:
        return _fitting(cases.of(value.meta), value.meta, 0, casts) is not None

    def unit(state: State, slot: Slot) -> Value | None:
        _, _, extra, first, _, code, more = slot
        x = None
        if extra < DARING:
            x = state.search(first, lambda value: not state.write_refused(value, ()) and fits(value))
        x = x or state.pick(first)
        if not fits(x):
            x = state.constant(fresh, more)
        call = _fitting(cases.of(x.meta), x.meta, code, casts)
        return None if call is None else _write(state, spec, call, x, (), (x.ref,), extra)

    return unit


def _from_another(spec: OpSpec) -> Unit:
    cases = cases_of(spec.infer.written or spec.infer)
    numbers, likes = spec.infer.operands[1].numbers, spec.infer.operands[1].likes
    fresh = spec.infer.operands[0].fresh or DEFAULT
    casts, apart = _casts(spec), spec.family in APART

    def unit(state: State, slot: Slot) -> Value | None:
        _, _, extra, first, second, code, more = slot
        x = None
        if extra < DARING:
            x = state.search(first, lambda value: not state.write_refused(value, ()))
        x = x or state.pick(first)
        if numbers and second >= NUMBER:
            table: Sequence[Any] = state.setting.numbers if isinstance(numbers, bool) else numbers
            number = table[more % len(table)]
            of = KINDS[type(number)]
            call = _fitting(cases.of(x.meta, of), x.meta, code, casts)
            if call is not None:
                return _write(state, spec, call, x, (), (x.ref, number), extra)
        target = x.meta

        def fits(value: Value) -> bool:
            return _fitting(cases.of(target, value.meta), target, 0, casts) is not None

        y = state.leaf_named(second, fits) or state.search(second, fits)
        if y is None and likes is not None:
            y = state.constant(likes(target)[0], more, "grad")
        if y is None:
            x = y = state.constant(fresh, more)
        if apart and (y.store or y) is (x.store or x):
            y = state.constant(y.meta, more)
        call = _fitting(cases.of(x.meta, y.meta), x.meta, code, casts)
        return None if call is None else _write(state, spec, call, x, (y,), (x.ref, y.ref), extra)

    return unit


def _casts(spec: OpSpec) -> bool:
    """Whether the in-place form takes a result of a lower category."""
    return all(param.name not in _EXACT for param in spec.infer.params)


def _fitting(case: Case, target: Meta, code: int, casts: bool) -> Call | None:
    """The call of this number if its result can be written into `target`, else the simplest one that can."""
    if not case.legal:
        return None
    for number in (code, 0):
        call = case.only or case.call(number)
        out = call[1][0]
        if out is target or (casts and out.shape == target.shape and can_cast(out.dtype, target.dtype)):
            return call
    return None


def _general(spec: OpSpec) -> Unit:
    cases = cases_of(spec.infer)
    apart = spec.family in APART

    def unit(state: State, slot: Slot) -> Value | None:
        chosen = operands_of(state, slot, spec)
        if chosen is None:
            return None
        if apart:
            chosen = _apart(state, chosen, slot[6])
        _, _, extra, _, _, code, _ = slot
        call = cases.of(*map(meta_of, chosen)).call(code)
        values, args = spelled(chosen, lists=bool(extra & 1))
        return _write(state, spec, call, values[0], values[1:], args, extra)

    return unit


def _apart(state: State, chosen: Sequence[Chosen], seed: int) -> list[Chosen]:
    """The operands, with a new tensor for each source that shares memory with the target."""
    target = chosen[0]
    if not isinstance(target, Value):
        return list(chosen)
    made: list[Chosen] = [target]
    for one in chosen[1:]:
        shares = isinstance(one, Value) and (one.store or one) is (target.store or target)
        made.append(state.constant(one.meta, seed) if shares and isinstance(one, Value) else one)
    return made


def _write(
    state: State,
    spec: OpSpec,
    call: Call,
    x: Value,
    sources: tuple[Value, ...],
    args: tuple[Any, ...],
    extra: int,
) -> Value | None:
    """The in-place call; one that torch refuses goes into a copy, or under no_grad where that helps, else is caught."""
    refused = state.write_refused(x, sources)
    copied = refused and extra < COPIED and state.grad_on and not state.modes and not x.flags & UNCERTAIN
    if copied:
        clone = OPS["clone"]
        x = called(state, clone, cases_of(clone.infer).of(x.meta).call(0), (x,), args[:1], "method", "clone", False)
        args, refused = (x.ref, *args[1:]), state.write_refused(x, sources)
    shared = [y for y in sources if (y.store or y) is (x.store or x)]
    overlaps = any(y is not x for y in shared)
    quiet = refused and extra < LOUD and not x.flags & OVERLAP and state.grad_on and not state.modes
    if quiet:
        state.modes, state.grad_on, refused = ("no_grad()",), False, False
    uncertain = refused or overlaps or bool(x.flags & (UNTRACKED | MULTI | UNCERTAIN))
    arrangement = call[0]
    kwargs = arrangement.kwargs
    if arrangement.args is None:
        args += arrangement.tail
    else:
        args, kwargs = placed(state, arrangement, args)
    form = spec.forms[0]
    state.emit(form, "" if form == "setindex" else spec.name, args, kwargs, uncertain)
    if not refused:
        state.written(x, sources, spec, uncertain=uncertain or bool(shared))
    if quiet:
        state.modes, state.grad_on = (), True
    return x if copied else None
