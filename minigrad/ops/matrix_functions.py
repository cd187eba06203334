"""Functions of square matrices and chains of products: matrix_exp, matrix_power, multi_dot, chain_matmul.

What may live here: these and the derivative of the exponential. The rest is composed of products.
"""

from __future__ import annotations

import math
from itertools import pairwise, product
from typing import Any

import numpy as np

from minigrad import errors
from minigrad.device import contiguous_format
from minigrad.errors import shape_text
from minigrad.ops.carriers import is_batched
from minigrad.ops.matrix_checks import called, check_floating, check_square
from minigrad.ops.products import matmul, mm
from minigrad.ops.solving import inv
from minigrad.registry import FUNCTIONS, composite, derivative, op
from minigrad.tensor import Tensor, wrap
from minigrad.warn import warn_once

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: N806 - matrices bear the names that torch gives them


# -- exponential ----------------------------------------------------------------------------------------

_THRESHOLDS = {
    "float32": (1.192092800768788e-07, 5.978858893805233e-04, 5.116619363445086e-02, 5.800524627688768e-01,
                1.461661507209034e00, 3.010066362817634e00),
    "float64": (2.220446049250313e-16, 2.580956802971767e-08, 3.397168839976962e-04, 4.991228871115323e-02,
                2.996158913811580e-01, 1.090863719290036e00),
}  # fmt: skip
"""Up to which 1-norm a Taylor polynomial of degree 1, 2, 4, 8, 12 and 18 is exact (Bader, Blanes and Casas 2019)."""
_DEGREES = (1, 2, 4, 8, 12, 18)


def _exponential(a: Any) -> Any:
    """e^a of one matrix: a Taylor polynomial of a scaled matrix, squared back."""
    n = a.shape[-1]
    if n == 1:
        return np.exp(a)
    thresholds = _THRESHOLDS["float64" if a.dtype.char in "dD" else "float32"]
    with np.errstate(all="ignore"):
        norm = float(np.abs(a).sum(0).max(initial=0))
        if not math.isfinite(norm):
            return np.full_like(a, np.nan)
        for degree, limit in zip(_DEGREES, thresholds, strict=True):
            if norm <= limit:
                return _taylor(a, degree)
        times = max(0, math.ceil(math.log2(norm / thresholds[-1])))
        out = _taylor(a / a.dtype.type(2.0**times), _DEGREES[-1])
        for _ in range(times):
            out = out @ out
    return out


def _taylor(a: Any, degree: int) -> Any:
    """The polynomial by Paterson and Stockmeyer's scheme."""
    eye = np.eye(a.shape[-1], dtype=a.dtype)
    width = max(1, math.isqrt(degree))
    powers = [eye, a]
    while len(powers) <= width:
        powers.append(powers[-1] @ a)
    out = np.zeros_like(a)
    for start in range(degree - degree % width, -1, -width):
        if start <= degree:
            terms = range(min(width, degree - start + 1))
            block = (powers[k] * a.dtype.type(1.0 / math.factorial(start + k)) for k in terms)
            out = out @ powers[width] + sum(block, np.zeros_like(a))
    return out


@op("_linalg_matrix_exp", promote="keep", numbers=False)
def matrix_exp_op(self):
    check_square(self, "linalg.matrix_exp")
    check_floating(self, "linalg.matrix_exp")
    out = np.empty(self.shape, self.dtype)
    for i in product(*map(range, self.shape[:-2])):
        out[i] = _exponential(self[i])
    return out


def _along(self: Any, direction: Any, adjoint: bool) -> Any:
    """The derivative of e^A in a direction: the corner of the exponential of [[A, direction], [0, A]]."""
    a = self.mH if adjoint else self
    n = a.shape[-1]
    if is_batched(direction) or is_batched(a):
        rows = FUNCTIONS["cat"]((a, direction), -1), FUNCTIONS["cat"]((a.new_zeros(a.shape), a), -1)
        return matrix_exp_op(FUNCTIONS["cat"](rows, -2)).narrow(-2, 0, n).narrow(-1, n, n)
    whole = direction.new_zeros((*a.shape[:-2], 2 * n, 2 * n))
    whole.narrow(-2, 0, n).narrow(-1, 0, n).copy_(a)
    whole.narrow(-2, n, n).narrow(-1, n, n).copy_(a)
    whole.narrow(-2, 0, n).narrow(-1, n, n).copy_(direction)
    return matrix_exp_op(whole).narrow(-2, 0, n).narrow(-1, n, n)


derivative(
    "LinalgMatrixExpBackward0",
    of=matrix_exp_op,
    forward=lambda self_t, self: _along(self, self_t, False),
    on_tensors=True,
    self=lambda grad, self: _along(self, grad, True),
)


@called("linalg.matrix_exp", "(Tensor input)")
def matrix_exp(input: Any) -> Any:
    """The matrix exponential."""
    return matrix_exp_op(input)


called("matrix_exp", "(Tensor input)", method=True)(matrix_exp)


# -- powers ---------------------------------------------------------------------------------------------


@called("linalg.matrix_power", "(Tensor input, int n)")
def matrix_power(input: Any, n: int) -> Any:
    """A multiplied with itself n times, by repeated squaring; of negative n, its inverse."""
    A = input
    check_square(A._a, "linalg.matrix_power")
    if n == 0:
        eye = wrap(np.eye(A._a.shape[-1], dtype=A._a.dtype))
        return A.clone(memory_format=contiguous_format).copy_(eye.expand(A._a.shape))
    if n == 1:
        return A.clone(memory_format=contiguous_format)
    if n == -1:
        return inv(A)
    base = A if n > 0 else inv(A)
    n = abs(n)
    if n == 2:
        return matmul(base, base)
    if n == 3:
        return matmul(matmul(base, base), base)
    square = result = None
    while n:
        n, bit = divmod(n, 2)
        square = base if square is None else matmul(square, square)
        if bit:
            result = square if result is None else matmul(result, square)
    return result


called("matrix_power", "(Tensor input, int n)", method=True)(matrix_power)


# -- chains of products ---------------------------------------------------------------------------------


def _check_chain(tensors: Any) -> None:
    n = len(tensors)
    if n < 2:
        raise RuntimeError(f"multi_dot(): expected at least 2 tensors but got {n}")
    for place, word in ((0, "first"), (-1, "last")):
        dims = tensors[place]._a.ndim
        if dims not in (1, 2):
            raise RuntimeError(f"multi_dot(): the {word} tensor must be 1D or 2D but got {dims}D")


def _check_fits(chain: Any) -> None:
    dt = chain[0]._a.dtype
    for i, one in enumerate(chain):
        if 0 < i < len(chain) - 1 and one._a.ndim != 2:
            raise RuntimeError(f"multi_dot(): tensor {i} must be 2D but got {one._a.ndim}D")
    for i, one in enumerate(chain):
        if one._a.dtype != dt:
            first, other = (errors.CPP_NAMES[x.name] for x in (dt, one._a.dtype))
            raise RuntimeError(
                f"multi_dot(): all tensors must have be the same dtype but tensor 0 is {first} and tensor {i} {other}"
            )
    for i, (a, b) in enumerate(pairwise(chain)):
        if a._a.shape[-1] != b._a.shape[0]:
            shapes = f"{shape_text(a._a.shape)} and {shape_text(b._a.shape)}"
            raise RuntimeError(f"multi_dot(): tensors {i} and {i + 1} with shapes {shapes} cannot be multiplied")


def _order(sizes: list[int]) -> list[list[int]]:
    """Where to split each stretch of the chain so that fewest numbers are multiplied (Cormen et al., 15.2)."""
    n = len(sizes) - 1
    cost = [[0.0] * n for _ in range(n)]
    split = [[0] * n for _ in range(n)]
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            cost[i][j] = math.inf
            for k in range(i, j):
                total = cost[i][k] + cost[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1]
                if total < cost[i][j]:
                    cost[i][j], split[i][j] = total, k
    return split


def _multiplied(chain: Any, split: Any, i: int, j: int) -> Any:
    if i == j:
        return chain[i]
    k = split[i][j]
    return mm(_multiplied(chain, split, i, k), _multiplied(chain, split, k + 1, j))


@called("linalg.multi_dot", "(tuple of Tensors tensors)")
def multi_dot(tensors: Any) -> Any:
    """The product of several matrices (the first and the last may be vectors), in the cheapest order."""
    _check_chain(tensors)
    shape: list[int] = []
    first, last = tensors[0], tensors[-1]
    if first._a.ndim == 2:
        shape.append(first._a.shape[0])
    if last._a.ndim == 2:
        shape.append(last._a.shape[1])
    chain = list(tensors)
    chain[0] = first.unsqueeze(0) if first._a.ndim == 1 else first
    chain[-1] = last.unsqueeze(-1) if last._a.ndim == 1 else last
    _check_fits(chain)
    if len(chain) == 3:
        a, b, c = chain
        rows, inner, width, columns = a._a.shape[0], a._a.shape[1], b._a.shape[1], c._a.shape[1]
        left = rows * inner * width + rows * width * columns
        right = inner * width * columns + rows * inner * columns
        result = mm(mm(a, b), c) if left <= right else mm(a, mm(b, c))
    else:
        split = _order([chain[0]._a.shape[0], *(one._a.shape[1] for one in chain)])
        result = _multiplied(chain, split, 0, len(chain) - 1)
    return result.view(*shape) if shape else result.view(())


@composite("chain_matmul", method=False)
def chain_matmul(*matrices: Any) -> Any:
    """`torch.chain_matmul`, which warns of its age."""
    warn_once(
        "torch.chain_matmul is deprecated and will be removed in a future PyTorch release. Use torch.linalg.multi_dot "
        "instead, which accepts a list of two or more tensors rather than multiple parameters."
    )
    if len(matrices) == 1 and isinstance(matrices[0], (list, tuple)):
        matrices = tuple(matrices[0])
    for one in matrices:
        if isinstance(one, Tensor) and one._a.ndim != 2:
            raise RuntimeError(f"Tensor dimension is {one._a.ndim}, expected 2 instead.")
    if not matrices:
        raise RuntimeError("chain_matmul(): Expected one or more matrices")
    return matrices[0] if len(matrices) == 1 else multi_dot(matrices)


