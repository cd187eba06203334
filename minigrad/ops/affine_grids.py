"""affine_grid: where the points of an image come from under affine maps.

What may live here: that function, its op, and its gradient, composed as torch composes it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.dtypes import FROM_NUMPY
from minigrad.ops.carriers import array_of
from minigrad.ops.loss_forms import functional
from minigrad.ops.native_forms import TOP, native
from minigrad.ops.products import bmm
from minigrad.ops.reshaping import reshape_to
from minigrad.ops.transposing import transpose
from minigrad.ranges import linspace
from minigrad.refusals import handed
from minigrad.registry import derivative, op
from minigrad.tensor import Tensor, wrap
from minigrad.warn import warn

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def _line(count: int, dt: Any, corners: bool) -> Any:
    """Numbers from -1 to 1, at the corners or at the middle of as many pieces."""
    if count <= 1:
        return np.zeros(1, dt)
    found: Any = linspace(-1, 1, count, dtype=FROM_NUMPY[np.dtype(dt)])
    return (found if corners else found * (count - 1) / count)._a


def _points(size: Any, dt: Any, corners: bool) -> Any:
    """The points of images of this size, innermost first, with a one each: (N, points, rank + 1)."""
    n, _, *sides = size
    base = np.ones((n, *sides, len(sides) + 1), dt)
    for place, count in enumerate(reversed(sides)):
        shape = [1] * (len(sides) + 1)
        shape[len(sides) - place] = count
        base[..., place] = _line(count, dt, corners).reshape(shape)
    return base.reshape(n, math.prod(sides), len(sides) + 1)


@op("_affine_grid_generator", promote="keep", numbers=False)
def affine_grid_op(theta, size: Any, align_corners: bool):
    rank = len(size) - 2
    points = _points(size, theta.dtype, align_corners)
    return bmm(points, theta.swapaxes(1, 2)).reshape(size[0], *size[2:], rank)


def _affine_grid_theta(grad, size, align_corners):
    points = _points(size, array_of(grad).dtype, align_corners)
    turned = points.swapaxes(1, 2)
    rank = len(size) - 2
    flat = reshape_to(grad, (size[0], math.prod(size[2:]), rank))
    return transpose(bmm(wrap(turned) if isinstance(grad, Tensor) else turned, flat), 1, 2)


derivative(
    "AffineGridGeneratorBackward0",
    of=affine_grid_op,
    forward=lambda theta_t, size, align_corners: affine_grid_op(theta_t, size, align_corners),
    theta=_affine_grid_theta,
)


@native("affine_grid_generator(Tensor theta, tuple of ints size, bool align_corners)", TOP)
def affine_grid_generator(theta: Any, size: Any, align_corners: bool) -> Any:
    """The points that a map sends the points of an image to."""
    return affine_grid_op(theta, tuple(size), align_corners)


CHANGED = (
    "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. Please specify "
    "align_corners=True if the old behavior is desired. See the documentation of grid_sample for details."
)


@functional("affine_grid")
def affine_grid(theta, size: Any, align_corners: bool | None = None):
    """The same, of floating point, with sizes that fit."""
    if align_corners is None:
        warn(CHANGED)
        align_corners = False
    if not theta.is_floating_point():
        raise ValueError(f"Expected theta to have floating point type, but got {theta.dtype}")
    if len(size) not in (4, 5):
        raise NotImplementedError(
            "affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size "
            f"{size}."
        )
    rank = len(size) - 2
    if theta.dim() != 3 or tuple(theta.shape[1:]) != (rank, rank + 1):
        raise ValueError(
            f"Expected a batch of {rank}D affine matrices of shape Nx{rank}x{rank + 1} for size {size}. Got "
            f"{theta.shape}."
        )
    if align_corners and min(size[2:]) == 1:
        warn(
            "Since version 1.3.0, affine_grid behavior has changed for unit-size grids when align_corners=True. This "
            "is not an intended use case of affine_grid. See the documentation of affine_grid for details."
        )
    elif min(size) <= 0:
        raise ValueError(f"Expected non-zero, positive output size. Got {size}")
    handed("affine_grid_generator", theta, size, align_corners)
    return affine_grid_generator(theta, size, align_corners)
