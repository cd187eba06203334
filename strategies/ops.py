"""Units that call an op of the opset: one closure per op, made once per grammar from its declaration.

What may live here: how operands are chosen and a call is written, for any OpSpec. A unit is a function
of the state, the buffer and the place of its slot; it returns the value that the slot stands for, or None.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oracle.opset.calls import Call, Case, Place
from oracle.opset.metas import Meta, meta
from oracle.opset.spec import Const, OpSpec
from oracle.program.language import Instruction
from strategies.layout import ARGS, EXTRA, FIRST, MORE, SECOND
from strategies.state import DTYPE, MULTI, OUTS, OVERLAP, REFS, UNTRACKED, State, Value, new

Unit = Callable[[State, bytes, int], Value | None]

CAUGHT = 250  # an extra byte from here on has the instruction caught though it is sure to succeed
NUMBER = 216  # a second-operand byte from here on is a Python number, where one may stand
AGAIN = 196  # ... and from here on the first operand again
MOST_NUMEL = 128
MOST_RANK = 5
DEFAULT = meta((2,), "float32")

_case_tables: list[dict[Any, Case]] = []


def forget_cases(limit: int) -> None:
    """Empties the tables of cases when they hold more than `limit`."""
    if sum(map(len, _case_tables)) > limit:
        for table in _case_tables:
            table.clear()


def unit_for(spec: OpSpec) -> Unit:
    """The unit that calls this op."""
    operands = spec.infer.operands
    if spec.writes:
        return _writing(spec)
    if not operands:
        return _creating(spec)
    if len(operands) == 1 and not operands[0].many:
        return _unary(spec)
    return _general(spec)


class Cases:
    """The cases of one op, by the Metas of its operands; too large ones count as illegal."""

    __slots__ = ("spec", "table")

    def __init__(self, spec: OpSpec) -> None:
        self.spec = spec
        self.table: dict[Any, Case] = {}
        _case_tables.append(self.table)

    def of(self, *metas: Any) -> Case:
        """The case of these operands, remembered."""
        key = metas[0] if len(metas) == 1 else metas
        found = self.table.get(key)
        if found is None:
            found = self.table[key] = Case(self.spec, metas)
            if found.legal and any(out.numel > MOST_NUMEL or out.rank > MOST_RANK for out in found.simplest.outs):
                found.legal = False
        return found


def _unary(spec: OpSpec) -> Unit:
    cases = Cases(spec)
    get = cases.table.get
    fresh = spec.infer.operands[0].fresh or DEFAULT
    plain = spec.outs == "one" and not spec.view and not spec.needs_dense
    grad, needs_dense, edges, always = spec.grad, spec.needs_dense, spec.edges, spec.dense is True

    def fits(value: Value) -> bool:
        return cases.of(value.meta).legal and (value.dense or not needs_dense)

    def unit(state: State, buffer: bytes, at: int) -> Value | None:
        x = state.pick(buffer[at + FIRST])
        case = get(x.meta) or cases.of(x.meta)
        if not case.legal or (needs_dense and not x.dense):
            found = state.search(buffer[at + FIRST], fits)
            x = found or state.constant(fresh, buffer[at + MORE], "grad", edges)
            case = cases.of(x.meta)
        call = case.call(buffer[at + ARGS] | buffer[at + ARGS + 1] << 8)
        if not plain or call.args is not None:
            return _finish(state, spec, call, (x,), (x.ref,), buffer[at + EXTRA] >= CAUGHT)
        n = state.count
        state.count = n + 1
        state.instructions.append(new(Instruction, (
            OUTS[n], call.form, call.op, (x.ref, *call.tail), call.kwargs, False, state.modes,
            buffer[at + EXTRA] >= CAUGHT,
        )))  # fmt: skip
        value = Value(REFS[n], call.outs[0])
        if x.nodes and grad and state.grad_on and value.meta.differentiable:
            node = state.next_node
            state.next_node = node << 1
            value.node = node
            value.nodes = x.nodes | node
        value.made_by = spec
        value.parents = (x,)
        if not (x.dense and always):
            value.dense = False
        state.values.append(value)
        return value

    return unit


def _general(spec: OpSpec) -> Unit:
    """Two or more operands: tensors, Python numbers, lists."""
    cases = Cases(spec)
    get = cases.table.get
    operands = spec.infer.operands
    first, second = operands[0], operands[1]
    numbers = second.numbers
    swaps = spec.operator is not None or spec.number_first
    binary = len(operands) == 2 and not second.many
    likes = second.likes
    edges = spec.edges

    def partner(state: State, x: Value, byte: int, seed: int) -> Value | None:
        """A second operand for x: the nearest live one that fits, x itself, or a new one."""
        found = state.search(byte, lambda value: cases.of(x.meta, value.meta).legal)
        if found is not None:
            return found
        if cases.of(x.meta, x.meta).legal:
            return x
        for like in likes(x.meta) if likes is not None else ():
            if cases.of(x.meta, like).legal:
                return state.constant(like, seed, "grad", edges)
        return None

    def unit(state: State, buffer: bytes, at: int) -> Value | None:
        byte = buffer[at + SECOND]
        x = state.pick(buffer[at + FIRST])
        caught = buffer[at + EXTRA] >= CAUGHT
        code = buffer[at + ARGS] | buffer[at + ARGS + 1] << 8
        if numbers and byte >= NUMBER:
            table = state.numbers if numbers is True else numbers
            number = table[buffer[at + MORE] % len(table)]
            kind = _KINDS[type(number)]
            left = swaps and byte >= NUMBER + 26
            case = cases.of(kind, x.meta) if left else cases.of(x.meta, kind)
            if case.legal:
                args = (number, x.ref) if left else (x.ref, number)
                return _finish(state, spec, case.call(code), (x,), args, caught)
        y = x if byte >= AGAIN else state.pick(byte)
        case = get((x.meta, y.meta)) or cases.of(x.meta, y.meta)
        if not case.legal:
            z = partner(state, x, byte, buffer[at + MORE])
            if z is None:
                x = state.constant(first.fresh or DEFAULT, buffer[at + MORE], "grad", edges)
                z = partner(state, x, byte, buffer[at + MORE]) or x
            y = z
            case = cases.of(x.meta, y.meta)
        call = case.call(code)
        if not case.legal:
            return None
        n = state.count
        state.count = n + 1
        state.instructions.append(new(Instruction, (
            OUTS[n], call.form, call.op, (x.ref, y.ref, *call.tail), call.kwargs, False, state.modes, caught,
        )))  # fmt: skip
        value = Value(REFS[n], call.outs[0])
        nodes = x.nodes | y.nodes
        if nodes and state.grad_on and spec.grad and value.meta.differentiable:
            node = state.next_node
            state.next_node = node << 1
            value.node = node
            value.nodes = nodes | node
        value.made_by = spec
        value.parents = (x, y)
        if not (x.dense and y.dense):
            value.dense = False
        state.values.append(value)
        return value

    assert binary
    return unit


_KINDS: dict[type, Meta] = {
    bool: meta((), "py_bool"),
    int: meta((), "py_int"),
    float: meta((), "py_float"),
    complex: meta((), "py_complex"),
}


def _creating(spec: OpSpec) -> Unit:
    case = Case(spec, ())

    def unit(state: State, buffer: bytes, at: int) -> Value | None:
        call = case.call(buffer[at + ARGS] | buffer[at + ARGS + 1] << 8)
        value = _finish(state, spec, call, (), (), False)
        if ("requires_grad", True) in call.kwargs:
            value.node = value.nodes = state.fresh_node()
        return value

    return unit


def _writing(spec: OpSpec) -> Unit:
    """In-place calls: the target is one that may be written, else the write is put under no_grad or caught."""
    cases = Cases(spec)
    operands = spec.infer.operands
    second = operands[1] if len(operands) > 1 else None
    numbers = second.numbers if second is not None else False

    def unit(state: State, buffer: bytes, at: int) -> Value | None:
        byte, extra = buffer[at + SECOND], buffer[at + EXTRA]
        code = buffer[at + ARGS] | buffer[at + ARGS + 1] << 8

        def writable(value: Value) -> bool:
            return not state.write_refused(value, ()) and (second is not None or cases.of(value.meta).legal)

        daring = extra >= 224
        x = None if daring else state.search(buffer[at + FIRST], writable)
        x = x or state.pick(buffer[at + FIRST])
        sources: tuple[Value, ...] = ()
        args: tuple[Any, ...] = (x.ref,)
        if second is None:
            case = cases.of(x.meta)
        elif numbers and byte >= 160:
            table = state.numbers if numbers is True else numbers
            number = table[buffer[at + MORE] % len(table)]
            case, args = cases.of(x.meta, _KINDS[type(number)]), (x.ref, number)
        else:
            y = state.search(byte, lambda value: cases.of(x.meta, value.meta).legal)
            if y is None:
                return None
            case, sources, args = cases.of(x.meta, y.meta), (y,), (x.ref, y.ref)
        if not case.legal:
            return None
        refused = state.write_refused(x, sources)
        overlaps = any(y is not x and (y.store or y) is (x.store or x) for y in sources)
        quiet = refused and extra < 200 and not x.flags & OVERLAP and state.grad_on and not state.modes
        if quiet:
            state.modes, state.grad_on, refused = ("no_grad()",), False, False
        call = case.call(code)
        caught = refused or overlaps or bool(x.flags & (UNTRACKED | MULTI))
        state.emit(call.form, call.op, (*args, *call.tail), call.kwargs, caught)
        if not refused:
            state.written(x, sources, spec, uncertain=caught)
        if quiet:
            state.modes, state.grad_on = (), True
        return None

    return unit


def _finish(state: State, spec: OpSpec, call: Call, operands: tuple[Value, ...], args: tuple[Any, ...],
            caught: bool) -> Value:  # fmt: skip
    """Writes the call and notes its results; constants of the call are written before it."""
    kwargs: Any = call.kwargs
    if call.args is not None:
        table = {const: _const(state, const) for const in call.consts}
        args = tuple(_resolved(arg, args, table) for arg in call.args)
        kwargs = tuple((name, _resolved(value, args, table)) for name, value in kwargs)
    else:
        args += call.tail
    n = state.count
    state.count = n + len(call.outs)
    outs = OUTS[n] if len(call.outs) == 1 else tuple(ref.name for ref in REFS[n : n + len(call.outs)])
    state.instructions.append(
        new(Instruction, (outs, call.form, call.op, args, kwargs, call.unpack, state.modes, caught))
    )
    nodes = 0
    for operand in operands:
        nodes |= operand.nodes
    records = nodes and state.grad_on and spec.grad
    node = state.fresh_node() if records else 0
    made = []
    for place, of in enumerate(call.outs, n):
        value = Value(REFS[place], of)
        value.made_by, value.parents = spec, operands
        if node and of.differentiable:
            # outputs of one op share a node; a bit of its own tells each apart as an input of a query
            value.node = state.fresh_node() if len(call.outs) > 1 else node
            value.nodes = nodes | node | value.node
        value.dense = spec.dense == "always" or (spec.dense is True and all(x.dense for x in operands))
        if spec.view:
            _viewed(state, spec, value, operands[0])
        made.append(value)
    state.values += made
    if len(made) > 1:
        made[0].many = tuple(made)
    return made[0]


def _viewed(state: State, spec: OpSpec, value: Value, x: Value) -> None:
    value.store = x.store or x
    value.flags = x.flags & OVERLAP
    if spec.overlap:
        value.flags |= OVERLAP
    if spec.view != "detached":
        value.base = x.base or x
        value.flags |= x.flags
        if spec.outs == "many":
            value.flags |= MULTI
        if not state.grad_on:
            value.flags |= UNTRACKED


def _const(state: State, const: Const) -> Any:
    of = const.meta
    kwargs = (("dtype", DTYPE[of.dtype]),) if of.dtype not in ("int64", "bool", "float32") else ()
    made = state.bind(of, "call", "tensor", (const.data,), kwargs)
    state.values.append(made)
    return made.ref


def _resolved(arg: Any, operands: tuple[Any, ...], consts: dict[Const, Any]) -> Any:
    if isinstance(arg, Place):
        return operands[arg.index]
    return consts[arg] if isinstance(arg, Const) else arg
