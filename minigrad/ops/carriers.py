"""What formulas need of a carrier (an array or a Tensor) beyond operators and ops: facts, zeros, precision.

What may live here: small functions that work alike on both kinds of carrier (registry.Note [Carriers]) and
what kernels share. No op is declared here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from minigrad import errors, modes
from minigrad.layout import laid_out
from minigrad.memory import allocate, dense_strides, strides_of
from minigrad.tensor import Tensor, wrap

HALF, SINGLE = np.dtype("float16"), np.dtype("float32")


def array_of(x: Any) -> Any:
    """The array of a carrier; numbers are returned as they are."""
    return x._a if isinstance(x, Tensor) else x


def is_batched(x: Any) -> bool:
    """Whether a carrier is a batch (autograd.batched), for which torch takes other ways: nothing is written in place
    to what is none, and no element is asked for."""
    return isinstance(x, Tensor) and not isinstance(x._a, np.ndarray)


def is_complex(x: Any) -> bool:
    """Whether a carrier or number is complex."""
    a = array_of(x)
    return isinstance(a, complex) or getattr(getattr(a, "dtype", None), "kind", "") == "c"


def zeros_like(x: Any) -> Any:
    """Zeros of the carrier's kind, shape, dtype and layout."""
    a = np.asarray(array_of(x))
    if a.flags.c_contiguous:
        zeros = np.zeros(a.shape, a.dtype)
    else:
        zeros = allocate(a.shape, a.dtype, dense_strides(a.shape, strides_of(a)))
    return wrap(zeros) if isinstance(x, Tensor) else zeros


def constant(value: Any, like: Any) -> Any:
    """A 0-d carrier of `value` with the kind and dtype of `like`."""
    a = np.asarray(value, array_of(like).dtype)
    return wrap(a) if isinstance(like, Tensor) else a


def alike(a: Any, b: Any) -> tuple[Any, Any]:
    """Two operands of a kernel as arrays: a Python number among them takes the dtype of the other."""
    if not isinstance(b, (np.ndarray, np.generic)):
        return a, np.asarray(b, a.dtype)
    return (a, b) if isinstance(a, (np.ndarray, np.generic)) else (np.asarray(a, b.dtype), b)


def filled_nan(like: Any) -> Any:
    """A 0-d carrier of NaN with the kind and dtype of `like`."""
    return constant(np.nan, like)


def masked(x: Any, mask: Any, value: Any) -> Any:
    """A carrier with `value` wherever `mask` holds."""
    return x.masked_fill(mask, value) if isinstance(x, Tensor) else np.where(mask, x.dtype.type(value), x)


def of_one_kernel(result: Any, *operands: Any) -> Any:
    """A pointwise result of several steps, unrecorded, laid out as one kernel of torch's lays it out."""
    a = np.asarray(array_of(result))
    out = laid_out(a, [array_of(x) for x in operands])
    return result if out is a else wrap(out) if isinstance(result, Tensor) else out


def masked_in_place(x: Any, mask: Any, value: Any) -> Any:
    """The same where torch writes into `x`, which a formula made: `x` keeps its layout and counts the write."""
    return x.masked_fill_(mask, value) if isinstance(x, Tensor) else written(masked(x, mask, value))


def written(x: Any, times: int = 1) -> Any:
    """`x`, noted as filled by writes: torch makes some gradients in place, which shows in their version."""
    if isinstance(x, Tensor):
        x.counter()[0] += times
        return x
    task = modes.state.task
    if task is None or task.raw is None:
        return x
    x = np.asarray(x)
    for _ in range(times):
        task.raw.written(x)
    return x


def rewritten(x: Any, result: Any, more: int = 1) -> Any:
    """`result`, an array, noted as `x` written so many times more."""
    task = modes.state.task
    times = 0 if task is None or task.raw is None else task.raw.version(x)
    return written(result, times + more)


def fresh_zeros(shape: tuple[int, ...], dt: Any) -> Tensor:
    """A Tensor of zeros as torch's formulas make them: with one write behind it."""
    return written(wrap(np.zeros(shape, dt)))  # type: ignore[no-any-return]


def zero_gradient(grad: Any, shape: tuple[int, ...], dt: Any) -> Any:
    """The gradient of what a backward op only asked its size, as torch makes it: zeros, contiguous."""
    zeros = np.zeros(shape, dt)
    return written(wrap(zeros) if isinstance(grad, Tensor) else zeros)


def in_float32(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """A kernel of several steps, for halves carried out in float32 and rounded once, as torch does."""

    @wraps(kernel)
    def widened(*args: Any, **kwargs: Any) -> Any:
        for a in (*args, *kwargs.values()) if kwargs else args:
            if getattr(a, "dtype", None) is HALF:
                break
        else:
            return kernel(*args, **kwargs)
        return _narrowed(kernel(*map(_widened, args), **{k: _widened(a) for k, a in kwargs.items()}))

    return widened


def _widened(a: Any) -> Any:
    if getattr(a, "dtype", None) != HALF:
        return a
    if 0 not in a.strides:
        return a.astype(SINGLE, order="K")
    core = a[tuple([slice(0, 1) if s == 0 else slice(None) for s in a.strides])]  # what is expanded stays so
    return np.broadcast_to(core.astype(SINGLE, order="K"), a.shape)


def _narrowed(result: Any) -> Any:
    if isinstance(result, (tuple, list)):
        return [_narrowed(one) for one in result]
    return result.astype(HALF) if result.dtype == SINGLE else result


def supports(
    kinds: str, kernel_name: str = "", **texts: Exception
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A kernel for a first operand whose dtype is of one of NumPy's `kinds`; torch refuses the others.

    It does so in the words of the exception given for the kind in `texts`, or naming the kernel it lacks.
    """

    def decorate(kernel: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(kernel)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            dt = (args[0] if args else next(iter(kwargs.values()))).dtype
            if dt.kind not in kinds:
                known = texts.get(dt.kind)
                raise (
                    errors.not_implemented_for(kernel_name, dt) if known is None else type(known)(*known.args)
                )
            return kernel(*args, **kwargs)

        return guarded

    return decorate


def supports_wide(kernel_name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A kernel for a first operand of single or double precision; torch refuses halves, too."""

    def decorate(kernel: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(kernel)
        def guarded(self: Any, *args: Any) -> Any:
            if self.dtype.char not in "fd":
                raise errors.not_implemented_for(kernel_name, self.dtype)
            return kernel(self, *args)

        return guarded

    return decorate
