"""Units that call an op of the opset: one closure per op, made once per grammar from its declaration.

What may live here: how operands are chosen and a call is written, for any OpSpec. A unit is a function of the
state, the buffer and the place of its slot; it returns the value that the slot stands for, or None. Ops of one
and two tensors, nearly all of what is drawn, have units of their own; the general one serves the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from oracle.opset.calls import Call, Case, Place, cases_of
from oracle.opset.metas import Meta, meta
from oracle.opset.spec import Const, OpSpec
from oracle.program.language import Instruction, ListArg
from strategies.layout import ARGS, ARGS_HIGH, EXTRA, FIRST, MORE, SECOND
from strategies.state import DTYPE, MULTI, OUTS, OVERLAP, REFS, UNTRACKED, State, Value, new

Unit = Callable[[State, bytes, int], Value | None]

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


def unit_for(spec: OpSpec) -> Unit:
    """The unit that calls this op."""
    operands = spec.infer.operands
    if not operands:
        return _creating(spec)
    simple = not any(operand.many or operand.optional for operand in operands)
    if len(operands) == 1 and simple:
        return _writing_one(spec) if spec.writes else _unary(spec)
    if len(operands) == 2 and simple:
        return _writing_two(spec) if spec.writes else _binary(spec)
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
    plain = spec.outs == "one" and not spec.view
    forms = forms_of(spec)
    grad, needs_dense, edges, dense = spec.grad, spec.needs_dense, spec.edges, spec.dense is True

    def fits(value: Value) -> bool:
        return (value.dense or not needs_dense) and cases.of(value.meta).legal

    def unit(state: State, buffer: bytes, at: int) -> Value | None:
        x = state.pick(buffer[at + FIRST], edges)
        case = get(x.meta) or cases.of(x.meta)
        if not case.legal or (needs_dense and not x.dense):
            x = state.search(buffer[at + FIRST], fits) or state.constant(fresh, buffer[at + MORE], "grad", edges)
            case = cases.of(x.meta)
        call = case.call(buffer[at + ARGS] | buffer[at + ARGS_HIGH] << 8)
        extra = buffer[at + EXTRA]
        form, op = forms[extra]
        if not plain or call.args is not None or call.star or (form == "operator" and not call.bare):
            return written_out(state, spec, call, (x,), (x.ref,), form, op, extra >= CAUGHT)
        n = state.count
        state.count = n + 1
        state.instructions.append(new(Instruction, (
            OUTS[n], form, op, (x.ref, *call.tail), call.kwargs, False, state.modes, extra >= CAUGHT,
        )))  # fmt: skip
        value = Value(REFS[n], call.outs[0], spec, (x,))
        if x.nodes and grad and state.grad_on and value.meta.differentiable:
            node = state.next_node
            state.next_node = node << 1
            value.node = node
            value.nodes = x.nodes | node
        if not (dense and x.dense):
            value.dense = False
        state.values.append(value)
        return value

    return unit


def _binary(spec: OpSpec) -> Unit:
    cases = cases_of(spec.infer)
    get = cases.table.get
    first, second = spec.infer.operands
    numbers = second.numbers
    swaps = spec.operator is not None or spec.number_first
    forms = forms_of(spec)
    swapped = forms_of(spec, True) if swaps else forms
    edges, grad, dense = spec.edges, spec.grad, spec.dense is True
    plain = not spec.view

    def with_number(state: State, buffer: bytes, at: int, x: Value) -> Value | None:
        table: Sequence[Any] = state.numbers if isinstance(numbers, bool) else numbers
        number = table[buffer[at + MORE] % len(table)]
        kind = KINDS[type(number)]
        left = swaps and buffer[at + SECOND] >= NUMBER_LEFT
        case = cases.of(kind, x.meta) if left else cases.of(x.meta, kind)
        if not case.legal:
            return None
        call = case.call(buffer[at + ARGS] | buffer[at + ARGS_HIGH] << 8)
        extra = buffer[at + EXTRA]
        form, op = (swapped if left else forms)[extra]
        args = (number, x.ref) if left else (x.ref, number)
        if form == "operator" and left and not call.bare:
            call = case.call(0)
        return written_out(state, spec, call, (x,), args, form, op, extra >= CAUGHT)

    def unit(state: State, buffer: bytes, at: int) -> Value | None:
        byte = buffer[at + SECOND]
        x = state.pick(buffer[at + FIRST], edges)
        if byte >= NUMBER and numbers:
            value = with_number(state, buffer, at, x)
            if value is not None:
                return value
        y = x if byte >= AGAIN else state.pick(byte, edges)
        case = get((x.meta, y.meta)) or cases.of(x.meta, y.meta)
        if not case.legal:
            z = _partner(state, cases.of, second.likes, x, byte, buffer[at + MORE], edges)
            if z is None:
                x = state.constant(first.fresh or DEFAULT, buffer[at + MORE], "grad", edges)
                z = _partner(state, cases.of, second.likes, x, byte, buffer[at + MORE], edges) or x
            y = z
            case = cases.of(x.meta, y.meta)
            if not case.legal:
                return None
        call = case.call(buffer[at + ARGS] | buffer[at + ARGS_HIGH] << 8)
        extra = buffer[at + EXTRA]
        form, op = forms[extra]
        if call.args is not None or not (plain and call.bare):
            return written_out(state, spec, call, (x, y), (x.ref, y.ref), form, op, extra >= CAUGHT)
        n = state.count
        state.count = n + 1
        state.instructions.append(
            new(Instruction, (OUTS[n], form, op, (x.ref, y.ref), (), False, state.modes, extra >= CAUGHT))
        )
        value = Value(REFS[n], call.outs[0], spec, (x, y))
        nodes = x.nodes | y.nodes
        if nodes and grad and state.grad_on and value.meta.differentiable:
            node = state.next_node
            state.next_node = node << 1
            value.node = node
            value.nodes = nodes | node
        if not (dense and x.dense and y.dense):
            value.dense = False
        state.values.append(value)
        return value

    return unit


def _partner(state: State, case_of: Callable[..., Case], likes: Callable[..., Sequence[Meta]] | None, x: Value,
             byte: int, seed: int, edges: tuple[float, ...]) -> Value | None:  # fmt: skip
    """A second operand for x: the nearest live one that fits, x itself, or a new one."""
    found = state.search(byte, lambda value: case_of(x.meta, value.meta).legal)
    if found is not None:
        return found
    if case_of(x.meta, x.meta).legal:
        return x
    for like in likes(x.meta) if likes is not None else ():
        if case_of(x.meta, like).legal:
            return state.constant(like, seed, "grad", edges)
    return None


def _general(spec: OpSpec) -> Unit:
    """Any number of tensors, lists of them, optional ones; also where such an op writes."""
    cases = cases_of(spec.infer)
    operands = spec.infer.operands
    forms = forms_of(spec)
    edges = spec.edges

    def choose(state: State, buffer: bytes, at: int, x: Value, repeat: bool) -> list[Any] | None:
        """Operands around x, or None where they do not fit; `repeat` uses x wherever nothing better is known."""
        chosen: list[Any] = []
        metas: list[Any] = []
        for index, operand in enumerate(operands):
            byte = (buffer[at + SECOND] + 83 * (index - 1)) & 255
            if operand.many:
                value: Any = tuple(
                    x if repeat or k == 0 else state.pick((byte + 57 * k) & 255, edges)
                    for k in range(1 + buffer[at + MORE] % 3)
                )
            elif index == 0:
                value = x
            elif operand.optional and byte & 1 == 0:
                value = None
            elif operand.likes is not None:
                value = _alike(state, operand.likes(*metas), byte, edges)
                if value is None and not operand.optional:
                    return None
            else:
                value = x if repeat else state.pick(byte, edges)
            chosen.append(value)
            metas.append(_metas_of(value))
        return chosen if cases.of(*metas).legal else None

    def unit(state: State, buffer: bytes, at: int) -> Value | None:
        x = state.pick(buffer[at + FIRST], edges)
        chosen = choose(state, buffer, at, x, False) or choose(state, buffer, at, x, True)
        if chosen is None:
            x = state.constant(operands[0].fresh or DEFAULT, buffer[at + MORE], "grad", edges)
            chosen = choose(state, buffer, at, x, True)
            if chosen is None:
                return None
        call = cases.of(*map(_metas_of, chosen)).call(buffer[at + ARGS] | buffer[at + ARGS_HIGH] << 8)
        extra = buffer[at + EXTRA]
        form, op = forms[extra]
        flat: list[Value] = []
        args: list[Any] = []
        for value in chosen:
            if isinstance(value, tuple):
                flat += value
                args.append(ListArg(tuple(v.ref for v in value)) if extra & 1 else tuple(v.ref for v in value))
            else:
                flat += [] if value is None else [value]
                args.append(None if value is None else value.ref)
        if spec.writes:
            return _write(state, spec, call, flat[0], tuple(flat[1:]), tuple(args), extra)
        return written_out(state, spec, call, tuple(flat), tuple(args), form, op, extra >= CAUGHT)

    return unit


def _metas_of(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(item.meta for item in value)
    return None if value is None else value.meta


def _alike(state: State, likes: Sequence[Meta], byte: int, edges: tuple[float, ...]) -> Value | None:
    """A live value of one of these Metas, or a new one of one of them; None if there are none."""
    if not likes:
        return None
    found = state.search(byte, lambda value: value.meta in likes) if byte < 200 else None
    return found or state.constant(likes[byte % len(likes)], byte, "grad", edges)


def _creating(spec: OpSpec) -> Unit:
    case = Case(spec.infer, ())

    def unit(state: State, buffer: bytes, at: int) -> Value | None:
        call = case.call(buffer[at + ARGS] | buffer[at + ARGS_HIGH] << 8)
        value = written_out(state, spec, call, (), (), "call", spec.name, False)
        if ("requires_grad", True) in call.kwargs:
            value.node = value.nodes = state.fresh_node()
        return value

    return unit


def _writing_one(spec: OpSpec) -> Unit:
    cases = cases_of(spec.infer)

    def unit(state: State, buffer: bytes, at: int) -> Value | None:
        extra = buffer[at + EXTRA]
        x = None
        if extra < DARING:
            x = state.search(buffer[at + FIRST], lambda v: not state.write_refused(v, ()) and cases.of(v.meta).legal)
        x = x or state.pick(buffer[at + FIRST])
        case = cases.of(x.meta)
        if not case.legal:
            return None
        return _write(state, spec, case.call(buffer[at + ARGS] | buffer[at + ARGS_HIGH] << 8), x, (), (x.ref,), extra)

    return unit


DARING: Final = 224  # an extra byte from here on writes into what it names, refused or not
LOUD: Final = 200  # ... and from here on a refused write is caught instead of put under no_grad


def _writing_two(spec: OpSpec) -> Unit:
    cases = cases_of(spec.infer)
    numbers = spec.infer.operands[1].numbers

    def unit(state: State, buffer: bytes, at: int) -> Value | None:
        byte, extra = buffer[at + SECOND], buffer[at + EXTRA]
        x = None
        if extra < DARING:
            x = state.search(buffer[at + FIRST], lambda value: not state.write_refused(value, ()))
        x = x or state.pick(buffer[at + FIRST])
        sources: tuple[Value, ...] = ()
        if numbers and byte >= 160:
            table: Sequence[Any] = state.numbers if isinstance(numbers, bool) else numbers
            number = table[buffer[at + MORE] % len(table)]
            case, args = cases.of(x.meta, KINDS[type(number)]), (x.ref, number)
        else:
            y = state.search(byte, lambda value: cases.of(x.meta, value.meta).legal)
            if y is None:
                return None
            case, sources, args = cases.of(x.meta, y.meta), (y,), (x.ref, y.ref)
        if not case.legal:
            return None
        return _write(state, spec, case.call(buffer[at + ARGS] | buffer[at + ARGS_HIGH] << 8), x, sources, args, extra)

    return unit


def _write(state: State, spec: OpSpec, call: Call, x: Value, sources: tuple[Value, ...], args: tuple[Any, ...],
           extra: int) -> None:  # fmt: skip
    """The in-place call; one that torch refuses is put under no_grad where that helps, else caught."""
    refused = state.write_refused(x, sources)
    overlaps = any(y is not x and (y.store or y) is (x.store or x) for y in sources)
    quiet = refused and extra < LOUD and not x.flags & OVERLAP and state.grad_on and not state.modes
    if quiet:
        state.modes, state.grad_on, refused = ("no_grad()",), False, False
    uncertain = refused or overlaps or bool(x.flags & (UNTRACKED | MULTI))
    kwargs = call.kwargs
    if call.args is None:
        args += call.tail
    else:
        args, kwargs = _placed(state, call, args)
    state.emit(spec.forms[0], "" if spec.forms[0] in _UNNAMED else spec.name, args, kwargs, uncertain)
    if not refused:
        state.written(x, sources, spec, uncertain=uncertain)
    if quiet:
        state.modes, state.grad_on = (), True


def written_out(state: State, spec: OpSpec, call: Call, operands: tuple[Value, ...], args: tuple[Any, ...],
                form: str, op: str, caught: bool) -> Value:  # fmt: skip
    """Writes any call and notes its results; constants of the call are written before it."""
    if (call.star and form == "call") or (form == "operator" and not call.bare):
        wanted = "method" if call.star else spec.forms[0]
        form, op = wanted, spec.name if wanted == "call" else spec.name.rpartition(".")[2]
    kwargs = call.kwargs
    if call.args is None:
        args += call.tail
    else:
        args, kwargs = _placed(state, call, args)
    n = state.count
    state.count = n + len(call.outs)
    outs = OUTS[n] if len(call.outs) == 1 else tuple(ref.name for ref in REFS[n : n + len(call.outs)])
    many = spec.outs == "many"
    state.instructions.append(new(Instruction, (outs, form, op, args, kwargs, many, state.modes, caught)))
    nodes = 0
    for operand in operands:
        nodes |= operand.nodes
    node = state.fresh_node() if nodes and state.grad_on and spec.grad else 0
    made = []
    for place, of in enumerate(call.outs, n):
        value = Value(REFS[place], of, spec, operands)
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


def _placed(state: State, call: Call, operands: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Arguments with operands in their places, after writing the constants of the call."""
    consts = {id(const): _const(state, const) for const in call.consts}

    def placed(arg: Any) -> Any:
        if isinstance(arg, Place):
            return operands[arg.index]
        return consts[id(arg)] if isinstance(arg, Const) else arg

    assert call.args is not None
    return tuple(map(placed, call.args)), tuple((name, placed(value)) for name, value in call.kwargs)


def _const(state: State, const: Const) -> Any:
    of = const.meta
    kwargs = (("dtype", DTYPE[of.dtype]),) if of.dtype not in ("int64", "bool", "float32") else ()
    made = state.bind(of, "call", "tensor", (const.data,), kwargs)
    state.values.append(made)
    return made.ref
