"""Pooling: maxima, averages and adaptive windows as ops, and the functions of nn.functional made of them.

What may live here: declarations and functions. Loops are in `pooling_kernels`, complaints in `pooling_checks`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from minigrad import dispatch, errors, modes
from minigrad.memory import check_sizes
from minigrad.memory_formats import channels_last, formatted, formatted_unbatched, unbatched_channels_last
from minigrad.ops import pooling_checks as checks
from minigrad.ops import pooling_kernels as kernels
from minigrad.ops.carriers import array_of, supports, written, zero_gradient
from minigrad.ops.gathering import gather
from minigrad.ops.reduction import mean_dims
from minigrad.ops.reshaping import reshape_to, squeeze_one, unsqueeze
from minigrad.ops.sliding import Ints
from minigrad.registry import composite, derivative, op
from minigrad.signatures import Parser
from minigrad.tensor import memory

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def taken_at(x: Any, indices: Any, n: int) -> Any:
    """What stands at `indices` of the last `n` dimensions, flattened: torch's max_pool_double_backward."""
    at = array_of(indices)
    if not at.size:
        return reshape_to(x[..., :0], at.shape)
    flat = (*at.shape[: at.ndim - n], -1)
    found = gather(reshape_to(x, flat), -1, reshape_to(indices, flat))
    return reshape_to(found, at.shape)


# -- maxima ---------------------------------------------------------------------------------------------


def _max_pooling(n: int) -> Any:
    name = f"max_pool{n}d"
    label = f"MaxPool{n}DWithIndicesBackward"

    def laid_out(made, self):
        if self.ndim == n + 2 or n < 3:
            return formatted(made, channels_last(self))
        return formatted_unbatched(made) if unbatched_channels_last(self) else formatted(made, False)

    @op(f"_{name}_with_indices", promote="keep", numbers=False, outs=("result0", "result1"))
    def forward(self, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool):
        pool = checks.pool(name, self.shape, kernel_size, stride, padding, dilation, ceil_mode, n)
        if self.dtype.kind not in "iuf":
            raise errors.not_implemented_for(name, self.dtype)
        return [laid_out(made, self) for made in kernels.max_pool(self, pool)]

    @op(f"_{name}_with_indices_backward", promote="keep", numbers=False)
    def backward(
        grad_output, self, indices, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
    ):
        source = self if self.ndim == n + 2 else grad_output
        if n == 3 and grad_output.ndim == 4:
            checks.refuse_channels_last(grad_output)
        return laid_out(kernels.to_places(grad_output, indices, self.shape, n), source)

    def gradient(grad, self, result1, kernel_size, stride, padding, dilation, ceil_mode):
        return backward(grad, self, result1, kernel_size, stride, padding, dilation, ceil_mode)

    _with_indices(label, forward, backward, gradient, n)
    return forward


def _with_indices(label: str, forward: Any, backward: Any, gradient: Any, n: int) -> None:
    """The derivatives of an op that gives values and where they stood."""
    derivative(label + "0", of=forward, forward=lambda self_t, result1: taken_at(self_t, result1, n), self=gradient)
    derivative(
        label + "Backward0",
        of=backward,
        forward="linear",
        grad_output=lambda grad, indices: taken_at(grad, indices, n),
        self=lambda grad, self_shape, self_dtype: zero_gradient(grad, self_shape, self_dtype),
    )


max_pool2d_op, max_pool3d_op = _max_pooling(2), _max_pooling(3)
_POOL_ARGS = (
    "(Tensor input, tuple of ints[{0}] kernel_size, tuple of ints[{0}] stride = None, tuple of ints[{0}] padding = 0, "
    "tuple of ints[{0}] dilation = 1, bool ceil_mode = False)"
)
_MAX = {n: Parser(f"max_pool{n}d", _POOL_ARGS.format(n)) for n in (1, 2, 3)}
_MAX_INDICES = {n: Parser(f"max_pool{n}d_with_indices", _POOL_ARGS.format(n)) for n in (1, 2, 3)}


@op("_max_pool1d", promote="keep", numbers=False)
@supports("f", "max_pool1d_impl")
def max_pool1d_op(self, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool):
    """What torch computes of one dimension where nothing is recorded."""
    pool = checks.pool("max_pool1d", self.shape, kernel_size, stride, padding, dilation, ceil_mode, 1)
    return formatted(kernels.max_pool(self, pool)[0], False)


def _max_pool1d(input: Any, how: tuple[Any, ...], indices: bool) -> Any:
    kernel, stride, padding, dilation, ceil_mode = how
    if not indices:
        checks.check_max_pool1d(input._a.shape, *how)
        dual = dispatch.tangents and dispatch.tangents[0].tangent_of(input) is not None
        if not dual and not (input.requires_grad and modes.state.grad):
            out = max_pool1d_op(input, *how)
            return written(out, int(input._a.ndim == 2)), None  # torch takes away a batch dimension in place
    checks.check_rank("max_pool1d", input._a.shape)
    found = tuple((first, *checks.single("max_pool1d", name, given)) for first, name, given in (
        (1, "kernel_size", kernel), (1, "stride", stride or kernel), (0, "padding", padding), (1, "dilation", dilation),
    ))  # fmt: skip
    values, places = max_pool2d_op(unsqueeze(input, -2), *found, ceil_mode)
    return squeeze_one(values, -2), squeeze_one(places, -2)


def _max_pool(n: int, usage: Parser, args: tuple[Any, ...], indices: bool) -> Any:
    _, given = usage.parse(args, {})
    how = (
        given["kernel_size"], given.get("stride", ()), given.get("padding", (0,) * n), given.get("dilation", (1,) * n),
        given.get("ceil_mode", False),
    )  # fmt: skip
    if n == 1:
        return _max_pool1d(given["input"], how, indices)
    if n == 3 and given["input"].dim() == 4:
        checks.refuse_channels_last(memory(given["input"]))
    return (max_pool2d_op if n == 2 else max_pool3d_op)(given["input"], *how)


def _publish_max(n: int) -> None:
    name = f"max_pool{n}d"

    def plain(*args: Any, **kwargs: Any) -> Any:
        _, given = _MAX[n].parse(args, kwargs)
        order = ("input", "kernel_size", "stride", "padding", "dilation", "ceil_mode")
        defaults = {"stride": (), "padding": (0,) * n, "dilation": (1,) * n, "ceil_mode": False}
        return _max_pool(n, _MAX[n], tuple(given.get(k, defaults.get(k)) for k in order), False)[0]

    def functional(
        input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Any:  # fmt: skip
        args = (input, kernel_size, () if stride is None else stride, padding, dilation, ceil_mode)
        found = _max_pool(n, (_MAX_INDICES if return_indices else _MAX)[n], args, return_indices)
        return found if return_indices else found[0]

    def with_indices(
        input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Any:  # fmt: skip
        return functional(input, kernel_size, stride, padding, dilation, ceil_mode, True)

    _publish(name, plain, functional)
    composite(f"nn.functional.{name}_with_indices", method=False)(with_indices)


def _publish(name: str, plain: Any, functional: Any) -> None:
    for function, public in ((plain, name), (functional, "nn.functional." + name)):
        if function is not None:
            function.__name__ = function.__qualname__ = name
            composite(public, method=False)(function)


for _n in (1, 2, 3):
    _publish_max(_n)


# -- averages -------------------------------------------------------------------------------------------


def _averaging(n: int) -> Any:
    name, label = f"avg_pool{n}d", f"AvgPool{n}DBackward"
    kernel, dtypes_known = (name, "lefd") if n == 2 else (f"{name}_out_frame", "lfd")

    def windows(shape: Ints, kernel_size: Any, stride: Any, padding: Any, ceil_mode: bool) -> checks.Pool:
        return checks.pool(name, shape, kernel_size, stride, padding, (1,), ceil_mode, n)

    @op(f"_{name}", promote="keep", numbers=False)
    def forward(
        self, kernel_size: Any, stride: Any, padding: Any, ceil_mode: bool, count_include_pad: bool,
        divisor_override: Any,
    ):  # fmt: skip
        if divisor_override == 0:
            raise RuntimeError("divisor must be not zero")
        pool = windows(self.shape, kernel_size, stride, padding, ceil_mode)
        if self.dtype.char not in dtypes_known:
            raise errors.not_implemented_for(kernel, self.dtype)
        made = kernels.avg_pool(self, pool, count_include_pad, divisor_override)
        return formatted(made, n == 2 and channels_last(self))

    @op(f"_{name}_backward", promote="keep", numbers=False)
    def backward(
        grad_output, self, kernel_size: Any, stride: Any, padding: Any, ceil_mode: bool, count_include_pad: bool,
        divisor_override: Any,
    ):  # fmt: skip
        pool = windows(self.shape, kernel_size, stride, padding, ceil_mode)
        made = kernels.avg_pool_back(grad_output, self.shape, pool, count_include_pad, divisor_override)
        return formatted(made, n == 2 and channels_last(self))

    derivative(
        label + "0",
        of=forward,
        forward="linear",
        self=lambda grad, self, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override: backward(
            grad, self, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
        ),
    )
    derivative(
        label + "Backward0",
        of=backward,
        forward="along",
        grad_output=lambda grad, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override: forward(
            grad, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
        ),
        self=lambda grad, self_shape, self_dtype: zero_gradient(grad, self_shape, self_dtype),
    )
    return forward


avg_pool2d_op, avg_pool3d_op = _averaging(2), _averaging(3)
_AVERAGE = (
    "(Tensor input, tuple of ints[{0}] kernel_size, tuple of ints[{0}] stride = None, tuple of ints[{0}] padding = 0, "
    "bool ceil_mode = False, bool count_include_pad = True{1})"
)


def _publish_average(n: int) -> None:
    name = f"avg_pool{n}d"
    usage = Parser(name, _AVERAGE.format(n, "" if n == 1 else ", int divisor_override = None"))

    def public(*args: Any, **kwargs: Any) -> Any:
        _, given = usage.parse(args, kwargs)
        input, kernel, stride = given["input"], given["kernel_size"], given.get("stride", ())
        padding = given.get("padding", (0,) * n)
        more = (given.get("ceil_mode", False), given.get("count_include_pad", True), given.get("divisor_override"))
        if n > 1:
            return (avg_pool2d_op if n == 2 else avg_pool3d_op)(input, kernel, stride, padding, *more)
        checks.check_rank(name, input._a.shape)
        kernel = checks.single(name, "kernel_size", kernel)
        stride = checks.single(name, "stride", stride or kernel)
        padding = checks.single(name, "padding", padding)
        out = avg_pool2d_op(unsqueeze(input, -2), (1, *kernel), (1, *stride), (0, *padding), *more)
        return squeeze_one(out, -2)

    _publish(name, public if n == 1 else None, public)


for _n in (1, 2, 3):
    _publish_average(_n)


def _lp_pooling(n: int) -> None:
    from minigrad.registry import FUNCTIONS

    average, maximum = (FUNCTIONS[f"nn.functional.{kind}_pool{n}d"] for kind in ("avg", "max"))

    def public(input: Any, norm_type: Any, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Any:
        if n > 1:
            width, *rest = _tupled(kernel_size, n)
        if norm_type in (math.inf, -math.inf):
            if norm_type > 0:
                return maximum(input.abs(), kernel_size, stride, 0, 1, ceil_mode)
            return -maximum(-input.abs(), kernel_size, stride, 0, 1, ceil_mode)
        powers = input.pow(norm_type)
        out = average(powers, kernel_size, *(() if stride is None else (stride,)), padding=0, ceil_mode=ceil_mode)
        count = kernel_size if n == 1 else math.prod(rest, start=width)
        return (out.sign() * out.abs().relu()).mul(count).pow(1.0 / norm_type)

    _publish(f"lp_pool{n}d", None, public)


def _tupled(size: Any, n: int) -> tuple[int, ...]:
    found = tuple(size) if isinstance(size, Iterable) else (size,) * n
    if len(found) != n:
        few = f"not enough values to unpack (expected {n}, got {len(found)})"
        raise ValueError(few if len(found) < n else f"too many values to unpack (expected {n})")
    return found


for _n in (1, 2, 3):
    _lp_pooling(_n)


# -- adaptive -------------------------------------------------------------------------------------------


def _adaptive_average(n: int) -> Any:
    name, label = f"adaptive_avg_pool{n}d", f"AdaptiveAvgPool{n}DBackward"

    @op(f"_{name}", promote="keep", numbers=False)
    def forward(self, output_size: Any):
        checks.check_adaptive(name, self.shape, output_size, n)
        if self.dtype.kind != "f":
            raise errors.not_implemented_for(name if n == 2 else name + "_cpu", self.dtype)
        return formatted(kernels.adaptive_avg(self, output_size), n == 2 and channels_last(self))

    @op(f"_{name}_backward", promote="keep", numbers=False)
    def backward(grad_output, self):
        checks.check_adaptive_gradient(name, grad_output.shape, n)
        return formatted(kernels.adaptive_avg_back(grad_output, self.shape, n), n == 2 and channels_last(self))

    derivative(label + "0", of=forward, forward="linear", self=lambda grad, self: backward(grad, self))
    derivative(
        label + "Backward0",
        of=backward,
        forward="along",
        shows={"grad_output_shape": {f"grad_output_sym_argsize_minus_{i}": -i for i in range(1, n + 1)}},
        grad_output=lambda grad, grad_output_shape: forward(grad, grad_output_shape[len(grad_output_shape) - n :]),
        self=lambda grad, self_shape, self_dtype: zero_gradient(grad, self_shape, self_dtype),
    )
    return forward


def _adaptive_maximum(n: int) -> Any:
    name, label = f"adaptive_max_pool{n}d", f"AdaptiveMaxPool{n}DBackward"

    @op(f"_{name}", promote="keep", numbers=False, outs=("result0", "result1"))
    def forward(self, output_size: Any):
        checks.check_adaptive(name, self.shape, output_size, n)
        if self.dtype.kind != "f":
            raise errors.not_implemented_for(name if n == 2 else name + "_cpu", self.dtype)
        check_sizes((*self.shape[: self.ndim - n], *output_size), self.itemsize)
        last = n == 2 and channels_last(self)
        return [formatted(made, last) for made in kernels.adaptive_max(self, output_size)]

    @op(f"_{name}_backward", promote="keep", numbers=False)
    def backward(grad_output, self, indices):
        checks.check_adaptive_gradient(name, grad_output.shape, n)
        return formatted(kernels.to_places(grad_output, indices, self.shape, n), n == 2 and channels_last(self))

    _with_indices(label, forward, backward, lambda grad, self, result1: backward(grad, self, result1), n)
    return forward


_ADAPTIVE: dict[tuple[str, int], Any] = {}
for _n in (2, 3):
    _ADAPTIVE["avg", _n], _ADAPTIVE["max", _n] = _adaptive_average(_n), _adaptive_maximum(_n)
_ADAPTIVE_USAGE = {
    (kind, n): Parser(f"adaptive_{kind}_pool{n}d", f"(Tensor input, tuple of ints[{n}] output_size)")
    for kind in ("avg", "max")
    for n in (1, 2, 3)
}


def _average_to(input: Any, size: Ints, n: int) -> Any:
    """Averages; to a size of one they are means."""
    a = input._a
    if len(size) == n and all(m == 1 for m in size):
        out = mean_dims(input, tuple(range(-1, -n - 1, -1)), True)
        if a.ndim == n + 2 and channels_last(a):
            batch, channels = a.shape[:2]
            return out.as_strided_((batch, channels, *(1,) * n), (channels, 1, *(channels,) * n))
        return out
    return _ADAPTIVE["avg", n](input, size)


def _with_none(input: Any, size: Any) -> Any:
    """Sizes where None stands for the input's own, as nn.functional fills them in."""
    own = input.size()
    if isinstance(size, int):
        return size
    if len(size) >= len(own):
        raise ValueError(f"Input dimension should be at least {len(size) + 1}")
    return [v if v is not None else d for v, d in zip(size, own[-len(size) :], strict=False)]


def _publish_adaptive(kind: str, n: int) -> None:
    name, usage = f"adaptive_{kind}_pool{n}d", _ADAPTIVE_USAGE[kind, n]

    def pooled(*args: Any, **kwargs: Any) -> Any:
        _, given = usage.parse(args, kwargs)
        input, size = given["input"], given["output_size"]
        if n > 1:
            size = size * n if len(size) == 1 and isinstance((*args, *kwargs.values())[1], int) else size
            return _average_to(input, size, n) if kind == "avg" else _ADAPTIVE["max", n](input, size)
        checks.check_rank(name, input._a.shape)
        size = (1, *checks.single(name, "output_size", size))
        if kind == "avg":
            return squeeze_one(_average_to(unsqueeze(input, -2), size, 2), -2)
        values, places = _ADAPTIVE["max", 2](unsqueeze(input, -2), size)
        return squeeze_one(values, -2), squeeze_one(places, -2)

    def average(input: Any, output_size: Any) -> Any:
        return pooled(input, _with_none(input, output_size))

    def maximum(input: Any, output_size: Any, return_indices: bool = False) -> Any:
        found = pooled(input, output_size if n == 1 else _with_none(input, output_size))
        return found if return_indices else found[0]

    if kind == "avg":
        _publish(name, pooled if n == 1 else None, pooled if n == 1 else average)
    else:
        _publish(name, pooled if n == 1 else None, maximum)


for _kind in ("avg", "max"):
    for _n in (1, 2, 3):
        _publish_adaptive(_kind, _n)
