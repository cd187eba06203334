"""More mistakes of one call: what nearly fits where `mistakes` puts what does not fit at all.

What may live here: operands made from those that they stand for (a size more, a dim less, another dtype, indices out
of range), lists and texts with one element amiss, numbers at the ends of what a parameter takes, arguments that were
left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from oracle.opset.metas import Meta, meta
from oracle.opset.spec import MATRICES, Operand, OpSpec, Param
from oracle.program.edit import refs, substitute
from oracle.program.language import Attr, Instruction, ListArg, Ref, Slice
from strategies.state import State

Misfit = tuple[list[Instruction], Instruction]
"""What is to stand before the call, and the call; as `mistakes.Mistake`."""

HUGE: Final = 1 << 70  # more than 64 bits
INF: Final = float("inf")
KINDS: Final = ("int64", "bool", "float64", "complex64", "int32", "uint8", "float16")
SLICES: Final = (Slice(None, None, 0), Slice(None, None, -1), Slice(1.5), Slice("x"), (Ellipsis, Ellipsis), 1.5, "x")
LEFT_OUT: Final = (
    7, -7, 0, 2.5, "x", None, True, False, HUGE, (7,), (), (1, 1, 1, 1, 1, 1, 1), Attr("int64"), Attr("bool"),
    Attr("complex64"),
)  # fmt: skip
"""What is said for a parameter that the call leaves out."""
UNDECLARED: Final = (
    ("dtype", Attr("int64")), ("dtype", Attr("bool")), ("dtype", Attr("complex64")), ("dim", 7), ("dim", ()),
    ("dim", (0, 0)), ("keepdim", True), ("reduction", "no"), ("enable_gqa", True), ("dropout_p", 1.5),
    ("dropout_p", 0.5), ("is_causal", True), ("correction", -1), ("size_average", False), ("training", True),
    ("p", -1.0), ("upper", True), ("left", False), ("memory_format", 1), ("memory_format", Attr("channels_last")),
    ("memory_format", Attr("preserve_format")), ("inplace", True), ("output_size", 7), ("pivot", False),
    ("dropout_p", -0.5), ("reduction", "elementwise_mean"), ("mode", "r"), ("mode", "complete"), ("mode", "x"),
    ("driver", "gesvd"),
)  # fmt: skip
"""Arguments that some op takes though its line in the opset may not say so."""


def misfits(spec: OpSpec, state: State, call: Instruction) -> Iterator[Misfit]:
    """The call with one argument that nearly fits."""
    metas = {value.ref: value.meta for value in state.values}
    for place, arg in enumerate(call.args):
        for before, other in _instead(metas, arg):
            if not of_unknown_condition(spec, place, before):
                yield before, call._replace(args=(*call.args[:place], other, *call.args[place + 1 :]))
    for place, (name, arg) in enumerate(call.kwargs):
        for before, other in _instead(metas, arg):
            yield before, call._replace(kwargs=(*call.kwargs[:place], (name, other), *call.kwargs[place + 1 :]))
    yield from _of_another_dtype(metas, call)
    if call.form in ("index", "setindex"):
        for one in SLICES:
            yield [], call._replace(args=(call.args[0], one, *call.args[2:]))
    if call.form in ("call", "method"):
        yield from _with_more(spec, call)


def of_unknown_condition(spec: OpSpec, place: int, made: list[Instruction]) -> bool:
    """Whether this is no mistake where a matrix of any shape is made for the call: torch takes it, and what comes of a
    singular matrix is LAPACK's choice."""
    if spec.domain not in MATRICES or not made or place >= len(spec.infer.parameters):
        return False
    operand = spec.infer.parameters[place]
    if not isinstance(operand, Operand) or operand.made is None or place:
        return False
    shape, said = made[0].args[0], dict(made[0].kwargs)
    inexact = said["dtype"].path.startswith(("float32", "float64", "complex"))
    return inexact and len(shape) > 1 and any(one.shape[-1] != one.shape[-2] for one in operand.made())


def _with_more(spec: OpSpec, call: Instruction) -> Iterator[Misfit]:
    """The call with an argument more, by its place or by a name."""
    for shape in ((3,), (2, 3)):
        yield [_filled(shape, 1, "float32")], call._replace(args=(*call.args, Ref("m0")))
    said = {name for name, _ in call.kwargs}
    for name, value in UNDECLARED:
        if name not in said:
            yield [], call._replace(kwargs=(*call.kwargs, (name, value)))
    for place, parameter in enumerate(spec.infer.parameters):
        if place < len(call.args) or parameter.name in said:
            continue
        if isinstance(parameter, Param):
            for wrong in LEFT_OUT:
                yield [], call._replace(kwargs=(*call.kwargs, (parameter.name, wrong)))
        else:
            for dtype in ("float32", "int64"):
                made = _filled((2, 3), 1, dtype)
                yield [made], call._replace(kwargs=(*call.kwargs, (parameter.name, Ref("m0"))))


def _of_another_dtype(metas: dict[Any, Meta], call: Instruction) -> Iterator[Misfit]:
    """The call of operands of the same shapes, all of one other dtype."""
    operands = [arg for arg in dict.fromkeys(refs(call.args)) if Ref(arg) in metas]
    for dtype in KINDS if operands else ():
        facts = {"requires_grad": True} if meta((), dtype).differentiable else {}
        made = [
            _filled(metas[Ref(arg)].shape, 1, dtype, **facts)._replace(outs=(f"m{place + 2}",))
            for place, arg in enumerate(operands)
        ]
        yield made, substitute(call, {arg: Ref(f"m{place + 2}") for place, arg in enumerate(operands)})


def _instead(metas: dict[Any, Meta], arg: Any) -> Iterator[tuple[list[Instruction], Any]]:
    if isinstance(arg, Ref):
        made = _alike(metas[arg]) if arg in metas else _indices()
        yield from ((before, Ref("m0")) for before in made)
    elif isinstance(arg, (tuple, ListArg)):
        yield from _lists(metas, arg)
    else:
        yield from (([], one) for one in _numbers(arg))
        if type(arg) is int:
            yield from ((before, Ref("m0")) for before in _indices())


def _alike(of: Meta) -> Iterator[list[Instruction]]:
    """Tensors that differ from this one in one thing."""
    shape = of.shape
    shapes = [(*shape, 2), (2, *shape), shape[1:], shape[:-1], (1,) * len(shape), (2, 3, 4), (2, 2, 3, 4)]
    for dim in range(len(shape)):
        shapes += [(*shape[:dim], n, *shape[dim + 1 :]) for n in (shape[dim] + 1, 0, 2 * shape[dim])]
    for other in dict.fromkeys(shapes):
        if other != shape:
            yield [_filled(other, 1, of.dtype)]
    for dtype in KINDS:
        if dtype != of.dtype:
            yield [_filled(shape, 1, dtype)]
    values = (100, -100, 0) if of.dtype in ("int32", "int64") else (2.5, -2.5, INF, 0.0) if of.differentiable else ()
    yield from ([_filled(shape, value, of.dtype)] for value in values)
    if of.differentiable:
        yield [_filled(shape, 1, of.dtype, requires_grad=True)]
    if shape:
        for start in (0, 1):  # a part of something wider
            whole = _filled((*shape[:-1], shape[-1] + 1), 1, of.dtype)._replace(outs=("m1",))
            yield [whole, Instruction(("m0",), "call", "narrow", (Ref("m1"), -1, start, shape[-1]))]
    if of.dtype.startswith("complex"):
        whole = _filled(shape, 1, of.dtype)._replace(outs=("m1",))
        yield [whole, Instruction(("m0",), "method", "conj", (Ref("m1"),))]


def _indices() -> Iterator[list[Instruction]]:
    """Tensors that may stand for a number or for places."""
    for shape, value in (((), 2), ((3,), 1), ((3,), 100), ((3,), -1), ((2, 3), 1), ((5,), 0), ((0,), 0)):
        yield [_filled(shape, value, "int64")]
    yield [_filled((2,), 1, "bool")]
    yield [_filled((), 2.5, "float32")]


def _filled(shape: tuple[int, ...], value: float, dtype: str, **kwargs: Any) -> Instruction:
    """A tensor of equal numbers."""
    said = (("dtype", Attr(dtype)), *kwargs.items())
    return Instruction(("m0",), "call", "full", (shape, bool(value) if dtype == "bool" else value), said)


def _lists(metas: dict[Any, Meta], arg: Any) -> Iterator[tuple[list[Instruction], Any]]:
    """Lists and tuples with one element amiss, too few and too many."""
    items, made = (arg.items, ListArg) if isinstance(arg, ListArg) else (arg, tuple)
    yield from (([], made(one)) for one in ((), items[:1], items[:-1], (*items, *items[:1])) if one != items)
    yield from (([], one) for one in ("same", "valid"))
    for place in dict.fromkeys((0, len(items) - 1)) if items else ():
        for before, other in _instead(metas, items[place]):
            yield before, made((*items[:place], other, *items[place + 1 :]))
        for other in (None, "x", 1.5):
            yield [], made((*items[:place], other, *items[place + 1 :]))


def _numbers(arg: Any) -> tuple[Any, ...]:
    if isinstance(arg, bool):
        return (not arg,)
    if isinstance(arg, int):
        return (0, 1, 2, 3, -1, -2, 100, -100, HUGE, True, 2.0, 1j, (1,), Attr("int64"), "same", "valid")
    if isinstance(arg, float):
        return (0.0, 1, 2.0, -0.5, 1e300, INF, 1j, True, HUGE)
    if isinstance(arg, str):
        spoilt = (f"{arg}.", f"..{arg}", f"...{arg}", arg[1:], f"{arg}{arg[:1]}", f"{arg}z", arg[:1] + arg, f"%{arg}")
        return ("", "mean", "none", "sum", *spoilt)
    if isinstance(arg, Attr):
        return (Attr("float64"), Attr("complex64"), Attr("int32"), Attr("uint8"), Attr("float16"), "x", None)
    if isinstance(arg, Slice):
        return SLICES
    if arg is None:
        return (0, 7, -7, True, (7,), 2.5, HUGE)
    return ()
