"""Units that call an op of the opset: one closure per op, made once per grammar from its declaration.

What may live here: how operands are chosen and a call is written, for any OpSpec that does not write. A unit is
a function of the state and the bytes of its slot; it returns the value that the slot stands for, or None. Ops of
one and two tensors, nearly all of what is drawn, have units of their own; the general one serves the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from oracle.opset.calls import Arrangement, Call, Case, Place, cases_of
from oracle.opset.metas import Meta, meta
from oracle.opset.spec import Const, OpSpec
from oracle.program.language import Instruction, ListArg
from strategies.values import GRAD
from strategies.state import (
    DTYPE,
    MULTI,
    NAMES,
    OUTS,
    OVERLAP,
    REFS,
    UNCERTAIN,
    UNTRACKED,
    Slot,
    State,
    Value,
    new,
)

Unit = Callable[[State, Slot], Value | None]
Edges = tuple[float, ...]

CAUGHT: Final = 250  # an extra byte from here on has the instruction caught though it is sure to succeed
NUMBER: Final = 216  # a second-operand byte from here on is a Python number, where one may stand
NUMBER_LEFT: Final = 242  # ... and from here on it stands on the left
AGAIN: Final = 196  # ... and from here to NUMBER the first operand stands there again
DEFAULT: Final = meta((2,), "float32")
KINDS: Final[dict[type, Meta]] = {
    bool: meta((), "py_bool"),
    int: meta((), "py_int"),
    float: meta((), "py_float"),
    complex: meta((), "py_complex"),
}
_UNNAMED: Final = frozenset({"index", "setindex"})  # forms whose op is empty


def unit_of_call(spec: OpSpec) -> Unit:
    """The unit that calls this op, which does not write."""
    operands = spec.infer.operands
    if not operands:
        return _creating(spec)
    if not any(operand.many or operand.optional for operand in operands):
        if len(operands) == 1:
            return _unary(spec)
        if len(operands) == 2:
            return _binary(spec)
    return _general(spec)


def forms_of(spec: OpSpec, number_first: bool = False) -> tuple[tuple[str, str], ...]:
    """256 entries, extra byte to form and op, the simplest at 0."""
    name = spec.name.rpartition(".")[2]
    forms: list[tuple[str, str]] = []
    for form in spec.forms:
        if form == "call" and (spec.number_first or not number_first):
            forms.append((form, spec.name))
        elif not number_first:
            forms.append((form, "" if form in _UNNAMED else name))
    if spec.operator is not None:
        forms.append(("operator", spec.operator))
    return tuple(forms[i % len(forms)] for i in range(256))


def _unary(spec: OpSpec) -> Unit:
    cases = cases_of(spec.infer)
    get = cases.table.get
    fresh = spec.infer.operands[0].fresh or DEFAULT
    forms = forms_of(spec)
    edges, needs_dense, plain = spec.edges, spec.needs_dense, _is_plain(spec)

    def fits(value: Value) -> bool:
        return (value.dense or not needs_dense) and cases.of(value.meta).legal

    def unit(state: State, slot: Slot) -> Value | None:
        _, _, extra, first, _, low, high, more = slot
        since = len(state.instructions)
        x = state.pick(first, edges)
        case = get(x.meta) or cases.of(x.meta)
        if not case.legal or (needs_dense and not x.dense):
            state.retract(x, since)
            x = state.search(first, fits) or state.constant(fresh, more, "grad", edges)
            case = cases.of(x.meta)
        call = case.only or case.call(low | high << 8)
        form, op = forms[extra]
        if not (plain and call[0].bare):
            return called(state, spec, call, (x,), (x.ref,), form, op, extra >= CAUGHT)
        n = state.count
        state.count = n + 1
        state.instructions.append(
            new(Instruction, (OUTS[n], form, op, (x.ref,), (), False, state.modes, extra >= CAUGHT))
        )
        value = Value(REFS[n], call[1][0], spec, (x,))
        if x.nodes and state.grad_on and value.meta.differentiable:
            node = state.next_node
            state.next_node = node << 1
            value.node = node
            value.nodes = x.nodes | node
        if not x.dense:
            value.dense = False
        state.values.append(value)
        return value

    return unit


def _binary(spec: OpSpec) -> Unit:
    cases = cases_of(spec.infer)
    get = cases.table.get
    first_operand, second_operand = spec.infer.operands
    numbers, likes = second_operand.numbers, second_operand.likes
    fresh = first_operand.fresh or DEFAULT
    forms, edges, plain, tracked = forms_of(spec), spec.edges, _is_plain(spec), second_operand.tracked
    swapped = forms_of(spec, True) if spec.operator is not None or spec.number_first else None

    def with_number(state: State, slot: Slot, x: Value) -> Value | None:
        _, _, extra, _, second, low, high, more = slot
        table: Sequence[Any] = state.numbers if isinstance(numbers, bool) else numbers
        number = table[more % len(table)]
        kind = KINDS[type(number)]
        left = swapped is not None and second >= NUMBER_LEFT
        case = cases.of(kind, x.meta) if left else cases.of(x.meta, kind)
        if not case.legal:
            return None
        call = case.call(low | high << 8)
        if left and not call[0].bare:
            call = case.call(0)
        form, op = swapped[extra] if swapped is not None and left else forms[extra]
        args = (number, x.ref) if left else (x.ref, number)
        value = called(state, spec, call, (x,), args, form, op, extra >= CAUGHT)
        if left and spec.number_first == "refused":
            state.stale |= value.node
        return value

    def unit(state: State, slot: Slot) -> Value | None:
        _, _, extra, first, second, low, high, more = slot
        since = len(state.instructions)
        x = state.pick(first, edges)
        if second >= NUMBER and numbers:
            value = with_number(state, slot, x)
            if value is not None:
                return value
        then = len(state.instructions)
        y = x if second >= AGAIN else state.pick(second, edges)
        case = get((x.meta, y.meta)) or cases.of(x.meta, y.meta)
        if not case.legal:
            state.retract(y, then)
            z = partner(state, cases.of, likes, x, second, more, edges)
            if z is None:
                state.retract(x, since)
                x = state.constant(fresh, more, "grad", edges)
                z = partner(state, cases.of, likes, x, second, more, edges)
                if z is None:
                    return None
            y = z
            case = cases.of(x.meta, y.meta)
        call = case.only or case.call(low | high << 8)
        form, op = forms[extra]
        if not (plain and call[0].bare):
            sources = (x, y) if tracked else (x,)
            return called(state, spec, call, sources, (x.ref, y.ref), form, op, extra >= CAUGHT)
        n = state.count
        state.count = n + 1
        state.instructions.append(
            new(Instruction, (OUTS[n], form, op, (x.ref, y.ref), (), False, state.modes, extra >= CAUGHT))
        )
        value = Value(REFS[n], call[1][0], spec, (x, y))
        nodes = x.nodes | y.nodes
        if nodes and state.grad_on and value.meta.differentiable:
            node = state.next_node
            state.next_node = node << 1
            value.node = node
            value.nodes = nodes | node
        if not (x.dense and y.dense):
            value.dense = False
        state.values.append(value)
        return value

    return unit


def _is_plain(spec: OpSpec) -> bool:
    """Whether `called` would have nothing to do for a bare call but bind one result with a history."""
    tracked = all(operand.tracked for operand in spec.infer.operands)
    return tracked and spec.outs == "one" and not spec.view and spec.grad is True and spec.dense is True


def partner(state: State, case_of: Callable[..., Case], likes: Callable[..., Sequence[Meta]] | None, x: Value,
            byte: int, seed: int, edges: Edges) -> Value | None:  # fmt: skip
    """A second operand for x: the nearest live one that fits, x itself, or a new one."""
    if likes is not None:
        fitting = likes(x.meta)
        found = state.search(byte, lambda value: value.meta in fitting)
        if found is not None and case_of(x.meta, found.meta).legal:
            return found
        for like in fitting:
            if case_of(x.meta, like).legal:
                return state.constant(like, seed, "grad", edges)
        return None
    found = state.search(byte, lambda value: case_of(x.meta, value.meta).legal)
    if found is not None:
        return found
    return x if case_of(x.meta, x.meta).legal else None


def _general(spec: OpSpec) -> Unit:
    """Any number of tensors, lists of them, optional ones."""
    cases = cases_of(spec.infer)
    forms, operands = forms_of(spec), spec.infer.operands

    def unit(state: State, slot: Slot) -> Value | None:
        chosen = operands_of(state, slot, spec)
        if chosen is None:
            return None
        _, _, extra, _, _, low, high, _ = slot
        call = cases.of(*map(meta_of, chosen)).call(low | high << 8)
        form, op = forms[extra]
        _, args = spelled(chosen, lists=bool(extra & 1))
        sources, _ = spelled([one for one, of in zip(chosen, operands, strict=True) if of.tracked])
        return called(state, spec, call, sources, args, form, op, extra >= CAUGHT)

    return unit


Chosen = Value | tuple[Value, ...] | None


def operands_of(state: State, slot: Slot, spec: OpSpec) -> list[Chosen] | None:
    """Operands for any signature that make a legal case; None if there are none."""
    first, more = slot[3], slot[7]
    x = state.pick(first, spec.edges)
    for repeat in (False, True):
        chosen = _around(state, slot, spec, x, repeat)
        if chosen is not None:
            return chosen
    x = state.constant(spec.infer.operands[0].fresh or DEFAULT, more, "grad", spec.edges)
    return _around(state, slot, spec, x, True)


def _around(state: State, slot: Slot, spec: OpSpec, x: Value, repeat: bool) -> list[Chosen] | None:
    """Operands around x, or None where they do not fit; `repeat` uses x wherever nothing better is known."""
    second, more = slot[4], slot[7]
    chosen: list[Chosen] = []
    for index, operand in enumerate(spec.infer.operands):
        byte = (second + 83 * (index - 1)) & 255
        value: Chosen
        if operand.many:
            value = tuple(
                x if repeat or k == 0 else state.pick((byte + 57 * k) & 255, spec.edges) for k in range(1 + more % 3)
            )
        elif index == 0:
            value = x
        elif operand.optional and byte & 1 == 0:
            value = None
        elif operand.likes is not None:
            value = _alike(state, operand.likes(*map(meta_of, chosen)), byte, spec.edges)
            if value is None and not operand.optional:
                return None
        else:
            value = x if repeat else state.pick(byte, spec.edges)
        chosen.append(value)
    return chosen if cases_of(spec.infer).of(*map(meta_of, chosen)).legal else None


def _alike(state: State, likes: Sequence[Meta], byte: int, edges: Edges) -> Value | None:
    """A live value of one of these Metas, or a new one of one of them; None if there are none."""
    if not likes:
        return None
    found = state.search(byte, lambda value: value.meta in likes) if byte < 200 else None
    return found or state.constant(likes[byte % len(likes)], byte, "grad", edges)


def meta_of(chosen: Chosen) -> Any:
    """What a case is looked up by."""
    if isinstance(chosen, tuple):
        return tuple(value.meta for value in chosen)
    return None if chosen is None else chosen.meta


def spelled(chosen: Sequence[Chosen], *, lists: bool = False) -> tuple[tuple[Value, ...], tuple[Any, ...]]:
    """The values among operands, and the operands as arguments; several of one operand as a list or a tuple."""
    values: list[Value] = []
    args: list[Any] = []
    for operand in chosen:
        if isinstance(operand, tuple):
            values += operand
            refs = tuple(value.ref for value in operand)
            args.append(ListArg(refs) if lists else refs)
        else:
            values += [] if operand is None else [operand]
            args.append(None if operand is None else operand.ref)
    return tuple(values), tuple(args)


def _creating(spec: OpSpec) -> Unit:
    case = Case(spec.infer, ())

    def unit(state: State, slot: Slot) -> Value | None:
        call = case.call(slot[5] | slot[6] << 8)
        value = called(state, spec, call, (), (), "call", spec.name, False)
        if GRAD in call[0].kwargs:
            state.rooted(value)
        return value

    return unit


def called(state: State, spec: OpSpec, call: Call, operands: tuple[Value, ...], args: tuple[Any, ...],
           form: str, op: str, caught: bool) -> Value:  # fmt: skip
    """Writes a call and notes its results; constants of the call are written before it."""
    arrangement, outs = call
    kwargs = arrangement.kwargs
    if not arrangement.bare:
        if form == "operator" or (arrangement.star and form == "call"):
            form = "method" if arrangement.star else spec.forms[0]
            op = spec.name if form == "call" else spec.name.rpartition(".")[2]
        if arrangement.args is None:
            args += arrangement.tail
        else:
            args, kwargs = placed(state, arrangement, args)
    if spec.outs == "many":
        instruction: Any = (form, op, args, kwargs, True, state.modes, caught)
        return _many(state, spec, outs, operands, instruction)
    n = state.count
    state.count = n + 1
    state.instructions.append(new(Instruction, (OUTS[n], form, op, args, kwargs, False, state.modes, caught)))
    value = Value(REFS[n], outs[0], spec, operands)
    nodes = 0
    dense = spec.dense
    for operand in operands:
        nodes |= operand.nodes
        if not operand.dense:
            dense = dense == "always"
    if nodes and state.grad_on and spec.grad and value.meta.differentiable:
        node = state.next_node
        state.next_node = node << 1
        value.node = node
        value.nodes = nodes | node
        if spec.grad == "refused":
            state.stale |= node
    if not dense:
        value.dense = False
    if spec.view:
        viewed(state, spec, value, operands[0])
    state.values.append(value)
    return value


def _many(state: State, spec: OpSpec, outs: tuple[Meta, ...], operands: tuple[Value, ...],
          instruction: tuple[Any, ...]) -> Value:  # fmt: skip
    """A call with several results, `instruction` but for the names."""
    n = state.count
    state.count = n + len(outs)
    names = NAMES[n : state.count]
    state.instructions.append(new(Instruction, (names, *instruction)))
    nodes = 0
    for operand in operands:
        nodes |= operand.nodes
    node = state.fresh_node() if nodes and state.grad_on and spec.grad else 0
    made = []
    for place, of in enumerate(outs, n):
        value = Value(REFS[place], of, spec, operands)
        if node and of.differentiable:
            # the outputs share a node; a bit of its own tells each apart as an input of a query
            value.node = state.fresh_node()
            value.nodes = nodes | node | value.node
        value.dense = False
        if spec.view:
            viewed(state, spec, value, operands[0])
        made.append(value)
    state.values += made
    if len(made) > 1:
        made[0].many = tuple(made)
    return made[0]


def viewed(state: State, spec: OpSpec, value: Value, x: Value) -> None:
    """Notes that `value` is a view of x, made by this op."""
    value.store = x.store or x
    if spec.view == "detached":
        value.flags = x.flags & OVERLAP
        return
    value.base = x.base or x
    value.flags = x.flags
    if spec.overlap:
        value.flags |= OVERLAP
    if spec.outs == "many":
        value.flags |= MULTI
    if not state.grad_on:
        value.flags |= UNTRACKED
        if x.nodes:  # torch says that it requires grad, and lets no gradient arrive at it
            value.node = value.nodes = state.fresh_node()
            value.flags |= UNCERTAIN
        if spec.view == "maybe" and not x.dense:
            value.flags |= UNCERTAIN


def placed(state: State, call: Arrangement, operands: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Arguments with operands in their places, after writing the constants of the call."""
    consts = {id(const): _const(state, const) for const in call.consts}

    def put(arg: Any) -> Any:
        if isinstance(arg, Place):
            return operands[arg.index]
        return consts[id(arg)] if isinstance(arg, Const) else arg

    return tuple(map(put, call.args or ())), tuple((name, put(value)) for name, value in call.kwargs)


def _listed(data: Any) -> Any:
    """Nested lists as the language holds them."""
    return ListArg(tuple(map(_listed, data))) if isinstance(data, list) else data


def _const(state: State, const: Const) -> Any:
    of = const.meta
    said = of.numel > 0 and of.dtype in ("int64", "bool", "float32")
    kwargs = () if said else (("dtype", DTYPE[of.dtype]),)
    made = state.bind(of, "call", "tensor", (_listed(const.data),), kwargs)
    state.values.append(made)
    return made.ref
