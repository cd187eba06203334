"""Dimensions as people name them (from the front, from the back, several at once), counted from 0.

What may live here: wrapping and checking of dims, with torch's errors.
"""

from __future__ import annotations

from typing import Any

from minigrad import errors

Dims = tuple[int, ...]


def normal_dim(dim: int, ndim: int) -> int:
    """A dimension counted from 0; raises IndexError in torch's words. A 0-d tensor counts as having one."""
    if 0 <= dim < ndim:
        return dim
    n = ndim or 1
    if not -n <= dim < n:
        raise errors.dim_out_of_range(dim, ndim)
    return dim + n if dim < 0 else dim


def existing_dim(dim: int, ndim: int) -> int:
    """The same where a 0-d tensor has no dimension to name."""
    if ndim == 0:
        raise errors.no_dimensions(dim)
    return normal_dim(dim, ndim)


def distinct_dims(dims: Any, ndim: int) -> Dims:
    """Several dimensions counted from 0; raises RuntimeError where one is named twice."""
    out: list[int] = []
    for dim in dims:
        d = normal_dim(dim, ndim)
        if d in out:
            raise errors.repeated_dim(d)
        out.append(d)
    return tuple(out)


def normal_dims(dim: Any, ndim: int) -> Dims:
    """Dimensions of a reduction: an int, several, or None or () for all; each at most once."""
    if dim is None:
        return tuple(range(ndim))
    dims = (dim,) if isinstance(dim, int) else tuple(dim)
    if not dims:
        return tuple(range(ndim))
    return distinct_dims(dims, ndim) if ndim else distinct_dims(dims, ndim)[:0]
