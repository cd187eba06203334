"""Sliding blocks as columns and back: unfold and fold of nn.functional (im2col and col2im).

What may live here: these two, which are each other's derivative. `unfold` of Tensors is a view, in `slicing`.
"""

from __future__ import annotations

from typing import Any

from minigrad import errors
from minigrad.errors import shape_text
from minigrad.ops.loss_forms import functional
from minigrad.ops.sliding import Ints, add_windows, cropped, product, window_counts, windows, zero_padded
from minigrad.registry import derivative, op
from minigrad.signatures import Parser

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def _pair_text(sizes: Ints) -> str:
    return f"({', '.join(map(str, sizes))})"


def _check_dtype(kernel: str, a: Any) -> None:
    if a.dtype.kind not in "fcb":
        raise errors.not_implemented_for(kernel, a.dtype)


def _check_lengths(**sizes: Any) -> None:
    for name, given in sizes.items():
        if len(given) != 2:
            raise RuntimeError(f"It is expected {name} equals to 2, but got size {len(given)}")


def _check_steps(kernel: Ints, dilation: Ints, padding: Ints, stride: Ints) -> None:
    """What both refuse of the geometry of blocks, in torch's order."""
    given = (("kernel size", "kernel", kernel), ("stride", "stride", stride), ("dilation", "dilation", dilation))
    for what, short, (height, width) in given:
        if height <= 0 or width <= 0:
            raise RuntimeError(
                f"{what} should be greater than zero, but got {short}_height: {height} {short}_width: {width}"
            )
    if min(padding) < 0:
        raise RuntimeError(
            f"padding should be non-negative, but got pad_height: {padding[0]} pad_width: {padding[1]}"
        )


def _counts(size: Ints, kernel: Ints, dilation: Ints, padding: Ints, stride: Ints) -> Ints:
    padded = tuple(n + 2 * p for n, p in zip(size, padding, strict=True))
    return window_counts(padded, kernel, stride, dilation)


@op("_im2col", promote="keep", numbers=False)
def im2col(self, kernel_size: Any, dilation: Any, padding: Any, stride: Any):
    _check_lengths(kernel_size=kernel_size, dilation=dilation, padding=padding, stride=stride)
    _check_steps(kernel_size, dilation, padding, stride)
    shape = self.shape
    whole = len(shape) in (3, 4) and 0 not in shape[len(shape) - 3 :]
    if not shape:
        raise errors.no_dimensions(1)
    if len(shape) < 3:
        raise errors.dim_out_of_range(len(shape), len(shape))  # that of the height or of the width
    if not whole:
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, "
            f"but got: {shape_text(shape)}"
        )
    size = shape[-2:]
    counts = _counts(size, kernel_size, dilation, padding, stride)
    if min(counts) < 1:
        raise RuntimeError(
            f"Given input with spatial size {_pair_text(size)}, kernel_size={_pair_text(kernel_size)}, "
            f"dilation={_pair_text(dilation)}, padding={_pair_text(padding)}, calculated shape of the array of sliding "
            f"blocks as {_pair_text(counts)}, but its components must be at least one."
        )
    _check_dtype("im2col_out_cpu", self)
    blocks = windows(zero_padded(self, padding), kernel_size, stride, dilation, counts)
    columns = blocks.swapaxes(-4, -2).swapaxes(-3, -1)  # (..., channels, *kernel, *counts)
    return columns.reshape(*shape[:-3], shape[-3] * product(kernel_size), product(counts)).copy()


def _check_columns(shape: Ints, size: Ints, kernel: Ints, dilation: Ints, padding: Ints, stride: Ints) -> Ints:
    """Refuses columns that are not those of an image of this size; how many blocks there are."""
    if len(shape) not in (2, 3) or 0 in shape[len(shape) - 2 :]:
        raise RuntimeError(
            "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for "
            f"input, but got: {shape_text(shape)}"
        )
    if shape[-2] % product(kernel):
        raise RuntimeError(
            "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got "
            f"input.size(1)={shape[-2]} and kernel_size={_pair_text(kernel)}."
        )
    counts = _counts(size, kernel, dilation, padding, stride)
    shown = ", ".join(
        f"{name}={_pair_text(sizes)}"
        for name, sizes in (
            ("output_size", size), ("kernel_size", kernel), ("dilation", dilation), ("padding", padding),
            ("stride", stride),
        )
    )  # fmt: skip
    if shape[-1] != product(counts):
        raise RuntimeError(
            f"Given {shown}, expected size of input's dimension 2 to match the calculated number of sliding blocks "
            f"{counts[0]} * {counts[1]} = {product(counts)}, but got input.size(2)={shape[-1]}."
        )
    if min(counts) < 1:
        raise RuntimeError(
            f"Given {shown}, calculated shape of the array of sliding blocks as {_pair_text(counts)}, which is too "
            "small (non-positive)"
        )
    if min(size) < 1:
        raise RuntimeError(
            f"Expected output spatial size to be positive, but got: output_size={_pair_text(size)}."
        )
    return counts


@op("_col2im", promote="keep", numbers=False)
def col2im(self, output_size: Any, kernel_size: Any, dilation: Any, padding: Any, stride: Any):
    _check_lengths(
        output_size=output_size, kernel_size=kernel_size, dilation=dilation, padding=padding, stride=stride
    )
    _check_steps(kernel_size, dilation, padding, stride)
    counts = _check_columns(self.shape, output_size, kernel_size, dilation, padding, stride)
    _check_dtype("col2im_out_cpu", self)
    lead = self.shape[:-2]
    columns = self.reshape(*lead, self.shape[-2] // product(kernel_size), *kernel_size, *counts)
    blocks = columns.swapaxes(-4, -2).swapaxes(-3, -1)
    padded = tuple(n + 2 * p for n, p in zip(output_size, padding, strict=True))
    return cropped(add_windows(blocks, padded, stride, dilation), padding).copy()


derivative(
    "Im2ColBackward0",
    of=im2col,
    forward="linear",
    shows={"self_shape": {"self_sym_argsize_minus_1": -1, "self_sym_argsize_minus_2": -2}},
    self=lambda grad, self_shape, kernel_size, dilation, padding, stride: col2im(
        grad, self_shape[-2:], kernel_size, dilation, padding, stride
    ),
)
derivative(
    "Col2ImBackward0",
    of=col2im,
    forward="linear",
    self=lambda grad, kernel_size, dilation, padding, stride: im2col(grad, kernel_size, dilation, padding, stride),
)


def _pair(given: Any) -> Any:
    """Two ints, for which one may stand."""
    return tuple(given) if isinstance(given, (tuple, list)) else (given, given)


_STEPS = "tuple of ints kernel_size, tuple of ints dilation, tuple of ints padding, tuple of ints stride"
_unfolds = Parser("im2col", f"(Tensor input, {_STEPS})")
_folds = Parser("col2im", f"(Tensor input, tuple of ints output_size, {_STEPS})")


@functional("unfold")
def unfold(input: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1):
    """All blocks of this size that slide over the images, as columns."""
    _, given = _unfolds.parse((input, *map(_pair, (kernel_size, dilation, padding, stride))), {})
    return im2col(*given.values())


@functional("fold")
def fold(input: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1):
    """Columns put back as blocks into images, added up where blocks overlap."""
    _, given = _folds.parse((input, *map(_pair, (output_size, kernel_size, dilation, padding, stride))), {})
    return col2im(*given.values())
