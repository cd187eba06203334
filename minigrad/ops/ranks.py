"""How many dimensions a matrix maps onto: linalg.matrix_rank.

What may live here: that function, composed of singular values and eigenvalues.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors
from minigrad.ops.carriers import written
from minigrad.ops.eigenvalues import eigvalsh
from minigrad.ops.matrix_checks import called, check_matrix
from minigrad.ops.selection import maximum
from minigrad.ops.singular_values import svdvals
from minigrad.tensor import Tensor, wrap
from minigrad.warn import warn


@called(
    "linalg.matrix_rank",
    "(Tensor input, *, Tensor? atol = None, Tensor? rtol = None, bool hermitian = False)",
    "(Tensor input, *, float? atol = None, float? rtol = None, bool hermitian = False)",
    "(Tensor input, Tensor tol, bool hermitian = False)",
    "(Tensor input, float tol, bool hermitian = False)",
)
def matrix_rank(input: Any, tol: Any = None, atol: Any = None, rtol: Any = None, hermitian: bool = False) -> Any:
    """How many singular values (`hermitian`: eigenvalues, by their size) are greater than the tolerance."""
    if tol is not None:
        atol, rtol = tol, 0.0
    a = input._a
    check_matrix(a, "torch.linalg.matrix_rank", "input")
    for name, given in (("atol", atol), ("rtol", rtol)):
        if isinstance(given, Tensor) and given.is_complex():
            raise RuntimeError(
                f"torch.linalg.matrix_rank: {name} tensor of complex type is not supported. Got "
                f"{given.dtype.scalar_type}"
            )
    if a.dtype.char not in "fdFD":
        raise RuntimeError("This function doesn't handle types other than float and double")
    if not a.size:
        return written(wrap(np.zeros(a.shape[:-2], np.int64)))
    sizes = eigvalsh(input).abs() if hermitian else svdvals(input)
    largest = sizes.amax(-1, True) if hermitian else sizes.narrow(-1, 0, 1)
    absolute, relative = (wrap(one).unsqueeze(-1) for one in _cuts(a, atol, rtol))
    cut = maximum(absolute, relative * largest)
    found = np.asarray((sizes._a > cut._a).sum(-1))
    if found.shape != a.shape[:-2]:  # torch makes the result for the matrices alone, and then has it grow
        warn(errors.resized_output(a.shape[:-2], found.shape))
    return written(wrap(found))


def _cuts(a: Any, atol: Any, rtol: Any) -> tuple[Any, Any]:
    """Both tolerances as arrays; the relative one is that of the precision where none is given that counts."""
    usual = float(np.finfo(a.dtype).eps) * max(a.shape[-2:])
    absolute = np.asarray(0.0 if atol is None else getattr(atol, "_a", atol), np.float64)
    if rtol is None:
        return absolute, np.asarray(np.where(absolute > 0, 0.0, usual))
    return absolute, np.asarray(getattr(rtol, "_a", rtol), np.float64)
