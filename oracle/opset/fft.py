"""Fourier transforms: of one dimension, of two, of several; shifts and frequencies.

What may live here: one line per op, and rules that serve ops of this file alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oracle.opset.creation import DTYPE, GRAD
from oracle.opset.metas import COMPLEX, FLOAT, TO_COMPLEX, TO_REAL, Meta, Shape, meta
from oracle.opset.params import axes, by_shape, choice, dim, joint, number
from oracle.opset.spec import OMIT, Operand, OpSpec, Param, Rule, rule

VECTOR = Operand("input", fresh=meta((4,), "float32"))
MATRIX = Operand("input", fresh=meta((2, 4), "float32"))
SIZE = Param("n", lambda *_: (OMIT, 4, 1, 2), default=None, wrong=lambda *_: (0, -1))
NORM = choice("norm", "ortho", "forward", "backward", default=None, keyword="must")

POINTS, REAL_POINTS = (1, 2, 4), (1, 2)
"""Points of a transform (to real numbers). Libraries add up others in orders of their own, which shows in zeros and
infinities."""


def _transformed(x: Meta, dims: Sequence[int], sizes: Sequence[int] | None, gives: str) -> Meta | None:
    """Along `dims`, to `sizes` (None, -1: those it has). `gives`: the "whole", the first "half", "real" numbers."""
    if gives == "half" and x.category == COMPLEX:
        return None
    dtype = x.dtype if x.category >= FLOAT else "float32"
    points = dict(zip(dims, sizes or (-1,) * len(dims), strict=True))
    points = {d: x.shape[d] if size == -1 else size for d, size in points.items()}
    shape = list(x.shape)
    for d, size in points.items():
        shape[d] = size
    if dims and gives == "half":
        shape[dims[-1]] = points[dims[-1]] // 2 + 1
    if dims and gives == "real" and (sizes is None or sizes[-1] == -1):
        shape[dims[-1]] = points[dims[-1]] = 2 * (x.shape[dims[-1]] - 1)
    allowed = REAL_POINTS if gives == "real" else POINTS
    if not all(size in allowed for size in points.values()) or 0 in x.shape or dtype in ("float16", "bfloat16"):
        return None
    if not dims and gives != "whole":
        return None
    if gives == "real":
        return meta(tuple(shape), TO_REAL.get(dtype, dtype))
    return meta(tuple(shape), TO_COMPLEX[dtype])


def along(gives: str) -> Rule:
    """fft and its kind, along one dimension."""

    @rule(VECTOR, SIZE, dim(default=-1, dims=True), NORM)
    def infer(x: Meta, n: int | None, axis: int, norm: str | None) -> Meta | None:
        if not x.rank or not -x.rank <= axis < x.rank:
            return None
        return _transformed(x, (axis,), None if n is None else (n,), gives)

    return infer


def _pairs(x: Meta) -> tuple[Shape, ...]:
    return ((-2, -1), (0, 1), (-1, 0)) + (((0, 2), (-1, 1)) if x.rank > 2 else ()) if x.rank > 1 else ()


@by_shape
def _two(x: Meta) -> Sequence[tuple[Any, ...]]:
    """Sizes and dimensions of the forms for two dimensions."""
    pairs = _pairs(x)
    sized = [((2, 4), pair) for pair in pairs[1:]]
    return (*([(), ((2, 4),), ((-1, 2),)] if pairs else ()), *((None, pair) for pair in pairs), *sized)


@by_shape
def _several(x: Meta) -> Sequence[tuple[Any, ...]]:
    """Sizes and dimensions of the forms for any number of them."""
    single = [(None, (d,)) for d in axes(x)] if x.rank else []
    return ((), *single, *_two(x)[1:], *([((4,),), ((2,), (0,))] if x.rank else ()))


def _refused(x: Meta) -> Sequence[tuple[Any, ...]]:
    """A dimension that is not there, one twice, sizes that are none."""
    return ((None, (0, x.rank)), (None, (0, 0)), ((0, 2), (0, 1)), ((1,) * (x.rank + 1),), ((2,), (0, 1)))


def _along_several(gives: str, of_two: bool) -> Rule:
    @rule(MATRIX, joint("s", _two if of_two else _several, wrong=_refused), NORM)
    def infer(x: Meta, where: tuple[Any, ...], norm: str | None) -> Meta | None:
        sizes, dims = where + (None, None)[len(where) :]
        if dims is None:
            count = 2 if of_two else x.rank if sizes is None else len(sizes)
            dims = tuple(range(-count, 0))
        if any(not -x.rank <= d < x.rank for d in dims) or len({d % x.rank for d in dims}) != len(dims):
            return None
        return _transformed(x, dims, sizes, gives)

    return infer


@by_shape
def _shifts(x: Meta) -> Sequence[Any]:
    return (OMIT, *(axes(x) if x.rank else ()), *_pairs(x))


@rule(VECTOR, Param("dim", _shifts, default=None, wrong=lambda x: (x.rank, -x.rank - 1)))
def shifted(x: Meta, dims: Any) -> Meta | None:
    named = (dims,) if isinstance(dims, int) else dims or ()
    return x if x.rank and all(-x.rank <= d < x.rank for d in named) else None


def _frequencies(half: bool) -> Rule:
    @rule(number("n", 4, 5, 1, 2), number("d", 0.5, 2.0, default=1.0), DTYPE, GRAD)
    def infer(n: int, width: float, to: Any, requires_grad: bool) -> Meta | None:
        name = to.path if to else "float32"
        return meta((n // 2 + 1 if half else n,), name) if name in ("float32", "float64") else None

    return infer


# The library that torch leaves transforms to scales and adds up in an order that depends on the layout: equal numbers
# that lie otherwise have other last bits, other signs of zeros, and overflow elsewhere.
SPECS = (
    *(
        OpSpec(
            f"fft.{name}{many}", infer=infer, forms=("call",), tolerance="cancelling", dense=False,
            saves=gives == "half" or (gives == "whole" and not many),
        )
        for name, gives in {
            "fft": "whole", "ifft": "whole", "rfft": "half", "ihfft": "half", "irfft": "real", "hfft": "real",
        }.items()
        for many, infer in (("", along(gives)), ("2", _along_several(gives, True)), ("n", _along_several(gives, False)))
    ),
    OpSpec("fft.fftshift", infer=shifted, forms=("call",), tolerance="exact", dense=False, saves=False),
    OpSpec("fft.ifftshift", infer=shifted, forms=("call",), tolerance="exact", dense=False, saves=False),
    OpSpec("fft.fftfreq", infer=_frequencies(False), forms=("call",)),
    OpSpec("fft.rfftfreq", infer=_frequencies(True), forms=("call",)),
)  # fmt: skip
