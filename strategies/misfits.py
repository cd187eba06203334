"""More mistakes of one call: what nearly fits where `mistakes` puts what does not fit at all.

What may live here: operands made from those that they stand for (a size more, a dim less, another dtype, indices out
of range), lists with one element amiss, numbers at the ends of what a parameter takes, arguments that were left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from oracle.opset.metas import COMPLEXES, Meta
from oracle.opset.spec import OpSpec, Param
from oracle.program.edit import refs, substitute
from oracle.program.language import Attr, Instruction, ListArg, Ref
from strategies.state import State

Misfit = tuple[list[Instruction], Instruction]
"""What is to stand before the call, and the call; as `mistakes.Mistake`."""

HUGE: Final = 1 << 70  # more than 64 bits
KINDS: Final = ("int64", "bool", "float64", "complex64", "int32", "uint8")
LEFT_OUT: Final = (7, -7, 0, 2.5, "x", None, True, HUGE, (7,), (), (1, 1, 1, 1, 1, 1, 1), Attr("int64"), Attr("bool"))
"""What is said for a parameter that the call leaves out."""
UNDECLARED: Final = (
    ("dtype", Attr("int64")), ("dtype", Attr("bool")), ("dtype", Attr("complex64")), ("dim", 7), ("dim", ()),
    ("dim", (0, 0)), ("keepdim", True), ("reduction", "no"), ("weight", None), ("enable_gqa", True),
    ("dropout_p", 1.5), ("dropout_p", 0.5), ("is_causal", True), ("correction", -1), ("generator", None),
    ("size_average", False), ("training", True), ("p", -1.0), ("upper", True), ("left", False), ("memory_format", 1),
    ("inplace", True), ("out", None), ("device", "cpu"), ("layout", Attr("strided")), ("requires_grad", True),
)  # fmt: skip
"""Arguments that some op takes though its line in the opset may not say so."""


def misfits(spec: OpSpec, state: State, call: Instruction) -> Iterator[Misfit]:
    """The call with one argument that nearly fits."""
    metas = {value.ref: value.meta for value in state.values}
    for place, arg in enumerate(call.args):
        for before, other in _instead(metas, arg):
            yield before, call._replace(args=(*call.args[:place], other, *call.args[place + 1 :]))
    for place, (name, arg) in enumerate(call.kwargs):
        for before, other in _instead(metas, arg):
            yield before, call._replace(kwargs=(*call.kwargs[:place], (name, other), *call.kwargs[place + 1 :]))
    yield from _of_another_dtype(metas, call)
    if call.form in ("call", "method"):
        for shape in ((3,), (2, 3)):
            yield [_filled(shape, 1, "float32")], call._replace(args=(*call.args, Ref("m0")))
        for name, value in UNDECLARED:
            yield [], call._replace(kwargs=(*call.kwargs, (name, value)))
        said = {name for name, _ in call.kwargs}
        for place, parameter in enumerate(spec.infer.parameters):
            if place >= len(call.args) and parameter.name not in said:
                yield from _said(call, parameter)


def _of_another_dtype(metas: dict[Any, Meta], call: Instruction) -> Iterator[Misfit]:
    """The call of operands of the same shapes, all of one other dtype."""
    operands = [arg for arg in dict.fromkeys(refs(call.args)) if Ref(arg) in metas]
    for dtype in KINDS if operands else ():
        made = [
            _filled(metas[Ref(arg)].shape, 1, dtype)._replace(outs=(f"m{place + 2}",))
            for place, arg in enumerate(operands)
        ]
        yield made, substitute(call, {arg: Ref(f"m{place + 2}") for place, arg in enumerate(operands)})


def _said(call: Instruction, parameter: Any) -> Iterator[Misfit]:
    """The call with an argument more, for a parameter that has a default."""
    if isinstance(parameter, Param):
        for value in LEFT_OUT:
            yield [], call._replace(kwargs=(*call.kwargs, (parameter.name, value)))
    else:
        for dtype in ("float32", "int64"):
            made = _filled((2, 3), 1, dtype)
            yield [made], call._replace(kwargs=(*call.kwargs, (parameter.name, Ref("m0"))))


def _instead(metas: dict[Any, Meta], arg: Any) -> Iterator[tuple[list[Instruction], Any]]:
    if isinstance(arg, Ref):
        if arg in metas:
            yield from (([made], Ref("m0")) for made in _alike(metas[arg]))
    elif isinstance(arg, (tuple, ListArg)):
        yield from _lists(metas, arg)
    else:
        yield from (([], one) for one in _numbers(arg))


def _alike(of: Meta) -> Iterator[Instruction]:
    """Tensors that differ from this one in one thing."""
    shape = of.shape
    shapes = [(*shape, 2), (2, *shape), shape[1:], shape[:-1], (1,) * len(shape), (2, 3, 4), (2, 2, 3, 4)]
    for dim in range(len(shape)):
        shapes += [(*shape[:dim], n, *shape[dim + 1 :]) for n in (shape[dim] + 1, 0, 2 * shape[dim])]
    for other in dict.fromkeys(shapes):
        if other != shape:
            yield _filled(other, 1, of.dtype)
    for dtype in KINDS:
        if dtype != of.dtype:
            yield _filled(shape, 1, dtype)
    for value in (100, -100) if of.dtype in ("int32", "int64") else (2.5, -2.5) if of.differentiable else ():
        yield _filled(shape, value, of.dtype)
    if of.differentiable:
        yield _filled(shape, 1, of.dtype, requires_grad=True)
        yield _filled(shape, 0, of.dtype, requires_grad=True)


def _filled(shape: tuple[int, ...], value: float, dtype: str, **kwargs: Any) -> Instruction:
    """A tensor of equal numbers."""
    number = bool(value) if dtype == "bool" else value
    if dtype in COMPLEXES and not value:
        number = 0
    said = (("dtype", Attr(dtype)), *kwargs.items())
    return Instruction(("m0",), "call", "full", (shape, number), said)


def _lists(metas: dict[Any, Meta], arg: Any) -> Iterator[tuple[list[Instruction], Any]]:
    """Lists and tuples with one element amiss, too few and too many."""
    items, made = (arg.items, ListArg) if isinstance(arg, ListArg) else (arg, tuple)
    yield from (([], made(one)) for one in ((), items[:1], items[:-1], (*items, *items[:1])) if one != items)
    for place in dict.fromkeys((0, len(items) - 1)) if items else ():
        for before, other in _instead(metas, items[place]):
            yield before, made((*items[:place], other, *items[place + 1 :]))
        for other in (None, "x", 1.5):
            yield [], made((*items[:place], other, *items[place + 1 :]))


def _numbers(arg: Any) -> tuple[Any, ...]:
    if isinstance(arg, bool):
        return (not arg,)
    if isinstance(arg, int):
        return (0, 1, 2, 3, -1, -2, 100, -100, HUGE, True, 2.0, 1j, (1,), Attr("int64"))
    if isinstance(arg, float):
        return (0.0, 1, 2.0, -0.5, 1e300, float("inf"), 1j, True, HUGE)
    if isinstance(arg, str):
        return ("", "mean", "none", "sum")
    if isinstance(arg, Attr):
        return (Attr("float64"), Attr("complex64"), Attr("int32"), Attr("uint8"), Attr("float16"), "x", None)
    if arg is None:
        return (0, 7, -7, True, (7,), 2.5, HUGE)
    return ()
