"""Random numbers as arrays, drawn and rounded as torch's kernels do, for factories and for writes in place.

What may live here: what becomes of a generator's numbers, and its refusals. Streams are in `generator`, tensors in
`random` and `ops.random_fills`.
"""

from __future__ import annotations

import numpy as np

from minigrad import dtypes, modes
from minigrad.dtypes import Array, dtype
from minigrad.errors import not_implemented_for
from minigrad.factory import Arguments
from minigrad.generator import Generator, default_generator
from minigrad.memory import allocate
from minigrad.warn import warn


def generator_of(given: Arguments) -> Generator:
    """What numbers are drawn from. RuntimeError where they would have to differ between the members of a batch."""
    if modes.state.batch is not None:
        raise RuntimeError(
            "vmap: We do not yet support calling random operations inside of vmap. Please perform random operations "
            "outside of vmap as a workaround"
        )
    return given.get("generator") or default_generator


def kept(count: int, p: float) -> Array:
    """`count` bools, each true with the probability `p`: what `bernoulli_` draws, but on processors of Intel's, where
    torch has MKL draw it."""
    return generator_of({}).uniform(count, double=True) < p


def laid_out(flat: Array, shape: tuple[int, ...], strides: tuple[int, ...] | None) -> Array:
    """Numbers drawn in the order of memory, as an array with these strides."""
    out = allocate(shape, flat.dtype, strides)
    if out.size:
        np.lib.stride_tricks.as_strided(out, (out.size,), (out.itemsize,))[...] = flat
    return out


def uniform(generator: Generator, count: int, d: dtype, low: float = 0.0, high: float = 1.0) -> Array:
    """Uniform numbers in [low, high) of dtype `d`. NotImplementedError for integers; RuntimeError if low > high."""
    if not (d.is_floating_point or d.is_complex):
        raise not_implemented_for("check_uniform_bounds", d.numpy)
    if low > high:
        raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={low:g} > to={high:g}")
    flat = generator.uniform(count * (2 if d.is_complex else 1), d.to_real() is dtypes.float64)
    number = flat.dtype.type
    return _typed(flat if (low, high) == (0, 1) else flat * (number(high) - number(low)) + number(low), d)


def normal(generator: Generator, count: int, d: dtype, contiguous: bool, mean: float = 0.0, std: float = 1.0) -> Array:
    """Normal numbers of dtype `d`, for memory that is `contiguous` or not. NotImplementedError for integers."""
    if not (d.is_floating_point or d.is_complex):
        raise not_implemented_for("normal_kernel_cpu", d.numpy)
    count *= 2 if d.is_complex else 1
    if count >= 16 and contiguous:
        flat = generator.normal_blocks(count, d.to_real() is dtypes.float64, d is dtypes.float16)
    else:
        flat = generator.normal_pairs(count)
    if d.is_complex:
        std *= float(np.sqrt(0.5))
    return _typed(flat if (mean, std) == (0.0, 1.0) else flat * std + mean, d)


def _typed(flat: Array, d: dtype) -> Array:
    return flat.astype(d.to_real().numpy).view(d.numpy) if d.is_complex else flat.astype(d.numpy)


_C_INTEGERS = {
    "uint8": "unsigned char",
    "int8": "signed char",
    "int16": "short",
    "int32": "int",
    "int64": "long",
    "bool": "bool",
}


DIGITS = {"float16": 11, "float32": 24, "float64": 53}
"""How many binary digits the significand of a dtype has: beyond them there are no odd integers."""


def _check_range(low: int, high: int, d: dtype) -> None:
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    if d.is_complex:
        raise RuntimeError("check_random_bounds handles only integral, floating-point and boolean types")
    if d.is_floating_point:
        digits = DIGITS[d.name]
        for name, value in (("from", low), ("to - 1", high - 1)):
            if abs(value) > dtypes.finfo(d).max:
                raise RuntimeError(f"{name} is out of bounds for {dtypes.C_NAMES[d.name]}")
            if abs(value) > 2**digits:
                warn(
                    f"{name} is out of bounds [-(2^{digits}), 2^{digits}]. Due to precision limitations "
                    f"{dtypes.C_NAMES[d.name]} can support discrete uniform distribution only within this range. This "
                    "warning will become an error in version 1.7 release, please fix the code in advance"
                )
        return
    limits = (0, 1) if d is dtypes.bool_ else (dtypes.iinfo(d).min, dtypes.iinfo(d).max)
    for name, value in (("from", low), ("to - 1", high - 1)):
        if not limits[0] <= value <= limits[1]:
            raise RuntimeError(f"{name} is out of bounds for {_C_INTEGERS[d.name]}")


def integers(generator: Generator, count: int, d: dtype, low: int, high: int) -> Array:
    """Uniform integers from `low` up to, not including, `high` as numbers of dtype `d`."""
    _check_range(low, high, d)
    if d.is_floating_point:
        low, high = _within(low, high, d)
    span = high - low
    draw = generator.words if span < 2**28 else generator.long_words
    return ((draw(count) % np.uint64(span)).astype(np.int64) + low).astype(d.numpy)


def _within(low: int, high: int, d: dtype) -> tuple[int, int]:
    """The bounds moved inwards, where rounding to `d` would move a number out of them."""
    number, digits = d.numpy.type, DIGITS[d.name]
    above, below = int(number(low + 1)), int(number(high - 1))
    if above < low:
        low = above + (1 << abs(low + 1).bit_length() - digits)
    if below >= high:
        high = below - (1 << abs(high - 1).bit_length() - digits)
    return low, high
