"""PaddlePaddle on the CPU, in a child process, as large packages that bring threads of their own should be.

What may live here: this adapter, and NumPy's names over paddle's (`PaddleArrays`), which `arrays` asks for. Programs
are functionalised by `functional`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from typing import Any, ClassVar

import numpy as np

from oracle.engines.array_engine import ArrayEngine
from oracle.engines.arrays import ArraySpace, Op
from oracle.engines.base import EngineUnavailable
from oracle.engines.functional import Function, Values
from oracle.engines.remote import RemoteEngine

UNARY = {
    "abs": "abs", "arccos": "acos", "arccosh": "acosh", "arcsin": "asin", "arcsinh": "asinh", "arctan": "atan",
    "arctanh": "atanh", "ceil": "ceil", "cos": "cos", "cosh": "cosh", "deg2rad": "deg2rad", "exp": "exp",
    "expm1": "expm1", "floor": "floor", "log": "log", "log10": "log10", "log1p": "log1p", "log2": "log2",
    "negative": "neg", "rad2deg": "rad2deg", "reciprocal": "reciprocal", "sign": "sign", "sin": "sin", "sinc": "sinc",
    "sinh": "sinh", "sqrt": "sqrt", "square": "square", "tan": "tan", "tanh": "tanh", "logical_not": "logical_not",
    "isnan": "isnan", "isfinite": "isfinite", "isinf": "isinf", "triu": "triu", "tril": "tril",
    "erf": "erf", "erfinv": "erfinv", "digamma": "digamma", "gammaln": "lgamma", "expit": "sigmoid", "logit": "logit",
    "i0": "i0",
}  # fmt: skip
BINARY = {
    "multiply": "multiply", "maximum": "maximum", "minimum": "minimum", "fmax": "fmax", "fmin": "fmin",
    "arctan2": "atan2", "hypot": "hypot", "logaddexp": "logaddexp", "equal": "equal", "not_equal": "not_equal",
    "less": "less_than", "less_equal": "less_equal", "greater": "greater_than", "greater_equal": "greater_equal",
    "matmul": "matmul", "dot": "dot", "outer": "outer", "inner": "inner", "kron": "kron", "power": "pow",
    "logical_and": "logical_and", "logical_or": "logical_or", "logical_xor": "logical_xor",
}  # fmt: skip


class PaddleArrays:
    """paddle under NumPy's names, as far as `arrays` uses them."""

    def __init__(self, paddle: Any) -> None:
        self.paddle = paddle
        for name, its in UNARY.items():
            setattr(self, name, getattr(paddle, its, None) or getattr(paddle.nn.functional, its))
        for name, its in BINARY.items():
            setattr(self, name, self._of_two(getattr(paddle, its)))
        for name in ("sum", "mean", "prod", "max", "min"):
            setattr(self, name, self._reduction(getattr(paddle, name)))
        self.broadcast_to, self.reshape, self.expand_dims = paddle.broadcast_to, paddle.reshape, paddle.unsqueeze
        self.concatenate, self.stack, self.moveaxis = paddle.concat, paddle.stack, paddle.moveaxis
        self.tile, self.roll, self.trace, self.cumsum = paddle.tile, paddle.roll, paddle.trace, paddle.cumsum
        self.diagonal = paddle.diagonal

    def _tensor(self, value: Any, like: Any) -> Any:
        """A Python number as a tensor of the dtype of what it meets."""
        if isinstance(value, self.paddle.Tensor):
            return value
        return self.paddle.to_tensor(value, dtype=like.dtype if isinstance(like, self.paddle.Tensor) else None)

    def _of_two(self, function: Callable[..., Any]) -> Callable[[Any, Any], Any]:
        return lambda x, y: function(self._tensor(x, y), self._tensor(y, x))

    def _reduction(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def reduce(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
            if axis is None and keepdims:
                axis = list(range(len(x.shape)))
            return function(x, axis=axis, keepdim=keepdims)

        return reduce

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        """`numpy.where`, of tensors and numbers."""
        return self.paddle.where(condition, self._tensor(x, y), self._tensor(y, x))

    def clip(self, x: Any, low: Any, high: Any) -> Any:
        """`numpy.clip` between numbers."""
        if isinstance(low, self.paddle.Tensor) or isinstance(high, self.paddle.Tensor):
            raise NotImplementedError("clip between tensors is not supported")
        return self.paddle.clip(x, float(low), float(high))

    def swapaxes(self, x: Any, one: int, other: int) -> Any:
        """`numpy.swapaxes`."""
        return self.paddle.swapaxes(x, one, other)

    def transpose(self, x: Any, axes: Any = None) -> Any:
        """`numpy.transpose`; all axes in reverse by default."""
        count = len(x.shape)
        return self.paddle.transpose(x, [axis % count for axis in axes] if axes is not None else [*range(count)][::-1])

    def var(self, x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
        """`numpy.var`, for the divisors that paddle has."""
        return self.paddle.var(x, axis=axis, unbiased=_unbiased(ddof), keepdim=keepdims)

    def std(self, x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
        """`numpy.std`, for the divisors that paddle has."""
        return self.paddle.std(x, axis=axis, unbiased=_unbiased(ddof), keepdim=keepdims)

    def logsumexp(self, x: Any, axis: Any, keepdims: bool = False) -> Any:
        """`scipy.special.logsumexp`."""
        return self.paddle.logsumexp(x, axis=axis, keepdim=keepdims)


def _unbiased(ddof: float) -> bool:
    if ddof not in (0, 1):
        raise NotImplementedError(f"a correction of {ddof} is not supported")
    return ddof == 1


class PaddleEngine(RemoteEngine):
    """PaddlePaddle's dynamic graph."""

    name: ClassVar[str] = "paddle"
    summary: ClassVar[str] = "PaddlePaddle's dynamic graph on the CPU, in a process of its own"
    inner: ClassVar[str] = "oracle.engines.paddle_engine:PaddleHere"
    package: ClassVar[str] = "paddle"
    extra: ClassVar[str] = "paddle"


class PaddleHere(ArrayEngine):
    """PaddlePaddle in this process."""

    name: ClassVar[str] = "paddle"

    def __init__(self) -> None:
        try:
            self.paddle: Any = import_module("paddle")
        except ImportError as error:
            needs = "engine paddle needs the package paddlepaddle: pip install gradfuzz[paddle]"
            raise EngineUnavailable(needs) from error
        self.paddle.set_device("cpu")
        self.xp = self.special = PaddleArrays(self.paddle)
        super().__init__()

    def space_over(self, xp: Any, special: Any, constant: Op, array: Op) -> ArraySpace:
        space = super().space_over(xp, special, constant, array)
        space.define("to", lambda x, dtype: x.astype(np.dtype(dtype).name))
        return space

    @property
    def version(self) -> str:
        return version("paddlepaddle")

    def raw_vjp(self, function: Function, inputs: Values, weights: Values, nested: bool) -> Values:
        leaves = list(inputs)
        if not nested:
            leaves = [one.detach() for one in inputs]
            for leaf in leaves:
                leaf.stop_gradient = False
        outs = function(*leaves)
        reached = [(out, weight) for out, weight in zip(outs, weights, strict=True) if not out.stop_gradient]
        found: list[Any] = [None] * len(leaves)
        if len({id(out) for out, _ in reached}) < len(reached):
            raise NotImplementedError("an output asked for twice is not supported")
        if reached:
            outs, weights = ([pair[side] for pair in reached] for side in (0, 1))
            found = self.paddle.grad(outs, leaves, weights, create_graph=nested, retain_graph=True, allow_unused=True)
        return [self.paddle.zeros_like(leaf) if one is None else one for one, leaf in zip(found, leaves, strict=True)]

    def array_from(self, array: np.ndarray[Any, Any]) -> Any:
        return self.paddle.to_tensor(array)

    def constant_of(self, raw: Any) -> Any:
        return raw.detach()

    def array_of(self, raw: Any) -> np.ndarray[Any, Any]:
        return np.array(raw.numpy())
