"""Ops that make a tensor of nothing: zeros, ones, full, eye, arange.

What may live here: creation without tensor operands. `tensor` is the composer's own leaf form, since its
data are values.
"""

from __future__ import annotations

from typing import Any

from oracle.opset.metas import FLOAT, Meta, meta
from oracle.opset.params import choice, dtype, joint, number
from oracle.opset.spec import OpSpec, Param, rule

SHAPES = ((2,), (), (2, 3), (1,), (3, 1), (0,), (2, 0), (2, 1, 3), (1, 1))
SHAPE = Param("size", lambda: SHAPES, keyword="never")
DTYPE = dtype("float64", "float32", "int64", "bool")
GRAD = choice("requires_grad", True, default=False, keyword="must")


def _leaf(shape: Any, name: str, requires_grad: bool) -> Meta | None:
    made = meta(shape, name)
    return None if requires_grad and made.category < FLOAT else made


@rule(SHAPE, DTYPE, GRAD)
def filled(shape: Any, to: Any, requires_grad: bool) -> Meta | None:
    return _leaf(shape, to.path if to else "float32", requires_grad)


@rule(SHAPE, number("fill_value", 2.0, -1.5, 3, 0.0), DTYPE, GRAD)
def full(shape: Any, value: Any, to: Any, requires_grad: bool) -> Meta | None:
    return _leaf(shape, to.path if to else "int64" if isinstance(value, int) else "float32", requires_grad)


@rule(joint("n", lambda: ((2,), (3,), (2, 3), (1,), (0,))), DTYPE, GRAD)
def identity(sizes: Any, to: Any, requires_grad: bool) -> Meta | None:
    return _leaf(sizes if len(sizes) == 2 else sizes * 2, to.path if to else "float32", requires_grad)


@rule(joint("end", lambda: ((3,), (1, 4), (3.0,), (0.5, 2.0, 0.5), (0,))), dtype("float64", "float32"), GRAD)
def counted(bounds: Any, to: Any, requires_grad: bool) -> Meta | None:
    start, end, step = (0, *bounds, 1) if len(bounds) == 1 else (*bounds, 1)[:3]
    ints = all(isinstance(bound, int) for bound in bounds)
    name = to.path if to else "int64" if ints else "float32"
    return _leaf((int(-(-(end - start) // step)),), name, requires_grad)


SPECS = (
    OpSpec("zeros", infer=filled, forms=("call",), tolerance="exact"),
    OpSpec("ones", infer=filled, forms=("call",), tolerance="exact"),
    OpSpec("full", infer=full, forms=("call",), tolerance="exact"),
    OpSpec("eye", infer=identity, forms=("call",), tolerance="exact"),
    OpSpec("arange", infer=counted, forms=("call",), tolerance="exact"),
)
