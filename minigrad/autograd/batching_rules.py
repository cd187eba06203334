"""What ops do with batched tensors: torch's rules for vmap.

What may live here: the rules, by the overloads that minigrad's declarations have. A rule calls ops on the wholes, so
that what is recorded is recorded of them. They are those of the older one of torch's two vmaps, which is what its
autograd uses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.autograd.batched import Batched, batched, size_of
from minigrad.declaration import Op
from minigrad.dtypes import FROM_NUMPY
from minigrad.ops.carriers import fresh_zeros
from minigrad.ops.slicing import diagonal, select, slice_op
from minigrad.promotion import PROMOTIONS
from minigrad.registry import FUNCTIONS
from minigrad.tensor import Tensor

Args = tuple[Any, ...]
Rule = Callable[[Op, Args], Any]

RULES: dict[str, Rule] = {}
"""What is done instead, by overload."""


def apply(op: Op, args: Args, function: Any = None) -> Any:
    """Runs an op, or another `function` of the same arguments."""
    run = function or op.function
    if not op.keyword_only:
        return run(*args)
    at = {p.name: a for p, a in zip(op.params, args, strict=True)}
    return run(**at)


def _of_rank(x: Tensor, rank: int) -> Tensor:
    """The whole of `x`, or `x` as if it were one of one member, its members brought to `rank` dimensions."""
    if type(x) is Batched:
        missing = rank - x.dim()
        whole = x.whole
        return whole.view((len(whole), *(1,) * missing, *x.shape)) if missing else whole
    return x.view((1,) * (1 + rank - x.dim()) + tuple(x.shape))  # type: ignore[no-any-return]


def _pointwise(op: Op, args: Args) -> Any:
    """One operand: on the whole. Two: dimensions are aligned from the back, the batch apart."""
    operands = [i for i in op.operands if isinstance(args[i], Tensor)]
    given = list(args)
    if len(operands) > 1:
        tensors = [args[i] for i in operands]
        plain = [type(x) is not Batched and x.dim() == 0 for x in tensors]
        if not any(plain):
            rank = max(x.dim() for x in tensors)
            if any(x.dim() == 0 for x in tensors):
                tensors = _promoted(op, tensors)
            tensors = [_of_rank(x, rank) for x in tensors]
        for i, x in zip(operands, tensors, strict=True):
            given[i] = x
    for i in operands:
        if type(given[i]) is Batched:
            given[i] = given[i].whole
    return batched(apply(op, tuple(given)))


def _promoted(op: Op, tensors: list[Any]) -> list[Any]:
    """Operands of which some members have no dimensions, which the whole would not show: in the dtype that they
    come to."""
    if len({x.dtype for x in tensors}) == 1 or op.promote == "keep":
        return tensors
    stand_ins = [np.zeros((1,) * x.dim(), x._a.dtype) for x in tensors]
    found = FROM_NUMPY[PROMOTIONS[op.promote](stand_ins)[0].dtype]
    return [x if x.dtype == found else x.to(found) for x in tensors]


def _shifted(dim: int, rank: int) -> int:
    """Where a dimension of the members is in the whole; what is out of range stays so."""
    if dim < 0:
        dim += max(rank, 1)
    return dim + 1


def _dims_shifted(*names: str, more: int = 0) -> Rule:
    """On the whole, with the dimensions in these arguments shifted. `more`: how many dimensions the result has more,
    which they may name."""

    def rule(op: Op, args: Args) -> Any:
        rank = args[0].dim() + more
        given = [
            _shift(a, rank) if p.name in names else a.whole if type(a) is Batched else a
            for p, a in zip(op.params, args, strict=True)
        ]
        got = apply(op, tuple(given))
        return tuple(map(batched, got)) if op.several else batched(got)

    return rule


def _shift(dims: Any, rank: int) -> Any:
    if dims is None or dims == ():
        return tuple(range(1, rank + 1))
    return _shifted(dims, rank) if isinstance(dims, int) else tuple(_shifted(d, rank) for d in dims)


def _sum(op: Op, args: Args) -> Any:
    x, dims = args[0], args[1]
    if x.dim() == 0 and dims is not None and len(dims) == 1 and dims[0] in (0, -1):
        return x.clone()
    return _over_dims(op, args)


_over_dims = _dims_shifted("dim")


def _permute(op: Op, args: Args) -> Any:
    x, dims = args
    return batched(apply(op, (x.whole, (0, *_shift(dims, x.dim())))))


def _view(op: Op, args: Args) -> Any:
    whole = args[0].whole
    return batched(apply(op, (whole, (len(whole), *args[1]))))


def _expand(op: Op, args: Args) -> Any:
    x, size = args
    whole, missing = x.whole, len(size) - x.dim()
    if missing > 0:
        whole = whole.view((len(whole), *(1,) * missing, *x.shape))
    return batched(apply(op, (whole, (len(whole), *size))))


def _squeeze(op: Op, args: Args) -> Any:
    whole = args[0].whole
    return batched(whole.view((len(whole), *(n for n in args[0].shape if n != 1))))


def _transposed(op: Op, args: Args) -> Any:
    """`t` of matrices; vectors have their one dimension exchanged with itself, numbers none."""
    x = args[0]
    return batched(x.whole.transpose(1, x.dim())) if x.dim() else x


def _stack(op: Op, args: Args) -> Any:
    tensors, dim = args
    count = size_of(tensors)
    wholes = [_of_rank(x, x.dim()).expand((count, *x.shape)) for x in tensors]
    rank = tensors[0].dim() + (1 if "stack" in op.name else 0)
    return batched(apply(op, (wholes, _shifted(dim, rank))))


def _place_back(view: Callable[..., Any]) -> Rule:
    """The gradient of a view that looks at a part, for the tensor that it is a part of: written into zeros."""

    def rule(op: Op, args: Args) -> Any:
        whole, shape, *where = args[0].whole, args[1], *args[2:]
        zeros = fresh_zeros((len(whole), *shape), whole._a.dtype)
        dims = [i for i, p in enumerate(op.params[2:]) if p.name.startswith("dim")]
        for i in dims:
            where[i] = _shifted(where[i], len(shape))
        view(zeros, *where).copy_(whole)
        return batched(zeros)

    return rule


def _matrix_product(op: Op, args: Args) -> Any:
    """By `matmul`: a vector that is batched, or that stands before a batch, as a matrix of one row or column."""
    a, b = args
    row = a.dim() == 1 and type(a) is Batched
    column = b.dim() == 1 and type(b) is Batched
    one = a.whole.unsqueeze(-2) if row else a.whole if type(a) is Batched else a
    two = b.whole.unsqueeze(-1) if column else b.whole if type(b) is Batched else b
    made = FUNCTIONS["matmul"](one, two)
    for _ in range(row + column):
        made = made.squeeze(-1)
    return batched(made)


def _batches_product(op: Op, args: Args) -> Any:
    """`bmm`: both with a batch in front, by `matmul`."""
    return batched(FUNCTIONS["matmul"](*(_of_rank(x, 3) for x in args)))


def _transpose(op: Op, args: Args) -> Any:
    """Of numbers, which have no dimensions to exchange, themselves."""
    x, *dims = args
    if x.dim() == 0 and all(d in (0, -1) for d in dims):
        return x
    return _exchanged(op, args)


_exchanged = _dims_shifted("dim0", "dim1")


def diagonal_of(grad: Any, shape: tuple[int, ...]) -> Any:
    """The gradient of `trace`: along the diagonals of zeros."""
    whole = grad.whole
    zeros = fresh_zeros((len(whole), *shape), whole._a.dtype)
    zeros.diagonal(0, -2, -1).copy_(whole.unsqueeze(-1))
    return batched(zeros)


def _trace(op: Op, args: Args) -> Any:
    return batched(args[0].whole.diagonal(0, -2, -1).sum(-1))


POINTWISE = """
    abs acos asin atan ceil cos cosh digamma exp expm1 floor frac lgamma log log10 log1p log2 neg reciprocal relu _round
    rsqrt sigmoid sign sin sinh sqrt tan tanh trunc clone _conj_physical _view_as_real _view_as_complex _to_copy
    _to_copy.integral add.Tensor sub.Tensor mul.Tensor _mul.Scalar _add.Scalar _sub.Scalar _div.Tensor _div.Scalar
    _rsub.Scalar _rsub.Tensor _div.Tensor_mode _div.Tensor_no_mode _pow.Tensor_Scalar _pow.Tensor_Tensor _pow.Scalar
    eq.Tensor gt.Tensor ge.Tensor le.Tensor lt.Tensor ne.Tensor _sigmoid_backward _threshold_backward _clamp
    _clamp_min _clamp_max _fill.Scalar
"""
RULES.update(dict.fromkeys(POINTWISE.split(), _pointwise))
RULES.update({
    "_sum.dim_IntList": _sum, "_permute": _permute, "_view": _view, "_expand": _expand, "_squeeze": _squeeze,
    "t": _transposed, "_stack": _stack, "_cat": _stack, "transpose.int": _transpose,
    "select.int": _dims_shifted("dim"), "_slice": _dims_shifted("dim"), "diagonal": _dims_shifted("dim1", "dim2"),
    "unbind.int": _dims_shifted("dim"), "_split.Tensor": _dims_shifted("dim"),
    "split_with_sizes": _dims_shifted("dim"), "unfold": _dims_shifted("dimension"),
    "_squeeze.dim": _dims_shifted("dim"), "_squeeze.dims": _dims_shifted("dim"),
    "unsqueeze": _dims_shifted("dim", more=1),
    "_select_backward": _place_back(select), "_slice_backward": _place_back(slice_op),
    "_diagonal_backward": _place_back(diagonal), "mm": _matrix_product, "mv": _matrix_product,
    "dot": _matrix_product, "bmm": _batches_product, "trace": _trace,
})  # fmt: skip
