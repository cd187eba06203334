"""Views by sizes and strides alone: as_strided.

What may live here: as_strided and what is made of it. Its node is in `strided`, where views that regenerate
their history need it too.
"""

from __future__ import annotations

from typing import Any

from minigrad import dispatch, errors
from minigrad.registry import NODES, composite
from minigrad.strided import AsStridedBackward0
from minigrad.tensor import memory
from minigrad.windows import check_bounds, offset_of, window

# mypy: disable-error-code="no-untyped-def"

Ints = tuple[int, ...]


def strided_window(a: Any, size: Ints, stride: Ints, offset: int | None) -> Any:
    """The window that as_strided means; raises RuntimeError in torch's words."""
    start = offset_of(a) if offset is None else offset
    if len(size) != len(stride):
        raise RuntimeError("mismatch in length of strides and shape")
    if any(n < 0 for n in size):
        raise RuntimeError(
            f"Storage size calculation overflowed with sizes={errors.shape_text(size)} and "
            f"strides={errors.shape_text(stride)}"
        )
    if any(s < 0 for s in stride):
        raise RuntimeError(
            "as_strided: Negative strides are not supported at the moment, got strides: "
            f"{errors.shape_text(stride)}"
        )
    if start < 0:
        raise RuntimeError(f"Tensor: invalid storage offset {start}")
    check_bounds(a, size, stride, start)
    return window(a, size, stride, start)


NODES["AsStridedBackward0"] = AsStridedBackward0


@composite("as_strided")
def as_strided(self, size: Any, stride: Any, storage_offset: int | None = None):
    """A view of the whole storage with any sizes and strides (in elements)."""
    made = strided_window(memory(self), tuple(size), tuple(stride), storage_offset)
    return dispatch.record_view(self, made, AsStridedBackward0(self, made, storage_offset))
