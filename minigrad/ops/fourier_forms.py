"""The functions of `fft`: transforms of one, two or all dimensions, shifts, and frequencies.

What may live here: how torch checks and resizes operands, and composes these functions of the ops in `fourier`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from minigrad import dtypes, errors
from minigrad.dims import existing_dim
from minigrad.factory import OUT, bind, finish, out_dtype
from minigrad.ops.carriers import HALF
from minigrad.ops.complex_views import COMPLEX, conj, conj_physical
from minigrad.ops.conversion import cast
from minigrad.ops.fourier import BY_N, BY_ROOT_N, NONE, c2c, c2r, r2c
from minigrad.ops.padding import constant_pad_op
from minigrad.ops.rearranging import roll_op
from minigrad.ops.slicing import slice_op
from minigrad.registry import composite
from minigrad.signatures import Parser

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

Dims = tuple[int, ...]
ONE = "(Tensor input, int? n = None, int dim = -1, str? norm = None)"
TWO = "(Tensor input, tuple of ints[1]? s = None, tuple of ints[1] dim = (-2,-1), str? norm = None)"
MANY = "(Tensor input, tuple of ints[1]? s = None, tuple of ints[1]? dim = None, str? norm = None)"


def _published(name: str, signature: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Publishes a function that takes the arguments which this signature names."""
    parser = Parser("fft_" + name, signature)

    def decorate(fn: Callable[..., Any]) -> Callable[..., Any]:
        def public(*args: Any, **kwargs: Any) -> Any:
            return fn(**parser.parse(args, kwargs)[1])

        public.__name__ = public.__qualname__ = name
        public.__doc__ = fn.__doc__
        return composite("fft." + name, method=False)(public)

    return decorate


# -- operands -------------------------------------------------------------------------------------------


def _promoted(x: Any, complex_: bool = False) -> Any:
    """Integers as floating point; reals as complex numbers, if asked for."""
    dt: Any = x._a.dtype
    if dt.kind not in "fc":
        dt = dtypes.get_default_dtype().numpy
    if dt is HALF:
        raise RuntimeError(f"Unsupported dtype {errors.TYPE_NAMES[dt.name]}")
    wanted: Any = COMPLEX[dt] if complex_ and dt.kind != "c" else dt
    return cast(x, wanted)


def _resized(x: Any, dims: Dims, sizes: Dims) -> Any:
    """The operand cut, or filled up with zeros, to these sizes."""
    pad = [0] * (2 * x._a.ndim)
    for d, size in zip(dims, sizes, strict=True):
        had = x._a.shape[d]
        if had < size:
            pad[2 * (x._a.ndim - d) - 1] = size - had
        elif had > size:
            x = slice_op(x, d, 0, size)
    return constant_pad_op(x, tuple(pad), 0) if any(pad) else x


def _scale(norm: str | None, forward: bool) -> int:
    if norm in (None, "backward"):
        return NONE if forward else BY_N
    if norm == "forward":
        return BY_N if forward else NONE
    if norm == "ortho":
        return BY_ROOT_N
    raise RuntimeError(f'Invalid normalization mode: "{norm}"')


def _check_points(n: int) -> None:
    if n < 1:
        raise RuntimeError(f"Invalid number of data points ({n}) specified")


# -- along one dimension --------------------------------------------------------------------------------


def _to_complex(name: str, input: Any, n: int | None, dim: int, norm: str | None, forward: bool, half: bool) -> Any:
    """fft and ifft, and with `half` rfft and ihfft, of real numbers or (not half) of complex ones."""
    real = input._a.dtype.kind != "c"
    if half and not real:
        raise RuntimeError(f"{name} expects a real input tensor, but got {errors.type_name(input._a)}")
    x = _promoted(input)
    d = existing_dim(dim, x._a.ndim)
    _check_points(x._a.shape[d] if n is None else n)
    x = x if n is None else _resized(x, (d,), (n,))
    scale = _scale(norm, forward)
    if not real:
        return c2c(x, (d,), scale, forward)
    out = r2c(x, (d,), scale, half)
    return out if forward else conj(out)


def _to_real(input: Any, n: int | None, dim: int, norm: str | None, forward: bool) -> Any:
    """irfft and hfft."""
    x = _promoted(input, complex_=True)
    d = existing_dim(dim, x._a.ndim)
    size = 2 * (x._a.shape[d] - 1) if n is None else n
    _check_points(size)
    x = x if n is None else _resized(x, (d,), (size // 2 + 1,))
    scale = _scale(norm, forward)
    return c2r(conj(x) if forward else x, (d,), scale, size)


def _declare_one(name: str, text: str, forward: bool, half: bool, real: bool = False) -> None:
    def fn(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Any:
        if real:
            return _to_real(input, n, dim, norm, forward)
        return _to_complex(name, input, n, dim, norm, forward, half)

    fn.__doc__ = text
    _published(name, ONE)(fn)


_declare_one("fft", "The discrete Fourier transform along a dimension.", True, False)
_declare_one("ifft", "The inverse of `fft`.", False, False)
_declare_one("rfft", "The half of `fft` that determines the rest for real numbers.", True, True)
_declare_one("ihfft", "The inverse of `hfft`.", False, True)
_declare_one("irfft", "The inverse of `rfft`.", False, True, real=True)
_declare_one("hfft", "`fft` of numbers whose other half is the conjugate.", True, True, real=True)


# -- along several dimensions ---------------------------------------------------------------------------


def _axes(x: Any, s: Dims | None, dim: Dims | None) -> tuple[Dims, Dims]:
    """The dimensions to be transformed and the sizes to be transformed to."""
    shape: Dims = x._a.shape
    ndim = len(shape)
    dims = tuple(range(ndim)) if dim is None else tuple(existing_dim(d, ndim) for d in dim)
    if len(set(dims)) != len(dims):
        raise RuntimeError("FFT dims must be unique")
    if s is None:
        sizes = tuple(shape[d] for d in dims)
    else:
        if dim is not None and len(dim) != len(s):
            raise RuntimeError("When given, dim and shape arguments must have the same length")
        if len(s) > ndim:
            raise RuntimeError(f"Got shape with {len(s)} values but input tensor only has {ndim} dimensions.")
        dims = dims if dim is not None else tuple(range(ndim - len(s), ndim))
        sizes = tuple(shape[d] if n == -1 else n for d, n in zip(dims, s, strict=True))
    for n in sizes:
        _check_points(n)
    return dims, sizes


def _real_axes(name: str, x: Any, s: Dims | None, dim: Dims | None) -> tuple[Dims, Dims, int]:
    """The same for half of a transform, which becomes real; and the size of the last dimension of that."""
    dims, sizes = _axes(x, s, dim)
    if not dims:
        raise RuntimeError(f"{name} must transform at least one axis")
    last = 2 * (x._a.shape[dims[-1]] - 1) if s is None or s[-1] == -1 else sizes[-1]
    _check_points(last)
    return dims, (*sizes[:-1], last // 2 + 1), last


def _whole(forward: bool, input: Any, s: Dims | None, dim: Dims | None, norm: str | None) -> Any:
    """fftn and ifftn."""
    dims, sizes = _axes(input, s, dim)
    x = _resized(_promoted(input, complex_=True), dims, sizes)
    return c2c(x, dims, _scale(norm, forward), forward)


def _rfftn(input: Any, s: Dims | None, dim: Dims | None, norm: str | None) -> Any:
    if input._a.dtype.kind == "c":
        raise RuntimeError(f"rfftn expects a real-valued input tensor, but got {errors.type_name(input._a)}")
    dims, sizes = _axes(input, s, dim)
    if not dims:
        raise RuntimeError("rfftn must transform at least one axis")
    return r2c(_resized(_promoted(input), dims, sizes), dims, _scale(norm, True), True)


def _irfftn(input: Any, s: Dims | None, dim: Dims | None, norm: str | None) -> Any:
    dims, sizes, last = _real_axes("irfftn", input, s, dim)
    x = _resized(_promoted(input, complex_=True), dims, sizes)
    return c2r(x, dims, _scale(norm, False), last)


def _hfftn(input: Any, s: Dims | None, dim: Dims | None, norm: str | None) -> Any:
    dims, sizes, last = _real_axes("hfftn", input, s, dim)
    x = _resized(_promoted(input, complex_=True), dims, sizes)
    scale = _scale(norm, True)
    if len(dims) > 1:
        x = c2c(x, dims[:-1], scale, True)
    return c2r(conj(x), dims[-1:], scale, last)


def _ihfftn(input: Any, s: Dims | None, dim: Dims | None, norm: str | None) -> Any:
    dims, sizes = _axes(input, s, dim)
    if not dims:
        raise RuntimeError("ihfftn must transform at least one axis")
    x = _resized(_promoted(input), dims, sizes)
    scale = _scale(norm, False)
    if x._a.dtype.kind == "c":
        raise RuntimeError(f"Only supports floating-point dtypes, but found: {errors.type_name(x._a)}")
    out = r2c(x, dims[-1:], scale, True)
    return conj(out) if len(dims) == 1 else c2c(conj_physical(out), dims[:-1], scale, False)


SEVERAL: dict[str, tuple[Callable[..., Any], str]] = {
    "fft": (partial(_whole, True), "`fft` along each of these dimensions."),
    "ifft": (partial(_whole, False), "`ifft` along each of these dimensions."),
    "rfft": (_rfftn, "`rfft` along the last of these dimensions, `fft` along the others."),
    "irfft": (_irfftn, "`ifft` along these dimensions but the last one, there `irfft`."),
    "hfft": (_hfftn, "`fft` along these dimensions but the last one, there `hfft`."),
    "ihfft": (_ihfftn, "`ihfft` along the last of these dimensions, `ifft` along the others."),
}


def _declare_several(name: str, suffix: str, signature: str, default: Dims | None) -> None:
    transform, text = SEVERAL[name]

    def fn(input: Any, s: Dims | None = None, dim: Dims | None = default, norm: str | None = None) -> Any:
        return transform(input, s, dim, norm)

    fn.__doc__ = text
    _published(name + suffix, signature)(fn)


for _name in SEVERAL:
    _declare_several(_name, "2", TWO, (-2, -1))
    _declare_several(_name, "n", MANY, None)


# -- shifts and frequencies -----------------------------------------------------------------------------


def _declare_shift(name: str, text: str, rounding: int) -> None:
    def fn(input: Any, dim: Dims | None = None) -> Any:
        shape = input._a.shape
        dims = tuple(range(len(shape))) if dim is None else tuple(existing_dim(d, len(shape)) for d in dim)
        return roll_op(input, tuple((shape[d] + rounding) // 2 for d in dims), dims)

    fn.__doc__ = text
    _published(name, "(Tensor input, tuple of ints[1]? dim = None)")(fn)


_declare_shift("fftshift", "Moves the zero frequency to the middle.", 0)
_declare_shift("ifftshift", "Moves it back to the beginning.", 1)


def _declare_frequencies(name: str, text: str, numbers: Callable[[int], Any]) -> None:
    parser = Parser("fft_" + name, f"(int n, float d = 1.0, *, {OUT})")

    def public(*args: Any, **kwargs: Any) -> Any:
        given = bind(parser, args, kwargs)[1]
        dt = out_dtype(given, dtypes.get_default_dtype()).numpy
        if dt.kind not in "fc":
            raise RuntimeError(f"{name} requires a floating point or complex dtype")
        if dt.kind == "c":
            raise errors.not_implemented_for("arange_cpu", dt)
        n, width = given["n"], given.get("d", 1.0)
        count = np.float64(n * width)
        return finish((numbers(n).astype(dt) * dt.type(1 / count)).astype(dt, copy=False), given)

    public.__name__ = public.__qualname__ = name
    public.__doc__ = text
    composite("fft." + name, method=False)(public)


def _counted(n: int) -> int:
    if n < 0:
        raise RuntimeError(f"Trying to create tensor with negative dimension {n}: [{n}]")
    return n


def _both_signs(n: int) -> Any:
    _counted(n)
    return np.concatenate([np.arange((n + 1) // 2), np.arange(-(n // 2), 0)])


_declare_frequencies("fftfreq", "The frequencies that `fft` of `n` points tells apart.", _both_signs)
_declare_frequencies("rfftfreq", "The same for `rfft`.", lambda n: np.arange(_counted(int(n / 2) + 1)))
