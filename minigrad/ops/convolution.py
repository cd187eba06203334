"""convolution with its gradients, and the functions conv1d ... conv_transpose3d that are made of it.

What may live here: the two declared ops and the functions. Sums are in `convolution_kernels`, what torch refuses
in `convolution_checks`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from minigrad.memory_formats import channels_last, channels_last_in_two, formatted
from minigrad.ops import convolution_checks as checks
from minigrad.ops.arithmetic import times
from minigrad.ops.carriers import array_of, is_complex
from minigrad.ops.complex_views import view_as_real
from minigrad.ops.convolution_kernels import Way, correlate, slide, spread
from minigrad.ops.expanding import expand_op
from minigrad.ops.joining import cat_op
from minigrad.ops.padding import constant_pad
from minigrad.ops.reshaping import reshape_to, squeeze_one, unsqueeze
from minigrad.ops.slicing import slice_op
from minigrad.ops.transposing import transpose
from minigrad.registry import composite, derivative, op
from minigrad.signatures import Parser
from minigrad.warn import warn_once
from minigrad.zeros import ZeroTensor

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def _channels_last(x: Any, weight: Any, way: Way, too_far: bool = False) -> bool:
    """Whether torch's CPU kernel works with channels innermost: either of the two suggests it.

    Of one spatial dimension torch makes the input contiguous first, where it is not already. Of three only a library
    does so (see `_by_library`), which a transposed convolution padded by a stride or more (`too_far`) is not left to.
    """
    if x.dtype.kind != "f":
        return False
    if x.ndim == 3:
        return channels_last_in_two(weight) or (x.flags.c_contiguous and channels_last_in_two(x))
    if not (x.ndim in (4, 5) and (channels_last(x) or channels_last(weight))):
        return False
    return x.ndim == 4 or (_by_library(x, weight, way) and not too_far)


@op("_convolution", promote="keep", numbers=False)
def convolution_op(
    input, weight, bias=None, stride: Any = (), padding: Any = (), dilation: Any = (), transposed: bool = False,
    output_padding: Any = (), groups: int = 1,
):  # fmt: skip
    stride, padding, dilation, output_padding = checks.expanded(
        weight.ndim - 2, stride, padding, dilation, output_padding
    )
    checks.check(input, weight, bias, (stride, padding, dilation, output_padding), transposed, groups)
    way = Way(stride, padding, dilation, groups)
    if transposed:
        library = _by_library(input, weight, way) and not _too_far(output_padding, stride)
        size = checks.transposed_size(input.shape[2:], weight.shape[2:], way, output_padding, library)
        out = spread(input, weight, size, way)
        if bias is not None:
            out = (out + bias.reshape(-1, *(1,) * (input.ndim - 2))).astype(out.dtype, copy=False)
    else:
        out = slide(input, weight, bias, way)
    if not input.shape[1]:
        out = out[:, :0]  # torch's way with what has no channels
    too_far = transposed and _too_far(output_padding, stride)
    out = formatted(out.astype(input.dtype, copy=False), _channels_last(input, weight, way, too_far))
    return _in_room_of(input, out) if transposed and _has_loop_of_its_own(input, weight, way) else out


def _too_far(output_padding: Any, stride: Any) -> bool:
    """Whether a result is padded by a stride or more, which no library does."""
    return any(more >= step for more, step in zip(output_padding, stride, strict=True))


def _has_loop_of_its_own(input: Any, weight: Any, way: Way) -> bool:
    """Whether torch (in one thread) leaves a transposed convolution of three dimensions to no library."""
    return input.ndim == 5 and way.groups == 1 and not _by_library(input, weight, way)


def _by_library(input: Any, weight: Any, way: Way) -> bool:
    """Whether torch (in one thread) leaves a convolution to a library (oneDNN)."""
    sides = (1, *weight.shape[2:])[-2:]  # of one dimension torch makes two
    worth = way.groups > 1 or len(input) > 1 or min(sides) > 3
    plain = set(way.stride) == set(way.dilation) == {1} and len(input) < 16 and sides == (1, 1)
    return input.dtype == np.float32 and worth and not plain


def _in_room_of(input: Any, out: Any) -> Any:
    """The result where torch makes room like that of the input first, which a storage shows that does not shrink."""
    if input.size <= out.size:
        return out
    room = np.zeros(input.size, out.dtype)
    room[: out.size] = out.reshape(-1)
    laid = room[: out.size].reshape(out.shape)
    return as_strided(laid, laid.shape, laid.strides)  # which looks like no view


@op("_convolution_backward", promote="keep", several=True, numbers=False)
def convolution_backward(
    grad_output, input, weight, stride: Any, padding: Any, dilation: Any, transposed: bool,
    output_padding: Any, groups: int, output_mask: Any,
):  # fmt: skip
    stride, padding, dilation, more = checks.expanded(weight.ndim - 2, stride, padding, dilation, output_padding)
    way = Way(stride, padding, dilation, groups)
    of_input = of_weight = of_bias = None
    too_far = transposed and _too_far(more, stride)
    last = _channels_last(input, weight, way, too_far)
    if not input.size:
        shapes = (input.shape, weight.shape, (weight.shape[1] * groups if transposed else weight.shape[0],))
        return [np.zeros(s, input.dtype) if wanted else None for s, wanted in zip(shapes, output_mask, strict=True)]
    if output_mask[0]:
        found = (
            slide(grad_output, weight, None, way)[(..., *(slice(n) for n in input.shape[2:]))]
            if transposed
            else spread(grad_output, weight, input.shape[2:], way)
        )
        of_input = formatted(found, last)
    if output_mask[1]:
        found = (
            correlate(input, grad_output, weight.shape[2:], way)
            if transposed
            else correlate(grad_output, input, weight.shape[2:], way)
        )
        of_weight = formatted(found, last)
    if output_mask[2]:
        of_bias = np.asarray(grad_output.sum((0, *range(2, grad_output.ndim)), dtype=grad_output.dtype))
    return [of_input, of_weight, of_bias]


def _gradients(grad, input, weight, bias_shape, stride, padding, dilation, transposed, output_padding, groups, wanted):
    how = (stride, padding, dilation, transposed, output_padding, groups)
    return convolution_backward(grad, input, weight, *how, wanted)


def _tangent(
    input_t, weight_t, bias_t, input, weight, bias, stride, padding, dilation, transposed, output_padding, groups
):  # fmt: skip
    how = (stride, padding, dilation, transposed, output_padding, groups)
    moved = convolution_op(input_t, weight, None, *how)
    return moved + convolution_op(input, weight_t, None if bias is None else bias_t, *how)


derivative(
    "ConvolutionBackward0",
    of=convolution_op,
    forward=_tangent,
    shows={"bias_shape": {"bias_sym_sizes_opt": lambda shape: shape or (0,)}},
    joint=(("input", "weight", "bias"), _gradients),
)


def _twice(
    grads, grad_output, input, weight, stride, padding, dilation, transposed, output_padding, groups, wanted
):  # fmt: skip
    """Gradients of the three gradients, by convolutions in which the three have changed places."""
    how = (stride, padding, dilation, transposed, output_padding, groups)
    on_input, on_weight, on_bias = grads
    n, full = array_of(weight).ndim - 2, array_of(input).size > 0
    of_grad: Any = None
    of_input = of_weight = None
    if wanted[0]:
        for x, w in ((on_input, weight), (input, on_weight)) if full else ():
            if x is not None and w is not None:
                part = convolution_op(x, w, None, *how)
                of_grad = part if of_grad is None else of_grad + part
        if on_bias is not None:
            part = expand_op(reshape_to(on_bias, (1, -1, *(1,) * n)), array_of(grad_output).shape)
            of_grad = part if of_grad is None else of_grad + part
    each = checks.expanded(n, stride, padding, dilation, output_padding)
    how = (*each[:3], transposed, each[3], groups)
    if wanted[1] and on_weight is not None and full:
        of_input = _to_input(grad_output, on_weight, array_of(input).shape, how)
    if wanted[2] and on_input is not None and full:
        of_weight = _to_weight(grad_output, on_input, array_of(weight).shape, how)
    return [of_grad, of_input, of_weight]


def _to_input(grad, weight, shape, how):
    """The input's gradient, of this shape, as the convolution the other way round."""
    stride, padding, dilation, transposed, more, groups = how
    if transposed:  # what it adds does nothing here, and is handed on
        found = convolution_op(grad, weight, None, stride, padding, dilation, False, more, groups)
        return _cut(found, shape)
    sides = zip(array_of(grad).shape[2:], array_of(weight).shape[2:], stride, padding, dilation, strict=True)
    reached = ((n - 1) * s - 2 * p + d * (k - 1) + 1 for n, k, s, p, d in sides)
    missing = tuple(n - r for n, r in zip(shape[2:], reached, strict=True))
    return convolution_op(grad, weight, None, stride, padding, dilation, True, missing, groups)


def _to_weight(grad, input, shape, how):
    """The weight's gradient, of this shape: samples and channels change places, so do stride and dilation."""
    stride, padding, dilation, transposed, more, groups = how
    first, second = transpose(input, 0, 1), transpose(grad, 0, 1)
    if transposed:
        first, second = second, first
    pieces = [
        convolution_op(*pair, None, dilation, padding, stride, False, more, 1)
        for pair in zip(_groups(first, groups), _groups(second, groups), strict=True)
    ]
    return _cut(transpose(pieces[0] if groups == 1 else cat_op(pieces, 1), 0, 1), shape)


def _groups(x, groups):
    size = array_of(x).shape[0] // groups
    return [x if groups == 1 else slice_op(x, 0, g * size, (g + 1) * size) for g in range(groups)]


def _cut(x, shape):
    """`x` without what lies beyond `shape` in its spatial dimensions."""
    for i in range(2, len(shape)):
        if array_of(x).shape[i] > shape[i]:
            x = slice_op(x, i, 0, shape[i])
    return x


def _tangents_of_gradients(
    grad_output_t, input_t, weight_t, grad_output, input, weight, stride, padding, dilation, transposed,
    output_padding, groups, output_mask,
):  # fmt: skip
    """Each gradient is linear in two of the three; torch computes with zeros for the one that carries no tangent."""
    how = (stride, padding, dilation, transposed, output_padding, groups)
    moved = [type(t) is not ZeroTensor for t in (grad_output_t, input_t, weight_t)]
    of_input = of_weight = of_bias = None
    if output_mask[0] and (moved[0] or moved[2]):
        only = (True, False, False)
        of_input = convolution_backward(grad_output, input, weight_t, *how, only)[0]
        of_input = of_input + convolution_backward(grad_output_t, input, weight, *how, only)[0]
    if output_mask[1] and (moved[0] or moved[1]):
        only = (False, True, False)
        of_weight = convolution_backward(grad_output, input_t, weight, *how, only)[1]
        of_weight = of_weight + convolution_backward(grad_output_t, input, weight, *how, only)[1]
    if output_mask[2] and moved[0]:
        of_bias = grad_output_t.sum((0, *range(2, grad_output_t.dim())))
    return [of_input, of_weight, of_bias]


derivative(
    "ConvolutionBackwardBackward0",
    of=convolution_backward,
    forward=_tangents_of_gradients,
    joint=(("grad_output", "input", "weight"), _twice),
)


# -- the functions --------------------------------------------------------------------------------------


def _batched(name: str, input: Any, n: int) -> tuple[Any, bool]:
    """`input` with a batch dimension, and whether it had one."""
    rank = input._a.ndim
    if rank not in (n + 1, n + 2):
        raise checks.wrong_rank(name, n, input._a.shape)
    return (input, True) if rank == n + 2 else (unsqueeze(input, 0), False)


def _same(input: Any, weight: Any, bias: Any, stride: Any, dilation: Any, groups: int) -> Any:
    """A convolution whose result is as large as its input; uneven padding is added beforehand."""
    n = weight._a.ndim - 2
    checks.check_same(input._a, weight._a, stride, dilation, groups)
    dilations = checks.per_dimension("dilation", dilation, n)
    total = [d * (k - 1) for d, k in zip(dilations, weight._a.shape[2:], strict=True)]
    if any(t % 2 for t in total):
        warn_once(
            "Using padding='same' with even kernel lengths and odd dilation may require a zero-padded copy of the "
            "input be created"
        )
        input = constant_pad(input, [side for t in reversed(total) for side in (0, t % 2)], 0)
    return _convolved(input, weight, bias, stride, tuple(t // 2 for t in total), dilation, False, (0,) * n, groups)


def _convolved(input, weight, bias, stride, padding, dilation, transposed, output_padding, groups):
    checks.check_weight(weight._a)
    return convolution_op(input, weight, bias, stride, padding, dilation, transposed, output_padding, groups)


def _by_parts(convolve: Any, input: Any, weight: Any, bias: Any, *how: Any) -> Any:
    """Complex numbers convolved as three real convolutions (Gauss), as torch composes them."""
    if not is_complex(input):
        return convolve(input, weight, bias, *how)
    checks.check_complex(input._a, weight._a)
    (re, im), (w_re, w_im) = _parts(input), _parts(weight)
    biases: Any = (None, None) if bias is None else _parts(bias)
    b_re, b_im = biases
    first = convolve(re, w_re, b_re, *how)
    second = convolve(im, w_im, None, *how)
    # operands on the right come first, as in torch (see probability_losses, on distributions)
    b_sum = None if bias is None else b_re + b_im
    w_sum = w_re + w_im
    third = convolve(re + im, w_sum, b_sum, *how)
    turned = times(third - first - second, 1j)
    return first - second + turned


def _parts(x: Any) -> tuple[Any, Any]:
    pairs, last = view_as_real(x.resolve_conj()), x._a.ndim
    return pairs.select(last, 0), pairs.select(last, 1)


def _convolution(name: str, n: int) -> None:
    texts = [
        f"(Tensor input, Tensor weight, Tensor bias = None, tuple of ints[{n}] stride = 1, "
        f"{padding}, tuple of ints[{n}] dilation = 1, int groups = 1)"
        for padding in (f"tuple of ints[{n}] padding = 0", 'str padding = "valid"')
    ]
    usage = Parser(name, *texts)

    def public(*args: Any, **kwargs: Any) -> Any:
        _, given = usage.parse(args, kwargs)
        input, weight, bias = given["input"], given["weight"], given.get("bias")
        zeros, ones = (0,) * n, (1,) * n
        stride, padding = given.get("stride", ones), given.get("padding", zeros)
        dilation, groups = given.get("dilation", ones), given.get("groups", 1)
        checks.check_bias(input._a, bias)
        x, batched = _batched(name, input, n)
        if padding == "same":
            out = _by_parts(_same, x, weight, bias, stride, dilation, groups)
        elif isinstance(padding, str) and padding != "valid":
            raise RuntimeError(f"Invalid padding string: '{padding}'")
        else:
            sides, more = ((0,), (0,)) if padding == "valid" else (padding, zeros)
            out = _by_parts(_convolved, x, weight, bias, stride, sides, dilation, False, more, groups)
        return out if batched else squeeze_one(out, 0)

    _publish(name, public)


def _transposed(name: str, n: int) -> None:
    usage = Parser(
        name,
        f"(Tensor input, Tensor weight, Tensor bias = None, tuple of ints[{n}] stride = 1, tuple of ints[{n}] "
        f"padding = 0, tuple of ints[{n}] output_padding = 0, int groups = 1, tuple of ints[{n}] dilation = 1)",
    )

    def public(*args: Any, **kwargs: Any) -> Any:
        _, given = usage.parse(args, kwargs)
        input, weight, bias = given["input"], given["weight"], given.get("bias")
        x, batched = _batched(name, input, n)
        zeros, ones = (0,) * n, (1,) * n
        how = (given.get("stride", ones), given.get("padding", zeros), given.get("dilation", ones))
        more = (given.get("output_padding", zeros), given.get("groups", 1))
        out = _by_parts(_convolved, x, weight, bias, *how, True, *more)
        return out if batched else squeeze_one(out, 0)

    _publish(name, public)


def _publish(name: str, public: Any) -> None:
    public.__name__ = public.__qualname__ = name
    composite(name, method=False, aliases=("nn.functional." + name,))(public)


for _n in (1, 2, 3):
    _convolution(f"conv{_n}d", _n)
    _transposed(f"conv_transpose{_n}d", _n)
