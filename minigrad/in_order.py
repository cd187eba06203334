"""Writes along a dimension into what meets itself (`windows.meets_itself`): later steps read what earlier ones wrote.

What may live here: the order in which torch's kernels take their steps, op by op; which ops they are is in `STEPS`.
Elementwise work on such targets is in `overlapping`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from minigrad.dims import normal_dim
from minigrad.dtypes import Array
from minigrad.overlapping import in_part, whole_of

WIDE = {"f": np.dtype(np.float64), "c": np.dtype(np.complex128), "i": np.dtype(np.int64), "u": np.dtype(np.int64)}
UFUNCS: dict[str, Any] = {
    "add": np.add, "sum": np.add, "multiply": np.multiply, "prod": np.multiply, "amax": np.maximum, "amin": np.minimum,
}  # fmt: skip


def written(op: Any, kernel: Callable[[Array], Any], arrays: list[Any], result: Array) -> Array:
    """What is left in the first of `arrays`, which meets itself, by an op of `STEPS`; `result` where its order is not
    known.

    kernel  what the op makes of another target
    """
    target = arrays[0]
    given = {p.name: a for p, a in zip(op.params, arrays, strict=False)}
    steps = STEPS[op.name]
    if steps is None:
        return result if given.get("accumulate") else in_part(kernel, target, result)
    whole = whole_of(target)
    return whole.copy() if steps(whole, given) else result


def _scanned(ufunc: Any) -> Callable[[Array, dict[str, Any]], bool]:
    def steps(whole: Array, given: dict[str, Any]) -> bool:
        lines = np.moveaxis(whole, normal_dim(given["dim"], whole.ndim), -1)
        for at in _turns(lines[..., 0]):
            total = WIDE[whole.dtype.kind].type(ufunc.identity)
            for k in range(lines.shape[-1]):
                total = ufunc(total, lines[(*at, k)])
                lines[(*at, k)] = total
        return True

    return steps


def _scattered(whole: Array, given: dict[str, Any]) -> bool:
    source, reduce = given.get("src", given.get("value")), given.get("reduce")
    if reduce == "mean" or given.get("include_self") is False:
        return False
    index, dim = given["index"], normal_dim(given["dim"], whole.ndim)
    lines = np.moveaxis(index, dim, -1)
    others, along = [*np.ndindex(lines.shape[:-1])], range(lines.shape[-1])
    line_by_line = dim == whole.ndim - 1 or len(others) < len(along)
    turns = ((at, k) for at in others for k in along) if line_by_line else ((at, k) for k in along for at in others)
    for at, k in turns:
        read = (*at[:dim], k, *at[dim:])
        place = (*at[:dim], index[read], *at[dim:])
        value = source[read] if isinstance(source, np.ndarray) and source.ndim else source
        whole[place] = value if reduce is None else UFUNCS[reduce](whole[place], value)
    return True


def _added(whole: Array, given: dict[str, Any]) -> bool:
    return _scattered(whole, {**given, "reduce": "add"})


def _slice_by_slice(whole: Array, given: dict[str, Any]) -> bool:
    reduce = given.get("reduce", "add")
    if reduce == "mean" or given.get("include_self") is False:
        return False
    slices = np.moveaxis(whole, (dim := normal_dim(given["dim"], whole.ndim)), 0)
    sources = np.moveaxis(given["source"], dim, 0) * np.asarray(given.get("alpha", 1), whole.dtype)
    for place, source in zip(np.atleast_1d(given["index"]), sources, strict=True):
        for at in _turns(slices[place]):
            slices[place][at] = UFUNCS[reduce](slices[place][at], source[at])
    return True


def _turns(part: Array) -> Iterator[tuple[int, ...]]:
    """The elements of `part` in the order of memory."""
    order = sorted(range(part.ndim), key=lambda d: -part.strides[d])
    for turn in np.ndindex(*(part.shape[d] for d in order)):
        yield tuple(turn[order.index(d)] for d in range(part.ndim))


STEPS: dict[str, Callable[[Array, dict[str, Any]], bool] | None] = {
    "_cumsum": _scanned(np.add), "_cumprod": _scanned(np.multiply), "_scatter": _scattered, "scatter_add": _added,
    "scatter_reduce": _scattered, "index_add": _slice_by_slice, "_index_reduce": _slice_by_slice,
    "tril": None, "triu": None, "_index_fill": None, "_index_put": None,
}  # fmt: skip
"""None of those that leave elements alone and read none that they wrote."""
