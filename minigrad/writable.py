"""Whether a result can be written into a tensor, and what torch says of dtypes before it looks for a kernel.

What may live here: checks of what is written in place, and of operands whose common dtype NumPy lacks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad import errors
from minigrad.dtypes import lacks_complex32
from minigrad.promotion import PROMOTIONS, broadcast_shape
from minigrad.tensor import Tensor

_CATEGORY = {"b": 0, "i": 1, "u": 1, "f": 2, "c": 3}
_PREDICATES = frozenset({"_eq", "_ne", "_lt", "_le", "_gt", "_ge"})
"""Ops whose result is of another dtype than the one they work in."""


def check_writable(target: Tensor, result: np.ndarray[Any, Any], by: str = "") -> None:
    """Raises where `result` cannot be written into `target`: shape, dtype category."""
    a = target._a
    if result.shape != a.shape and broadcast_shape([a.shape, result.shape]) != a.shape:
        raise errors.output_shape_mismatch(a.shape, result.shape, by)
    if _CATEGORY[result.dtype.kind] > _CATEGORY[a.dtype.kind]:
        raise errors.cannot_cast_result(result.dtype, a.dtype)
    if by == "abs" and a.dtype.kind == "c":
        raise RuntimeError("In-place abs is not supported for complex tensors.")


def refused_in_place(op: Any, arrays: list[Any], error: Exception) -> Exception:
    """What torch raises where the kernel of an op would not write into the first of `arrays`: it has looked before
    whether the dtype in which the op works can be written there."""
    if op.promote == "keep" or op.lists or op.name in _PREDICATES:
        return error
    if op.check is not None:  # which comes first, but for what it says of plain values
        try:
            op.check(*arrays[: len(op.operands)])
        except (RuntimeError, TypeError):
            return error
    target = arrays[0]
    if lacks_complex32(error) or "'ComplexHalf'" in str(error):
        if target.dtype.kind == "c":
            return error
        reason = str(errors.cannot_cast_result(np.dtype("complex64"), target.dtype))
        return RuntimeError(reason.replace("ComplexFloat", "ComplexHalf"))
    operands = [arrays[i] for i in op.operands]
    common = next(x.dtype for x in PROMOTIONS[op.promote](operands) if isinstance(x, np.ndarray))
    shape = broadcast_shape([x.shape for x in operands if isinstance(x, np.ndarray)])
    if shape == target.shape and _CATEGORY[common.kind] > _CATEGORY[target.dtype.kind]:
        return errors.cannot_cast_result(common, target.dtype)
    return error


def without_complex32(compute: Callable[[list[Any]], Any], operands: list[Any], error: TypeError) -> Exception:
    """What torch raises for complex numbers of half precision, where it has no kernel for any complex ones; else
    `error`, which says that there are none."""
    if not lacks_complex32(error):
        return error
    try:
        compute([x if x is None else np.asarray(x).astype(np.complex64) for x in operands])
    except NotImplementedError as refused:
        return NotImplementedError(str(refused).replace("'ComplexFloat'", "'ComplexHalf'"))
    except RuntimeError as refused:
        return refused
    except TypeError:
        pass
    return error
