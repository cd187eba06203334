"""Channels exchanged for pixels and with each other: pixel_shuffle, pixel_unshuffle, channel_shuffle.

What may live here: these; they copy elements and compute nothing.
"""

from __future__ import annotations

from typing import Any

from minigrad import modes
from minigrad.errors import shape_text
from minigrad.memory_formats import channels_last, like
from minigrad.ops.native_forms import native
from minigrad.ops.undifferentiated import recorded_opaquely
from minigrad.registry import derivative, op

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


# -- pixels ---------------------------------------------------------------------------------------------


def _check_pixels(name: str, shape: Any, factor: int, which: str) -> None:
    """What both directions refuse. RuntimeError, or ValueError for a square that no int64 holds."""
    if len(shape) < 3:
        raise RuntimeError(
            f"{name} expects input to have at least 3 dimensions, but got input with {len(shape)} dimension(s)"
        )
    if factor <= 0:
        raise RuntimeError(f"{name} expects a positive {which}, but got {factor}")
    if factor * factor >= 2**63 and which == "upscale_factor":
        raise ValueError(f"upscale factor is too large, (upscale_factor)^2 overflowed: upscale_factor={factor}")


def _refuse_format(x: Any) -> None:
    """Refuses elements with channels innermost in three dimensions, which torch's loop does not know."""
    if x.size and x.ndim == 5 and channels_last(x):
        raise RuntimeError("Unsupported memory format. Supports only ChannelsLast, Contiguous")


@op("_pixel_shuffle", promote="keep", numbers=False)
def pixel_shuffle_op(self, upscale_factor: int):
    _check_pixels("pixel_shuffle", self.shape, upscale_factor, "upscale_factor")
    *lead, c, h, w = self.shape
    r, square = upscale_factor, upscale_factor * upscale_factor
    if c % square:
        raise RuntimeError(
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, "
            f"but input.size(-3)={c} is not divisible by {square}"
        )
    _refuse_format(self)
    n = len(lead)
    apart = self.reshape(*lead, c // square, r, r, h, w)
    beside = apart.transpose(*range(n), n, n + 3, n + 1, n + 4, n + 2)
    return like(beside.reshape(*lead, c // square, h * r, w * r), self)


@op("_pixel_unshuffle", promote="keep", numbers=False)
def pixel_unshuffle_op(self, downscale_factor: int):
    _check_pixels("pixel_unshuffle", self.shape, downscale_factor, "downscale_factor")
    *lead, c, h, w = self.shape
    r = downscale_factor
    for what, at, size in (("height", -2, h), ("width", -1, w)):
        if size % r:
            raise RuntimeError(
                f"pixel_unshuffle expects {what} to be divisible by downscale_factor, but input.size({at})={size} is "
                f"not divisible by {r}"
            )
    if not self.size:
        return self.copy()  # as it is, which torch's engine complains of where it is a gradient
    _refuse_format(self)
    n = len(lead)
    apart = self.reshape(*lead, c, h // r, r, w // r, r)
    stacked = apart.transpose(*range(n), n, n + 2, n + 4, n + 1, n + 3)
    return like(stacked.reshape(*lead, c * r * r, h // r, w // r), self)


derivative(
    "PixelShuffleBackward0",
    of=pixel_shuffle_op,
    forward="linear",
    self=lambda grad, upscale_factor: pixel_unshuffle_op(grad, upscale_factor),
)
derivative(
    "PixelUnshuffleBackward0",
    of=pixel_unshuffle_op,
    forward="linear",
    self=lambda grad, downscale_factor: pixel_shuffle_op(grad, downscale_factor),
)


# -- channels -------------------------------------------------------------------------------------------


def _check_channels(shape: Any, groups: int) -> None:
    if len(shape) <= 2:
        raise RuntimeError(f"channel_shuffle expects input with > 2 dims, but got input with sizes {shape_text(shape)}")
    if groups <= 0:
        raise RuntimeError(f"Number of groups to divide channels in must be positive. Value of groups:{groups}")
    if shape[1] % groups:
        raise RuntimeError(
            f"Number of channels must be divisible by groups. Got {shape[1]} channels and {groups} groups."
        )


def _regrouped(self: Any, groups: int) -> Any:
    """The first channel of each group, then the second of each, ..."""
    _check_channels(self.shape, groups)
    batch, c, *rest = self.shape
    apart = self.reshape(batch, groups, c // groups, *rest).swapaxes(1, 2)
    return like(apart.reshape(self.shape), self)


@op("_channel_shuffle", promote="keep", numbers=False)
def channel_shuffle_op(self, groups: int):
    return _regrouped(self, groups)


derivative(
    "ChannelShuffleBackward0",
    of=channel_shuffle_op,
    forward="linear",
    self=lambda grad, groups: channel_shuffle_op(grad, grad.shape[1] // groups),
)


@op("_native_channel_shuffle", promote="keep", numbers=False)
def native_channel_shuffle_op(self, groups: int):
    return _regrouped(self, groups)


_native = recorded_opaquely("native_channel_shuffle", native_channel_shuffle_op)


@native("pixel_shuffle(Tensor input, int upscale_factor)")
def pixel_shuffle(input: Any, upscale_factor: int) -> Any:
    """(*, C r r, H, W) to (*, C, H r, W r)."""
    return pixel_shuffle_op(input, upscale_factor)


@native("pixel_unshuffle(Tensor input, int downscale_factor)")
def pixel_unshuffle(input: Any, downscale_factor: int) -> Any:
    """(*, C, H r, W r) to (*, C r r, H, W)."""
    return pixel_unshuffle_op(input, downscale_factor)


@native("channel_shuffle(Tensor input, int groups)")
def channel_shuffle(input: Any, groups: int) -> Any:
    """Channels dealt out anew, one of each group after the other."""
    if modes.state.inference and not input._a.size:  # torch has nothing to do, and here does not make it look new
        _check_channels(input._a.shape, groups)
        return input.view_as(input)
    return channel_shuffle_op(input, groups)


@native("native_channel_shuffle(Tensor input, int groups)")
def native_channel_shuffle(input: Any, groups: int) -> Any:
    """The same without a derivative."""
    return _native(input, groups)
