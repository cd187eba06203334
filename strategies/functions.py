"""Units that call functions: autograd.Functions of the library, autograd.functional, gradcheck.

What may live here: what each needs and gives, and which of them torch refuses, in forward or in backward.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from oracle.opset import OPS
from oracle.opset.metas import COMPLEX, Meta, meta
from oracle.program.language import Fn, Instruction
from strategies.calling import viewed
from strategies.state import MULTI, NAMES, UNCERTAIN, Slot, State, Value, new
from strategies.values import LEAVES_OF, PROFILES

_SPEC, _VIEW = OPS["mul"], OPS["view"]

PLAIN: Final = tuple(
    map(Fn, ("Double", "Square", "SavesItsResult", "SetupContext", "WithJvp", "Reentrant", "TrailingNones",
             "SavesAnIntermediate", "OnceDifferentiable", "SavesInVain"))
)  # fmt: skip
LATE: Final = tuple(
    map(Fn, ("NoGrad", "WritesIntoItsGrad", "TooManyGrads", "GradOfWrongShape", "GradOfWrongType", "NoBackward",
             "RaisesBackward", "BackwardAndVjp"))
)  # fmt: skip
"""What goes wrong in backward, if it does."""
PAIRS: Final = tuple(map(Fn, ("Product", "TooFewGrads", "GradsOfWrongShape")))
REFUSED: Final = tuple(
    map(Fn, ("RaisesForward", "SavesANumber", "NoForward", "SavesANumberForForward", "MarksANumberDirty",
             "ReadsWhatIsNotThere", "SetsUpNothing"))
)  # fmt: skip
TWO_RESULTS: Final = tuple(map(Fn, ("TwoOutputs", "Unmaterialized", "NonDifferentiable", "OutputThatIsNoTensor")))
WRITING: Final = tuple(map(Fn, ("InPlace", "InPlaceUnmarked", "DirtyNotReturned", "InPlaceAndMore")))
VIEWING: Final = tuple(map(Fn, ("ReturnsItsInput", "ReturnsAView")))


def function(state: State, slot: Slot) -> Value | None:
    """`v1 = Double.apply(v0)`: a custom autograd.Function of the library."""
    x = state.search(slot[3], lambda value: value.meta.differentiable)
    return None if x is None else _FUNCTIONS[slot[5] % len(_FUNCTIONS)](state, slot, x)


def _applied(state: State, of: Meta, args: tuple[Any, ...], sources: tuple[Value, ...], caught: bool = False) -> Value:
    value = state.bind(of, "method", "apply", args, (), caught)
    return _noted(state, value, sources)


def _noted(state: State, value: Value, sources: tuple[Value, ...]) -> Value:
    """A result with the history of its sources."""
    value.parents, value.made_by = sources, _SPEC
    value.dense = all(source.dense for source in sources)
    nodes = 0
    for source in sources:
        nodes |= source.nodes
    if nodes and state.grad_on:
        value.node = state.fresh_node()
        value.nodes = nodes | value.node
    state.values.append(value)
    return value


def _plain(state: State, slot: Slot, x: Value) -> Value:
    which = PLAIN[slot[6] % len(PLAIN)]
    if which.name == "Reentrant" and x.meta.category == COMPLEX:
        which = PLAIN[0]  # it asks for an implicit gradient, which complex numbers have none of
    return _applied(state, x.meta, (which, x.ref), (x,))


def _scaled(state: State, slot: Slot, x: Value) -> Value:
    factor = state.setting.numbers[slot[6] % len(state.setting.numbers)]
    if type(factor) is float and x.meta.dtype != "float64":
        factor = 2
    which = Fn("GradOfANumber" if slot[6] >= 224 else "ScaledBy")
    value = _applied(state, x.meta, (which, x.ref, factor), (x,))
    if which.name == "GradOfANumber":
        state.stale |= value.node
    return value


def _pair(state: State, slot: Slot, x: Value) -> Value:
    y = state.search(slot[4], lambda value: value.meta is x.meta) or x
    which = PAIRS[max(slot[6] % 8 - 5, 0)]
    value = _applied(state, x.meta, (which, x.ref, y.ref), (x, y))
    if which.name != "Product":
        state.stale |= value.node
    return value


def _late(state: State, slot: Slot, x: Value) -> Value:
    value = _applied(state, x.meta, (LATE[slot[6] % len(LATE)], x.ref), (x,))
    state.stale |= value.node
    return value


def _refused(state: State, slot: Slot, x: Value) -> None:
    state.bind(x.meta, "method", "apply", (REFUSED[slot[6] % len(REFUSED)], x.ref), (), True)


def _two_results(state: State, slot: Slot, x: Value) -> Value:
    which = TWO_RESULTS[slot[6] % len(TWO_RESULTS)]
    n = state.count
    state.emit_unpacked("method", "apply", (which, x.ref), 2)
    sources = (x,)
    first = _noted(state, Value(state.ref(n), x.meta), sources)
    if which.name in ("TwoOutputs", "Unmaterialized"):
        second = _noted(state, Value(state.ref(n + 1), x.meta), sources)
        first.nodes = second.nodes = first.nodes | second.nodes  # they share a node
        first.many, second.later = (first, second), True
    elif which.name == "NonDifferentiable":
        second = Value(state.ref(n + 1), x.meta)
        second.flags |= UNCERTAIN
        state.values.append(second)
        first.many = (first, second)
    return first


def _viewing(state: State, slot: Slot, x: Value) -> Value:
    which = VIEWING[slot[6] & 1]
    scattered = which.name == "ReturnsAView" and not x.dense
    of = meta((x.meta.numel,), x.meta.dtype) if which.name == "ReturnsAView" else x.meta
    if scattered:
        which, of = VIEWING[0], x.meta
    value = _applied(state, of, (which, x.ref), (x,))
    viewed(state, _VIEW, value, x)
    value.flags |= MULTI | UNCERTAIN
    state.stale |= value.node
    return value


def _writing(state: State, slot: Slot, x: Value) -> Value | None:
    """What writes its input in forward: allowed where a write is, and the result is the input."""
    which = WRITING[slot[6] % 8 if slot[6] % 8 < len(WRITING) else 0]
    found = state.search(slot[3], lambda v: v.meta.differentiable and not v.flags and not state.write_refused(v, ()))
    if found is None or found.store is not None or len(state.family(found)) > 1:
        found = state.bind(x.meta, "call", "mul", (x.ref, 2))
        _noted(state, found, (x,))
    state.bind(found.meta, "method", "apply", (which, found.ref), (), which.name != "InPlace")
    grad_on = state.grad_on
    state.grad_on = grad_on and which.name == "InPlace"
    state.written(found, (), _SPEC, uncertain=True)
    state.grad_on = grad_on
    found.flags |= UNCERTAIN
    return None


_FUNCTIONS: Final[tuple[Callable[[State, Slot, Value], Value | None], ...]] = (
    _plain, _pair, _two_results, _viewing, _plain, _late, _writing, _scaled, _plain, _refused, _two_results, _plain,
)  # fmt: skip


# --- autograd.functional

_Rows = tuple[tuple[str, str, int], ...]
PRODUCTS: Final[_Rows] = (
    ("vjp", "map_square", 1), ("jvp", "map_square", 1), ("vhp", "map_sum_of_squares", 1),
    ("hvp", "map_sum_of_squares", 1), ("vjp", "map_sum_of_squares", 0), ("jvp", "map_exp", 1),
    ("jvp", "map_sum_of_squares", 1), ("vjp", "map_exp", 1), ("vjp", "map_constant", 1), ("vjp", "map_raise", 1),
)  # fmt: skip
"""What gives two results: its name, the map, how many vectors it is given."""
MATRICES: Final[_Rows] = (
    ("jacobian", "map_square", 1), ("hessian", "map_sum_of_squares", 1), ("jacobian", "map_sum_of_squares", 1),
    ("jacobian", "map_exp", 1), ("jacobian", "map_two", 1), ("jacobian", "map_product", 2),
    ("jacobian", "map_constant", 1), ("jacobian", "map_views", 1), ("jacobian", "map_in_place", 1),
    ("jacobian", "map_parts", 1), ("jacobian", "map_quotient", 1),
)  # fmt: skip
"""What gives matrices: its name, the map, how many inputs it is given."""
STRICT, CREATE = ("strict", True), ("create_graph", True)
WAYS: Final[tuple[tuple[tuple[str, Any], ...], ...]] = ((), (), (CREATE,), (STRICT,), (CREATE, STRICT))
MATRIX_WAYS: Final[tuple[tuple[tuple[str, Any], ...], ...]] = (
    *WAYS, (("vectorize", True),), (("vectorize", True), STRICT),
)  # fmt: skip
FORWARD_WAYS: Final = (("vectorize", True), ("strategy", "forward-mode"))
MOST_ELEMENTS: Final = 12  # of an input


def _input(state: State, slot: Slot) -> Value:
    found = state.search(
        slot[3], lambda v: v.meta.differentiable and v.meta.numel <= MOST_ELEMENTS and not v.flags & UNCERTAIN
    )
    return found or state.constant(meta((2,), "float32"), slot[6], "grad")


def functional(state: State, slot: Slot) -> None:
    """`v2, v3 = T.autograd.functional.vjp(lambda x: x * x, v0, v1)` and their like."""
    _, _, extra, _, _, code, more = slot
    x = _input(state, slot)
    if extra & 1:
        op, fn, inputs = MATRICES[code % len(MATRICES)]
        ways = MATRIX_WAYS[more % len(MATRIX_WAYS)]
        # views of a conjugate with tangents torch asserts away, and calls it a bug of its own
        lost = fn in ("map_views", "map_parts") and x.meta.dtype.startswith("complex")
        if op == "jacobian" and fn != "map_two" and more % 16 == 15 and not lost:
            ways = FORWARD_WAYS
        args: tuple[Any, ...] = (Fn(fn), x.ref if inputs == 1 else (x.ref, x.ref))
        state.bind(x.meta, "call", f"autograd.functional.{op}", args, ways, True)
        return
    op, fn, vectors = PRODUCTS[code % len(PRODUCTS)]
    vector = (state.like(x.meta, more),) if vectors else ()
    names = NAMES[state.count : state.count + 2]
    state.count += 2
    instruction = (names, "call", f"autograd.functional.{op}", (Fn(fn), x.ref, *vector), WAYS[more % len(WAYS)])
    state.instructions.append(new(Instruction, (*instruction, True, state.modes, True)))


# --- gradcheck

_SMOOTH: Final = dict.fromkeys(PROFILES, LEAVES_OF["smooth"])
_CHECKED: Final = tuple(
    map(Fn, ("map_square", "map_exp", "map_sum_of_squares", "map_product", "map_two", "map_constant", "map_raise"))
)
_CHECKS: Final[tuple[tuple[tuple[str, Any], ...], ...]] = (
    (), (("check_forward_ad", True),), (("raise_exception", False),), (("check_batched_grad", True),),
    (("check_undefined_grad", False),), (("check_grad_dtypes", True),),
    (("check_forward_ad", True), ("check_undefined_grad", False)), (("check_backward_ad", False),),
    (("check_forward_ad", True), ("check_batched_forward_grad", True)),
)  # fmt: skip


def gradcheck(state: State, slot: Slot) -> None:
    """`v1 = T.autograd.gradcheck(lambda x: x * x, (v0,))` of a leaf in float64, and gradgradcheck."""
    _, _, extra, _, _, code, more = slot
    if state.block is not None:
        return
    fn = _CHECKED[code % len(_CHECKED)]
    of = meta((2,), "float32" if extra >= 240 else "float64")
    one = state.constant(of, more, "grad", _SMOOTH)
    inputs: tuple[Any, ...] = (one.ref,)
    if fn.name == "map_product":
        inputs = (one.ref, state.constant(of, more ^ 3, "grad" if extra & 2 else "plain", _SMOOTH).ref)
    op, kwargs = "autograd.gradcheck", _CHECKS[(code >> 8) % len(_CHECKS)]
    if extra & 1:
        op = "autograd.gradgradcheck"
        like = of if fn.name not in ("map_sum_of_squares",) else meta((), of.dtype)
        cotangent = state.constant(like, more ^ 5, "grad", _SMOOTH)
        kwargs = (("grad_outputs", (cotangent.ref,)),)
    state.bind(of, "call", op, (fn, inputs), kwargs, True)


