"""Units that write in place: `v0.mul_(v1)`, `v0.zero_()`, `v0[1] = v2`.

What may live here: which value is written, and what becomes of a write that torch refuses: mostly it is put under
no_grad, sometimes it is composed as it is and caught.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from oracle.opset.calls import Call, cases_of
from oracle.opset.spec import OpSpec
from strategies.ops import DEFAULT, KINDS, Unit, meta_of, operands_of, placed, spelled
from strategies.state import MULTI, OVERLAP, UNCERTAIN, UNTRACKED, Slot, State, Value

DARING: Final = 224  # an extra byte from here on writes into what it names, refused or not
LOUD: Final = 200  # ... and from here on a refused write is caught instead of put under no_grad
NUMBER: Final = 160  # a second-operand byte from here on is a Python number, where one may stand


def unit_of_write(spec: OpSpec) -> Unit:
    """The unit that writes with this op."""
    operands = spec.infer.operands
    if not any(operand.many or operand.optional for operand in operands):
        if len(operands) == 1:
            return _alone(spec)
        if len(operands) == 2:
            return _from_another(spec)
    return _general(spec)


def _alone(spec: OpSpec) -> Unit:
    cases = cases_of(spec.infer)
    fresh = spec.infer.operands[0].fresh or DEFAULT

    def unit(state: State, slot: Slot) -> Value | None:
        _, _, extra, first, _, low, high, _ = slot
        x = None
        if extra < DARING:
            x = state.search(first, lambda v: not state.write_refused(v, ()) and cases.of(v.meta).legal)
        x = x or state.pick(first)
        case = cases.of(x.meta)
        if not case.legal:
            x = state.constant(fresh, slot[7])
            case = cases.of(x.meta)
        if not case.legal:
            return None
        return _write(state, spec, case.call(low | high << 8), x, (), (x.ref,), extra)

    return unit


def _from_another(spec: OpSpec) -> Unit:
    cases = cases_of(spec.infer)
    numbers = spec.infer.operands[1].numbers
    fresh = spec.infer.operands[0].fresh or DEFAULT

    def unit(state: State, slot: Slot) -> Value | None:
        _, _, extra, first, second, low, high, more = slot
        x = None
        if extra < DARING:
            x = state.search(first, lambda value: not state.write_refused(value, ()))
        x = x or state.pick(first)
        if numbers and second >= NUMBER:
            table: Sequence[Any] = state.numbers if isinstance(numbers, bool) else numbers
            number = table[more % len(table)]
            case = cases.of(x.meta, KINDS[type(number)])
            if case.legal:
                return _write(state, spec, case.call(low | high << 8), x, (), (x.ref, number), extra)
        y = state.search(second, lambda value: cases.of(x.meta, value.meta).legal)
        if y is None:
            x = y = state.constant(fresh, more)
        case = cases.of(x.meta, y.meta)
        if not case.legal:
            return None
        return _write(state, spec, case.call(low | high << 8), x, (y,), (x.ref, y.ref), extra)

    return unit


def _general(spec: OpSpec) -> Unit:
    cases = cases_of(spec.infer)

    def unit(state: State, slot: Slot) -> Value | None:
        chosen = operands_of(state, slot, spec)
        if chosen is None:
            return None
        _, _, extra, _, _, low, high, _ = slot
        call = cases.of(*map(meta_of, chosen)).call(low | high << 8)
        values, args = spelled(chosen, lists=bool(extra & 1))
        return _write(state, spec, call, values[0], values[1:], args, extra)

    return unit


def _write(state: State, spec: OpSpec, call: Call, x: Value, sources: tuple[Value, ...], args: tuple[Any, ...],
           extra: int) -> Value | None:  # fmt: skip
    refused = state.write_refused(x, sources)
    if spec.grad == "untracked" and state.grad_on and (x.nodes or any(y.nodes for y in sources)):
        refused = True
    shared = [y for y in sources if (y.store or y) is (x.store or x)]
    overlaps = any(y is not x for y in shared)
    quiet = refused and extra < LOUD and not x.flags & OVERLAP and state.grad_on and not state.modes
    if quiet:
        state.modes, state.grad_on, refused = ("no_grad()",), False, False
    uncertain = refused or overlaps or bool(x.flags & (UNTRACKED | MULTI | UNCERTAIN))
    kwargs = call.kwargs
    if call.args is None:
        args += call.tail
    else:
        args, kwargs = placed(state, call, args)
    form = spec.forms[0]
    state.emit(form, "" if form == "setindex" else spec.name, args, kwargs, uncertain)
    if not refused:
        state.written(x, sources, spec, uncertain=uncertain or bool(shared))
    if quiet:
        state.modes, state.grad_on = (), True
    return None
