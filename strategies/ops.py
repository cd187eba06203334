"""Units that call an op of the opset: one closure per op, made once per grammar from its declaration.

What may live here: the units of ops that do not write. A unit is a function of the state and the fields of
its slot; it returns the value that the slot stands for, or None. Ops of one and two tensors, nearly all that
is drawn, have units of their own, with the common case of `calling.called` written out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from oracle.opset.calls import Case, cases_of
from oracle.opset.metas import Meta
from oracle.opset.spec import OpSpec
from oracle.program.language import Instruction
from strategies.calling import called, viewed
from strategies.operands import DEFAULT, KINDS, meta_of, operands_of, partner, spelled
from strategies.state import BURIED, OUTS, REFS, Slot, State, Value, new
from strategies.values import GRAD, taste

Unit = Callable[[State, Slot], Value | None]

CAUGHT: Final = 250  # an extra byte from here on has the instruction caught though it is sure to succeed
NUMBER: Final = 216  # a second-operand byte from here on is a Python number, where one may stand
NUMBER_LEFT: Final = 242  # ... and from here on it stands on the left
AGAIN: Final = 196  # ... and from here to NUMBER the first operand stands there again
_UNNAMED: Final = frozenset({"index", "setindex"})  # forms whose op is empty


def unit_of_call(spec: OpSpec) -> Unit:
    """The unit that calls this op, which does not write."""
    return unseen(_unit_of_call(spec)) if spec.saves == "noise" else _unit_of_call(spec)


def unseen(unit: Unit) -> Unit:
    """The unit, but where hooks would see what its op saves: then nothing."""

    def where_unseen(state: State, slot: Slot) -> Value | None:
        return None if any("saved_tensors" in mode for mode in state.modes) else unit(state, slot)

    return where_unseen


def _unit_of_call(spec: OpSpec) -> Unit:
    operands = spec.infer.operands
    if not operands:
        return _creating(spec)
    if spec.checked:
        return _checked(spec)
    if not any(operand.many or operand.optional or operand.made for operand in operands):
        if len(operands) == 1:
            return _unary(spec)
        if len(operands) == 2:
            return _binary(spec)
    return _general(spec)


def latest(state: State, fits: Callable[[Value], bool]) -> Value | None:
    """One of the last two values if it fits."""
    for value in state.values[:-3:-1]:
        if not value.flags & BURIED and fits(value):
            return value
    return None


def forms_of(spec: OpSpec, number_first: bool = False) -> tuple[tuple[str, str, bool], ...]:
    """256 entries, extra byte to form, op and whether it is caught; the simplest at 0."""
    name = spec.name.rpartition(".")[2]
    forms: list[tuple[str, str]] = []
    for form in spec.forms:
        if form == "call" and (spec.number_first or not number_first):
            forms.append((form, spec.name))
        elif not number_first:
            forms.append((form, "" if form in _UNNAMED else name))
    if spec.operator is not None:
        forms.append(("operator", spec.operator))
    return tuple((*forms[byte % len(forms)], byte >= CAUGHT) for byte in range(256))


def _unary(spec: OpSpec) -> Unit:
    cases = cases_of(spec.infer)
    get = cases.table.get
    fresh = spec.infer.operands[0].fresh or DEFAULT
    forms = forms_of(spec)
    liked, needs_dense, view = taste(spec.domain, spec.edges), spec.needs_dense, spec.view
    dense, easy = spec.dense is True, spec.outs == "one" and spec.grad is True

    def fits(value: Value) -> bool:
        return (value.dense or not needs_dense) and cases.of(value.meta).legal

    def unit(state: State, slot: Slot) -> Value | None:
        _, _, extra, first, _, code, more = slot
        x = state.near[state.named[first]]
        since = -1
        if x is None or x.many is not None:
            since = len(state.instructions)
            x = state.pick(first, liked)
        case = get(x.meta) or cases.of(x.meta)
        if not case.legal or (needs_dense and not x.dense):
            if since >= 0:
                state.retract(x, since)
            x = latest(state, fits) or state.constant(fresh, more, "grad", liked)
            case = cases.of(x.meta)
        form, op, caught = forms[extra]
        call = case.only or case.calls.get(code % case.radix) or case.call(code)
        arrangement, outs = call
        if not (easy and (arrangement.bare or (arrangement.easy and form != "operator"))):
            return called(state, spec, call, (x,), (x.ref,), form, op, caught)
        n = state.count
        state.count = n + 1
        args, kwargs = (x.ref, *arrangement.tail), arrangement.kwargs
        state.instructions.append(
            new(Instruction, (OUTS[n], form, op, args, kwargs, False, state.modes, caught))
        )
        value = Value(REFS[n], outs[0], spec, (x,))
        if x.nodes and state.grad_on and value.meta.differentiable:
            node = state.next_node
            state.next_node = node << 1
            value.node = node
            value.nodes = x.nodes | node
            state.latest = value
        if not (dense and x.dense):
            value.dense = False
        if view:
            viewed(state, spec, value, x)
        state.values.append(value)
        return value

    return unit


def _binary(spec: OpSpec) -> Unit:
    cases = cases_of(spec.infer)
    get = cases.table.get
    first_operand, second_operand = spec.infer.operands
    numbers, likes = second_operand.numbers, second_operand.likes
    fresh = first_operand.fresh or DEFAULT
    forms, liked = forms_of(spec), taste(spec.domain, spec.edges)
    plain, tracked = _is_plain(spec), second_operand.tracked
    swapped = forms_of(spec, True) if spec.operator is not None or spec.number_first else None

    def with_number(state: State, slot: Slot, x: Value) -> Value | None:
        _, _, extra, _, second, code, more = slot
        table: Sequence[Any] = state.setting.numbers if isinstance(numbers, bool) else numbers
        number = table[more % len(table)]
        kind = KINDS[type(number)]
        left = swapped is not None and second >= NUMBER_LEFT
        case = cases.of(kind, x.meta) if left else cases.of(x.meta, kind)
        if not case.legal:
            return None
        call = case.call(code)
        if left and not call[0].bare:
            call = case.call(0)
        form, op, caught = swapped[extra] if swapped is not None and left else forms[extra]
        args = (number, x.ref) if left else (x.ref, number)
        value = called(state, spec, call, (x,), args, form, op, caught)
        if left and spec.number_first == "refused":
            state.stale |= value.node
        return value

    def unit(state: State, slot: Slot) -> Value | None:
        _, _, extra, first, second, code, more = slot
        x = state.near[state.named[first]]
        since = then = -1
        if x is None or x.many is not None:
            since = len(state.instructions)
            x = state.pick(first, liked)
        if second >= NUMBER and numbers:
            value = with_number(state, slot, x)
            if value is not None:
                return value
        y = x
        if second < AGAIN:
            named = state.near[state.named[second]]
            if named is None or named.many is not None:
                then = len(state.instructions)
                named = state.pick(second, liked)
            y = named
        case = get((x.meta, y.meta)) or cases.of(x.meta, y.meta)
        if not case.legal:
            if then >= 0:
                state.retract(y, then)
            z = partner(state, cases.of, likes, x, second, more, liked)
            if z is None:
                if since >= 0:
                    state.retract(x, since)
                x = state.constant(fresh, more, "grad", liked)
                z = partner(state, cases.of, likes, x, second, more, liked)
            if z is None:
                return None
            y = z
            case = cases.of(x.meta, y.meta)
        call = case.only or case.calls.get(code % case.radix) or case.call(code)
        form, op, caught = forms[extra]
        if not (plain and call[0].bare):
            sources = (x, y) if tracked else (x,)
            return called(state, spec, call, sources, (x.ref, y.ref), form, op, caught)
        n = state.count
        state.count = n + 1
        state.instructions.append(
            new(Instruction, (OUTS[n], form, op, (x.ref, y.ref), (), False, state.modes, caught))
        )
        value = Value(REFS[n], call[1][0], spec, (x, y))
        nodes = x.nodes | y.nodes
        if nodes and state.grad_on and value.meta.differentiable:
            node = state.next_node
            state.next_node = node << 1
            value.node = node
            value.nodes = nodes | node
            state.latest = value
        if not (x.dense and y.dense):
            value.dense = False
        state.values.append(value)
        return value

    return unit


def _is_plain(spec: OpSpec) -> bool:
    """Whether `called` would have nothing to do for a bare call but bind one result with a history."""
    tracked = all(operand.tracked for operand in spec.infer.operands)
    return tracked and spec.outs == "one" and not spec.view and spec.grad is True and spec.dense is True


def _general(spec: OpSpec) -> Unit:
    """Any number of tensors, lists of them, optional ones."""
    cases = cases_of(spec.infer)
    forms, operands = forms_of(spec), spec.infer.operands

    def unit(state: State, slot: Slot) -> Value | None:
        chosen = operands_of(state, slot, spec)
        if chosen is None:
            return None
        _, _, extra, _, _, code, _ = slot
        call = cases.of(*map(meta_of, chosen)).call(code)
        form, op, caught = forms[extra]
        _, args = spelled(chosen, lists=bool(extra & 1))
        sources, _ = spelled([one for one, of in zip(chosen, operands, strict=True) if of.tracked])
        return called(state, spec, call, sources, args, form, op, caught)

    return unit


def _checked(spec: OpSpec) -> Unit:
    """New tensors alone, of the Metas of live ones, with values that the op takes."""
    cases = cases_of(spec.infer)
    forms, operands, liked = forms_of(spec), spec.infer.operands, taste(spec.domain, spec.edges)

    def unit(state: State, slot: Slot) -> Value | None:
        _, _, extra, first, second, code, more = slot
        named = state.near[state.named[first]]
        for of in (DEFAULT if named is None else named.meta, operands[0].fresh or DEFAULT):
            metas = [of]
            for operand in operands[1:]:
                likes: Sequence[Meta] = (of,) if operand.likes is None else operand.likes(*metas)
                metas.append(likes[second % len(likes)])
            case = cases.of(*metas)
            if case.legal:
                values = tuple(state.constant(one, more + k, "grad", liked) for k, one in enumerate(metas))
                form, op, caught = forms[extra]
                refs = tuple(value.ref for value in values)
                return called(state, spec, case.call(code), values, refs, form, op, caught)
        return None

    return unit


def _creating(spec: OpSpec) -> Unit:
    case = Case(spec.infer, ())

    def unit(state: State, slot: Slot) -> Value | None:
        call = case.call(slot[5])
        value = called(state, spec, call, (), (), "call", spec.name, False)
        if GRAD in call[0].kwargs:
            state.rooted(value)
        return value

    return unit
