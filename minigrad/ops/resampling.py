"""interpolate of nn.functional and the ops it chooses from: upsample_nearest1d, upsample_bilinear2d, ...

What may live here: declarations and functions. Tables of places and weights are in `resampling_weights`.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from minigrad import errors
from minigrad.errors import shape_text
from minigrad.memory_formats import channels_last, formatted
from minigrad.ops.carriers import HALF, SINGLE
from minigrad.ops.loss_forms import functional
from minigrad.ops.resampling_weights import WEIGHTS, Along, Table, gathered, spread, unchanged
from minigrad.registry import FUNCTIONS, derivative, op
from minigrad.signatures import Parser
from minigrad.templates import FLOATS

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

SIDES = {1: "W", 2: "HW", 3: "DHW"}
FEW = 128
"""Up to this sum of sizes torch has two dimensions resampled by other kernels, with other names."""
Sizes = tuple[int, ...]


def _sides(sizes: Sizes) -> str:
    return ", ".join(f"{side}: {size}" for side, size in zip(SIDES[len(sizes)], sizes, strict=True))


def _check(shape: Sizes, new: Sizes) -> None:
    """What torch refuses of sizes, in its order."""
    n = len(new)
    old = shape[2:]
    if min(*old, *new) <= 0:
        joint = "and output" if n == 1 else "output"
        raise RuntimeError(
            f"Input and output sizes should be greater than 0, but got input ({_sides(old)}) {joint} ({_sides(new)})"
        )
    if 0 in shape[1:]:
        raise RuntimeError(f"Non-empty {n + 2}D data tensor expected but got a tensor with sizes {shape_text(shape)}")


def _check_dtype(a: Any, way: str, new: Sizes) -> None:
    if (a.dtype.kind == "f" and not (way.startswith("smooth") and a.dtype == HALF)) or (
        a.dtype == np.uint8 and way != "cubic"
    ):
        return
    if way.startswith("smooth"):
        raise errors.not_implemented_for("compute_index_ranges_weights", a.dtype)
    family = "nearest" if way.startswith("nearest") else way
    kernel = f"compute_indices_weights_{family}"
    if len(new) == 2 and way != "cubic" and sum(new) <= FEW:
        kernel = f"upsample_{'nearest' if family == 'nearest' else 'bilinear'}2d_channels_last"
    raise errors.not_implemented_for(kernel, a.dtype)


def _tables(way: str, old: Sizes, new: Sizes, scales: Any, corners: bool, kind: Any) -> list[Table]:
    if way.startswith("nearest") and len(new) == 2 and sum(new) <= FEW:
        kind = np.dtype(np.float32)
    factors = scales or (None,) * len(new)
    return [WEIGHTS[way](Along(o, n, f, corners, kind)) for o, n, f in zip(old, new, factors, strict=True)]


def _resampled(way: str, self: Any, new: Sizes, scales: Any, corners: bool) -> Any:
    _check(self.shape, new)
    _check_dtype(self, way, new)
    kind = self.dtype if self.dtype in FLOATS else SINGLE
    copies = way.startswith("nearest")
    wide = self if copies else self.astype(kind, copy=False)
    jointly = way == "linear" and len(new) == 2 and sum(new) <= FEW
    tables = _tables(way, self.shape[2:], new, scales, corners, kind)
    if way.startswith("smooth"):  # forwards alone torch leaves dimensions alone that keep their size
        tables = [unchanged(n, kind) if n == o else t for n, o, t in zip(new, self.shape[2:], tables, strict=True)]
    out = gathered(wide, tables, jointly)
    if self.dtype == np.uint8 and not copies:
        out = np.clip(np.floor(out + 0.5), 0, 255)
    out = out.astype(self.dtype, copy=False)
    return formatted(out, len(new) > 1 and channels_last(self))


def _spread(way: str, grad: Any, new: Sizes, old: Sizes, scales: Any, corners: bool) -> Any:
    if way == "cubic" and new == tuple(old[2:]):
        return grad.copy()
    kind = grad.dtype if grad.dtype in FLOATS else SINGLE
    out = spread(grad.astype(kind, copy=False), _tables(way, old[2:], new, scales, corners, kind), old[2:])
    last = way != "cubic" and len(new) > 1 and not (way.startswith("nearest") and len(new) == 3)
    return formatted(out.astype(grad.dtype, copy=False), last and channels_last(grad))


def _factors_apart(n: int) -> dict[str, dict[str, int]]:
    """How torch calls what a node keeps of the factors of `n` sides."""
    return {"scales": {"scales": 0} if n == 1 else {f"scales_{side.lower()}": i for i, side in enumerate(SIDES[n])}}


def _declare(way: str, name: str, label: str, n: int) -> Any:
    """An op that copies: no corners to speak of."""

    @op("_" + name, promote="keep", numbers=False)
    def forward(self, output_size: Any, scales: Any):
        return _resampled(way, self, output_size, scales, False)

    @op(f"_{name}_backward", promote="keep", numbers=False)
    def backward(grad_output, output_size: Any, input_size: Any, scales: Any):
        return _spread(way, grad_output, output_size, input_size, scales, False)

    derivative(
        label + "Backward0",
        of=forward,
        forward="linear",
        shows=_factors_apart(n),
        self=lambda grad, self_shape, output_size, scales: backward(grad, output_size, self_shape, scales),
    )
    derivative(
        label + "BackwardBackward0",
        of=backward,
        forward="linear",
        shows=_factors_apart(n),
        grad_output=lambda grad, output_size, scales: forward(grad, output_size, scales),
    )
    return forward


def _declare_weighted(way: str, name: str, label: str, n: int) -> Any:
    """An op that computes between pixels."""

    @op("_" + name, promote="keep", numbers=False)
    def forward(self, output_size: Any, align_corners: bool, scales: Any):
        return _resampled(way, self, output_size, scales, align_corners)

    @op(f"_{name}_backward", promote="keep", numbers=False)
    def backward(grad_output, output_size: Any, input_size: Any, align_corners: bool, scales: Any):
        return _spread(way, grad_output, output_size, input_size, scales, align_corners)

    derivative(
        label + "Backward0",
        of=forward,
        forward="linear",
        shows=_factors_apart(n),
        self=lambda grad, self_shape, output_size, align_corners, scales: backward(
            grad, output_size, self_shape, align_corners, scales
        ),
    )
    derivative(
        label + "BackwardBackward0",
        of=backward,
        forward="linear",
        shows=_factors_apart(n),
        grad_output=lambda grad, output_size, align_corners, scales: forward(
            grad, output_size, align_corners, scales
        ),
    )
    return forward


# -- the native functions -------------------------------------------------------------------------------

_FACTORS = {
    1: "float scales = None",
    2: "float scales_h = None, float scales_w = None",
    3: "float scales_d = None, float scales_h = None, float scales_w = None",
}


def _native(name: str, forward: Any, n: int, corners: bool) -> Any:
    """The function of torch's that nn.functional calls with either sizes or factors."""
    corner = ", bool align_corners" if corners else ""
    usage = Parser(
        name,
        f"(Tensor input, tuple of ints? output_size{corner}, tuple of floats? scale_factors)",
        f"(Tensor input, tuple of ints output_size{corner}, {_FACTORS[n]}, *, Tensor out = None)",
    )

    def function(*args: Any) -> Any:
        _, given = usage.parse(args, {})
        input, size, factors = given["input"], given.get("output_size"), given.get("scale_factors")
        if size is None:
            size = [int(o * f) for o, f in zip(input._a.shape[2:], factors or (), strict=True)]
        more = (given["align_corners"],) if corners else ()
        return forward(input, tuple(size), *more, None if factors is None else tuple(map(float, factors)))

    return function


_NATIVE: dict[tuple[str, int], Any] = {}
"""By mode and number of dimensions."""
for _n in (1, 2, 3):
    _plain, _exact = f"upsample_nearest{_n}d", f"_upsample_nearest_exact{_n}d"
    _NATIVE["nearest", _n] = _native(_plain, _declare("nearest", _plain, f"UpsampleNearest{_n}D", _n), _n, False)
    _NATIVE["nearest-exact", _n] = _native(
        _exact, _declare("nearest_exact", _exact, f"UpsampleNearestExact{_n}D", _n), _n, False
    )
_WEIGHTED = (("linear", "linear", 1), ("bilinear", "linear", 2), ("trilinear", "linear", 3), ("bicubic", "cubic", 2))
for _mode, _way, _n in _WEIGHTED:
    _name = f"upsample_{_mode}{_n}d"
    _forward = _declare_weighted(_way, _name, f"Upsample{_mode.capitalize()}{_n}D", _n)
    _NATIVE[_mode, _n] = _native(_name, _forward, _n, True)
_SMOOTH = {
    mode: _native(
        f"_upsample_{mode}2d_aa",
        _declare_weighted(f"smooth {way}", f"_upsample_{mode}2d_aa", f"Upsample{mode.capitalize()}2DAa", 2),
        2,
        True,
    )
    for mode, way in (("bilinear", "linear"), ("bicubic", "cubic"), ("lanczos", "lanczos"))
}
"""Those with antialiasing, by mode."""


# -- the function ---------------------------------------------------------------------------------------

_INTERPOLATING = {"linear": 3, "bilinear": 4, "trilinear": 5}
"""How many dimensions the input of these modes has."""


def _per_dimension(input: Any, given: Any, spoken: str) -> Any:
    """One size, or one factor, for each spatial dimension."""
    n = input.dim() - 2
    if not isinstance(given, (list, tuple)):
        return [given] * n
    if len(given) == n:
        return given
    old = list(input.shape[2:])
    if spoken == "size":
        raise ValueError(
            "Input and output must have the same number of spatial dimensions, but got input with spatial dimensions "
            f"of {old} and output size of {given}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and "
            "output size in (o1, o2, ...,oK) format."
        )
    raise ValueError(
        "Input and scale_factor must have the same number of spatial dimensions, but got input with spatial "
        f"dimensions of {old} and scale_factor of shape {given}. Please provide input tensor in (N, C, d1, d2, ...,dK) "
        "format and scale_factor in (s1, s2, ...,sK) format."
    )


def _sizes_or_factors(input: Any, size: Any, scale_factor: Any) -> tuple[Any, Any]:
    """Sizes per dimension or factors per dimension, whichever was given."""
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if size is not None:
        sizes = _per_dimension(input, size, "size")
        if isinstance(size, (list, tuple)) and not all(isinstance(one, int) for one in size):
            raise TypeError(
                "expected size to be one of int or Tuple[int] or Tuple[int, int] or Tuple[int, int, int], but got size "
                f"with types {[type(one) for one in size]}"
            )
        return sizes, None
    if scale_factor is not None:
        return None, _per_dimension(input, scale_factor, "scale_factor")
    raise ValueError("either size or scale_factor should be defined")


def _smoothed(input: Any, sizes: Any, factors: Any, mode: str, corners: Any) -> Any:
    """With antialiasing, which some modes have of two dimensions."""
    if mode not in _SMOOTH or input.dim() != 4:
        raise ValueError(
            "Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires a 4-D tensor as input"
        )
    if mode == "lanczos" and corners:
        raise ValueError("Lanczos mode does not support align_corners=True")
    return _SMOOTH[mode](input, sizes, corners, factors)


@functional("interpolate")
def interpolate(
    input: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None, antialias: bool = False,
) -> Any:  # fmt: skip
    """The input resampled to a size, or by a factor; without `align_corners`, pixels are areas rather than points."""
    corners = False if align_corners is None else align_corners
    copies = mode in ("nearest", "area", "nearest-exact")
    if copies and align_corners is not None:
        raise ValueError(
            "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear"
        )
    sizes, factors = _sizes_or_factors(input, size, scale_factor)
    if recompute_scale_factor and size is not None:
        raise ValueError("recompute_scale_factor is not meaningful with an explicit size.")
    if sizes is None and (recompute_scale_factor or mode == "area"):
        sizes, factors = [int(n * f) for n, f in zip(input.shape[2:], factors, strict=True)], None
    if antialias:
        return _smoothed(input, sizes, factors, mode, corners)
    rank = input.dim()
    if mode == "area" and rank in (3, 4, 5):
        return FUNCTIONS[f"nn.functional.adaptive_avg_pool{rank - 2}d"](input, sizes)
    if mode == "lanczos" and rank == 4:
        raise ValueError(
            "Lanczos mode does not support align_corners=True"
            if align_corners
            else "Lanczos mode requires antialias=True"
        )
    found = _NATIVE.get((mode, rank - 2))
    if found is not None:
        return found(input, sizes, *(() if copies else (corners,)), factors)
    if mode in _INTERPOLATING and rank in (3, 4, 5):
        raise NotImplementedError(f"Got {rank}D input, but {mode} mode needs {_INTERPOLATING[mode]}D input")
    raise NotImplementedError(
        f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {rank}D) for the modes: nearest | linear | "
        f"bilinear | bicubic | trilinear | lanczos | area | nearest-exact (got {mode})"
    )


def _old_name(name: str, **fixed: Any) -> None:
    def upsample(input: Any, size: Any = None, scale_factor: Any = None, *rest: Any, **how: Any) -> Any:
        warnings.warn(
            f"`nn.functional.{name}` is deprecated. Use `nn.functional.interpolate` instead.", stacklevel=2
        )
        return interpolate(input, size, scale_factor, *rest, **how, **fixed)

    upsample.__name__ = upsample.__qualname__ = name
    functional(name)(upsample)


_old_name("upsample")
_old_name("upsample_nearest", mode="nearest")
_old_name("upsample_bilinear", mode="bilinear", align_corners=True)
