"""What the losses of nn.functional have in common: reductions, their old spellings, broadcasting, refusals.

What may live here: helpers of the losses. No op is declared here.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad import errors, modes
from minigrad.dtypes import result_dtype
from minigrad.ops.arithmetic import plus, times
from minigrad.ops.carriers import HALF, SINGLE, is_batched, rewritten
from minigrad.ops.expanding import broadcast_tensors
from minigrad.registry import composite, inplace_of
from minigrad.tensor import InferenceLeaf, Tensor
from minigrad.warn import warn

NONE, MEAN, SUM = range(3)
NAMES = ("none", "mean", "sum")
_CATEGORIES = {"b": 0, "i": 1, "u": 1, "f": 2, "c": 3}


def functional(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Publishes a function of nn.functional."""
    return composite("nn.functional." + name, method=False)


def reduction_name(reduction: str, size_average: bool | None, reduce: bool | None) -> str:
    """The reduction asked for, also by the arguments it had before, with torch's warning."""
    if size_average is None and reduce is None:
        return reduction
    if reduce is not None and not reduce:
        name = "none"
    else:
        name = "mean" if size_average is None or size_average else "sum"
    warnings.warn(
        f"size_average and reduce args will be deprecated, please use reduction='{name}' instead.", stacklevel=2
    )
    return name


def reduction_number(name: str) -> int:
    """torch's number of a reduction. ValueError for a name that is none."""
    if name == "elementwise_mean":
        warnings.warn("reduction='elementwise_mean' is deprecated. Please use reduction='mean' instead.", stacklevel=2)
        return MEAN
    if name not in NAMES:
        raise ValueError(f"{name} is not a valid value for reduction")
    return NAMES.index(name)


def together(input: Any, target: Any) -> tuple[Any, Any]:
    """Both expanded to the shape they have in common."""
    return broadcast_tensors(input, target)  # type: ignore[no-any-return]


def warn_of_sizes(input: Any, target: Any) -> None:
    """torch's warning where a loss is to broadcast."""
    if target.size() != input.size():
        warn(
            f"Using a target size ({target.size()}) that is different to the input size ({input.size()}). "
            "This will likely lead to incorrect results due to broadcasting. Please ensure they have the same size."
        )


def reduced(x: Any, reduction: int) -> Any:
    """The mean, the sum, or the losses themselves."""
    return x if reduction == NONE else x.mean() if reduction == MEAN else x.sum()


def reduced_array(losses: Any, reduction: int) -> Any:
    """The same of an array; halves, each rounded for itself, are added up in single precision."""
    if reduction == NONE:
        return losses
    total = losses.sum(dtype=SINGLE if losses.dtype is HALF else losses.dtype)
    if reduction == MEAN:
        total = total / total.dtype.type(losses.size)
    return np.asarray(total).astype(losses.dtype, copy=False)


def reduced_in_place(losses: Any, reduction: int) -> Any:
    """The same where torch writes the result over the losses: its storage has room for all of them."""
    if reduction == NONE:
        return losses
    room = np.zeros(max(losses.size, 1), losses.dtype)
    room[0] = reduced_array(losses, reduction)
    return room[:1].reshape(())


def raised(x: Any, number: float) -> Any:
    """`x + number` as torch's C++ says it; integers are promoted."""
    quick = x._a.dtype.kind in "fc" and not isinstance(x, InferenceLeaf)  # of which autograd sees a sum with a number
    return plus(x, number) if quick else x + number


def scaled(x: Any, number: float) -> Any:
    """`x * number`, likewise."""
    return times(x, number) if x._a.dtype.kind in "fc" else x * number


def mean_factor(size: int, reduction: int) -> float:
    """What the gradient of each loss is multiplied by."""
    return 1.0 / size if reduction == MEAN and size else 1.0


def in_place(function: Any, x: Any, *rest: Any) -> Any:
    """An op that a formula of torch's does in place, where `x` is nobody else's, if not with a batch."""
    if any(map(is_batched, rest)) and not is_batched(x):
        return function(x, *rest)
    return inplace_of(function)(x, *rest) if isinstance(x, Tensor) else rewritten(x, function(x, *rest))


def multiplied(x: Any, y: Any) -> Any:
    """The product of two arrays in the dtype that torch gives it, dimensions or not."""
    x, y = np.asarray(x), np.asarray(y)  # NumPy's float64 is a number of Python as well, which promotes otherwise
    wide = result_dtype(x, y).numpy
    return np.asarray(np.multiply(x.astype(wide, copy=False), y.astype(wide, copy=False)))


def times_in_place(x: Any, y: Any) -> Any:
    """The product of two arrays as torch writes it over the first. Raises RuntimeError where that has no room."""
    return _fitted(multiplied(x, y), x)


def subtracted_in_place(x: Any, y: Any) -> Any:
    """Their difference, likewise."""
    x, y = np.asarray(x), np.asarray(y)
    wide = result_dtype(x, y).numpy
    return _fitted(np.asarray(np.subtract(x.astype(wide, copy=False), y.astype(wide, copy=False))), x)


def _fitted(result: Any, onto: Any) -> Any:
    if _CATEGORIES[result.dtype.kind] > _CATEGORIES[onto.dtype.kind]:
        raise errors.cannot_cast_result(result.dtype, onto.dtype)
    return result.astype(onto.dtype, copy=False)


def real_where_recorded(function: str, out: Any) -> Any:
    """A result, unless it is complex and requires grad, which torch does not know how to differentiate."""
    if out._rg and out._a.dtype.kind == "c":
        raise errors.complex_not_recorded(function)
    return out


def refuse_gradients(function: str, **arguments: Any) -> None:
    """Raises RuntimeError for an argument that requires grad though torch has no derivative for it."""
    for name, x in arguments.items():
        if modes.state.grad and isinstance(x, Tensor) and x.requires_grad:
            raise errors.not_differentiable(function, name)
