"""torch's names over a NumPy-like module: what engines that differentiate NumPy code run programs on.

What may live here: the namespace and its values, and the ops as torch calls them, each in terms of `xp` (the
module) and, where the engine has one, `special` (its scipy.special). An op that is not in the table is
unsupported and counted; nothing here differentiates anything.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from oracle.program.language import Instruction

Op = Callable[..., Any]

UNARY = {
    "abs": "abs", "absolute": "abs", "acos": "arccos", "acosh": "arccosh", "asin": "arcsin",
    "asinh": "arcsinh", "atan": "arctan", "atanh": "arctanh", "ceil": "ceil", "cos": "cos", "cosh": "cosh",
    "deg2rad": "deg2rad",
    "exp": "exp", "exp2": "exp2", "expm1": "expm1", "floor": "floor", "log": "log", "log10": "log10",
    "log1p": "log1p", "log2": "log2", "neg": "negative", "negative": "negative", "rad2deg": "rad2deg",
    "reciprocal": "reciprocal", "sign": "sign", "sin": "sin", "sinc": "sinc", "sinh": "sinh", "sqrt": "sqrt",
    "square": "square", "tan": "tan", "tanh": "tanh", "logical_not": "logical_not", "isnan": "isnan",
    "isfinite": "isfinite", "isinf": "isinf", "triu": "triu", "tril": "tril",
}  # fmt: skip
BINARY = {
    "mul": "multiply", "multiply": "multiply", "maximum": "maximum", "minimum": "minimum", "fmax": "fmax",
    "fmin": "fmin", "atan2": "arctan2", "arctan2": "arctan2", "hypot": "hypot", "logaddexp": "logaddexp",
    "logaddexp2": "logaddexp2", "eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal",
    "gt": "greater", "ge": "greater_equal", "matmul": "matmul", "mm": "matmul", "mv": "matmul", "dot": "dot",
    "outer": "outer", "ger": "outer", "inner": "inner", "kron": "kron", "pow": "power", "where": "where",
    "logical_and": "logical_and", "logical_or": "logical_or", "logical_xor": "logical_xor",
}  # fmt: skip
SPECIAL = {
    "erf": "erf", "erfc": "erfc", "erfinv": "erfinv", "digamma": "digamma", "lgamma": "gammaln",
    "sigmoid": "expit", "logit": "logit", "i0": "i0",
}  # fmt: skip
DTYPES = ("float32", "float64", "bool", "int64", "int32")


class Value:
    """An array under torch's names: every op of the namespace is a method."""

    __slots__ = ("raw", "space")

    def __init__(self, raw: Any, space: ArraySpace) -> None:
        self.raw, self.space = raw, space

    def __getattr__(self, name: str) -> Any:
        function = getattr(self.space, name)
        if name in PROPERTIES:
            return function(self)
        return lambda *args, **kwargs: function(self, *args, **kwargs)

    def __getitem__(self, index: Any) -> Any:
        return self.space.index(self, index)

    def __neg__(self) -> Any:
        return self.space.neg(self)


PROPERTIES = frozenset({"T", "mT", "shape"})


def _operator(name: str, swapped: bool = False) -> Callable[[Any, Any], Any]:
    if swapped:
        return lambda self, other: getattr(self.space, name)(other, self)
    return lambda self, other: getattr(self.space, name)(self, other)


for _symbol, _name in (("add", "add"), ("sub", "sub"), ("mul", "mul"), ("truediv", "div"), ("pow", "pow")):
    setattr(Value, f"__{_symbol}__", _operator(_name))
    setattr(Value, f"__r{_symbol}__", _operator(_name, swapped=True))
for _name in ("eq", "ne", "lt", "le", "gt", "ge", "matmul"):
    setattr(Value, f"__{_name}__", _operator(_name))


class ArraySpace:
    """The namespace T. `xp` is the NumPy-like module, `special` its special functions if it has them.

    `constant` stops gradients; `array` makes the module's array of a NumPy one.
    """

    def __init__(self, xp: Any, special: Any, constant: Op, array: Op) -> None:
        self.xp = xp
        ops = {name: getattr(xp, real) for name, real in (UNARY | BINARY).items() if hasattr(xp, real)}
        ops |= {name: getattr(special, real) for name, real in SPECIAL.items() if hasattr(special, real)}
        ops |= _written_out(xp, special, array)
        ops["detach"] = constant
        self.ops: dict[str, Op] = {}
        for name, function in ops.items():
            self.define(name, function)
        for name in DTYPES:
            setattr(self, name, np.dtype(name))

    def define(self, name: str, function: Op) -> None:
        """Let `name` be this function of raw arrays."""
        self.ops[name] = function
        setattr(self, name, self._lifted(function))

    def takes(self, name: str, instruction: Instruction) -> bool:
        """Whether an op can be called as the instruction calls it."""
        args, kwargs = instruction.args, dict(instruction.kwargs)
        kwargs.pop("requires_grad", None)
        if name in UNARY or name in SPECIAL or name in BINARY:
            return not kwargs and len(args) == (3 if name == "where" else 2 if name in BINARY else 1)
        try:
            inspect.signature(self.ops[name]).bind(*args, **kwargs)
        except TypeError:
            return False
        except ValueError:  # a compiled function does not tell
            pass
        return True

    def _lifted(self, function: Op) -> Op:
        def lifted(*args: Any, **kwargs: Any) -> Any:
            plain = {key: lower(value) for key, value in kwargs.items() if key != "requires_grad"}
            return self.lift(function(*[lower(arg) for arg in args], **plain))

        return lifted

    def lift(self, raw: Any) -> Any:
        """A result as a Value; several as a tuple of them."""
        return tuple(self.lift(one) for one in raw) if isinstance(raw, tuple | list) else Value(raw, self)

    if not hasattr(Value, "__never__"):  # for type checkers: ops are set one by one

        def __getattr__(self, name: str) -> Any:
            raise NotImplementedError(f"{name} is not supported")


def lower(value: Any) -> Any:
    """A Value's array; containers with theirs."""
    if isinstance(value, Value):
        return value.raw
    if isinstance(value, tuple | list):
        return type(value)(lower(item) for item in value)
    return value


def _shape(x: Any) -> tuple[int, ...]:
    return tuple(x.shape) if hasattr(x, "shape") else ()


def _dtype(x: Any) -> np.dtype[Any]:
    """The dtype of any module's array, by its name."""
    return np.dtype(str(x.dtype).rpartition(".")[2])


def _axis(dim: Any, x: Any) -> Any:
    """torch's dim as an axis; a tensor without dimensions may be asked for its dim 0."""
    if dim == () or not _shape(x):
        return None
    return tuple(dim) if isinstance(dim, list) else dim


def _sizes(args: tuple[Any, ...]) -> tuple[int, ...]:
    return tuple(args[0]) if len(args) == 1 and isinstance(args[0], tuple | list) else args


def _written_out(xp: Any, special: Any, as_array: Op) -> dict[str, Op]:
    """The ops whose calls differ from NumPy's in more than the name."""

    def made(data: Any, dtype: Any = None) -> Any:
        array = np.array(data)
        plain = {"f": np.float32, "i": np.int64, "b": np.bool_}.get(array.dtype.kind, array.dtype)
        return as_array(array.astype(dtype or plain))

    def filled(number: float) -> Op:
        return lambda *shape, dtype=None: as_array(np.full(_sizes(shape), number, dtype or np.float32))

    def full(shape: Any, fill_value: Any, dtype: Any = None) -> Any:
        return made(np.full(_sizes((shape,)), fill_value), dtype)

    def like(number: Any) -> Op:
        return lambda x, dtype=None: as_array(np.full(_shape(x), number, dtype or _dtype(x)))

    def reduced(name: str) -> Op:
        def reduce(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
            return getattr(xp, name)(x, axis=_axis(dim, x), keepdims=keepdim)

        return reduce

    def extreme(name: str) -> Op:
        def whole(x: Any) -> Any:  # with a dim it gives indices too
            return getattr(xp, name)(x)

        return whole

    def spread(name: str) -> Op:
        def reduce(x: Any, dim: Any = None, *, correction: float = 1, keepdim: bool = False) -> Any:
            return getattr(xp, name)(x, axis=_axis(dim, x), ddof=correction, keepdims=keepdim)

        return reduce

    def expand(x: Any, *shape: Any) -> Any:
        sizes, old = _sizes(shape), (1,) * (len(_sizes(shape)) - len(_shape(x))) + tuple(_shape(x))
        return xp.broadcast_to(x, tuple(o if s == -1 else s for s, o in zip(sizes, old, strict=True)))

    def flatten(x: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
        shape = tuple(_shape(x)) or (1,)
        start, end = start_dim % len(shape), end_dim % len(shape)
        return xp.reshape(x, (*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]))

    def squeeze(x: Any, dim: Any = None) -> Any:
        shape = tuple(_shape(x))
        dims = range(len(shape)) if dim is None else dim if isinstance(dim, tuple) else (dim,)
        gone = {d % len(shape) for d in dims} if shape else set()
        return xp.reshape(x, tuple(s for d, s in enumerate(shape) if s != 1 or d not in gone))

    def unsqueeze(x: Any, dim: int) -> Any:
        return xp.expand_dims(x, dim)

    def swap(x: Any, dim0: int, dim1: int) -> Any:
        return x if len(_shape(x)) == 0 else xp.swapaxes(x, dim0, dim1)

    def select(x: Any, dim: int, index: int) -> Any:
        return x[(slice(None),) * (dim % len(_shape(x))) + (index,)]

    def between(x: Any, dim: int, start: int, end: int) -> Any:
        return x[(slice(None),) * (dim % len(_shape(x))) + (slice(start, end),)]

    def narrow(x: Any, dim: int, start: int, length: int) -> Any:
        start += _shape(x)[dim] if start < 0 else 0
        return between(x, dim, start, start + length)

    def unbind(x: Any, dim: int = 0) -> Any:
        return tuple(select(x, dim, index) for index in range(_shape(x)[dim]))

    def split(x: Any, size: Any, dim: int = 0) -> Any:
        whole = _shape(x)[dim]
        sizes = size if isinstance(size, tuple | list) else [size] * max(1, -(-whole // size))
        ends = np.minimum(np.cumsum(sizes), whole).tolist()
        return tuple(between(x, dim, start, end) for start, end in zip([0, *ends], ends, strict=False))

    def chunk(x: Any, chunks: int, dim: int = 0) -> Any:
        size = _shape(x)[dim]
        return split(x, max(1, -(-size // chunks)), dim) if size else (x,) * chunks

    def slice_scatter(x: Any, src: Any, dim: int = 0, start: int = 0, end: Any = None, step: int = 1) -> Any:
        if step != 1:
            raise NotImplementedError("slice_scatter with a step is not supported")
        size = _shape(x)[dim]
        end = size if end is None else min(end, size)
        parts = [between(x, dim, 0, start), src, between(x, dim, end, size)]
        return xp.concatenate([part for part in parts if _shape(part)[dim]] or parts, axis=dim)

    def select_scatter(x: Any, src: Any, dim: int, index: int) -> Any:
        index %= _shape(x)[dim]
        return slice_scatter(x, xp.expand_dims(src, dim), dim, index, index + 1)

    def masked_fill(x: Any, mask: Any, value: Any) -> Any:
        number = isinstance(value, bool | int | float)
        return xp.where(mask, as_array(np.asarray(value, _dtype(x))) if number else value, x)

    def clamp(x: Any, min: Any = None, max: Any = None) -> Any:
        return xp.clip(x, -np.inf if min is None else min, np.inf if max is None else max)

    def index(x: Any, where: Any) -> Any:
        return x[where]

    def power(x: Any, exponent: Any) -> Any:
        return x**exponent

    ops: dict[str, Op] = {
        "tensor": made, "zeros": filled(0), "ones": filled(1), "full": full, "zeros_like": like(0),
        "ones_like": like(1), "full_like": lambda x, value: like(value)(x), "clone": lambda x: x * 1,
        "contiguous": lambda x: x, "to": lambda x, dtype: x.astype(dtype),
        "add": lambda x, y, alpha=1: x + y if alpha == 1 else x + alpha * y,
        "sub": lambda x, y, alpha=1: x - y if alpha == 1 else x - alpha * y,
        "rsub": lambda x, y, alpha=1: y - x if alpha == 1 else y - alpha * x,
        "div": lambda x, y: x / y, "true_divide": lambda x, y: x / y, "pow": power, "float_power": power,
        "clamp": clamp, "clip": clamp, "masked_fill": masked_fill, "index": index,
        "sum": reduced("sum"), "mean": reduced("mean"), "prod": reduced("prod"), "amax": reduced("max"),
        "amin": reduced("min"), "max": extreme("max"), "min": extreme("min"), "var": spread("var"),
        "std": spread("std"), "cumsum": lambda x, dim: xp.cumsum(x, axis=dim) if _shape(x) else x * 1,
        "reshape": lambda x, *shape: xp.reshape(x, _sizes(shape)),
        "view": lambda x, *shape: xp.reshape(x, _sizes(shape)),
        "view_as": lambda x, y: xp.reshape(x, _shape(y)),
        "reshape_as": lambda x, y: xp.reshape(x, _shape(y)), "ravel": lambda x: xp.reshape(x, (-1,)),
        "flatten": flatten, "squeeze": squeeze, "unsqueeze": unsqueeze,
        "transpose": swap, "swapaxes": swap, "swapdims": swap, "t": lambda x: xp.transpose(x),
        "T": lambda x: xp.transpose(x), "mT": lambda x: xp.swapaxes(x, -1, -2),
        "permute": lambda x, *dims: xp.transpose(x, _sizes(dims)),
        "movedim": lambda x, source, destination: xp.moveaxis(x, source, destination) if _shape(x) else x,
        "expand": expand, "expand_as": lambda x, y: xp.broadcast_to(x, _shape(y)), "broadcast_to": expand,
        "select": select, "narrow": narrow, "unbind": unbind, "split": split, "chunk": chunk,
        "cat": lambda tensors, dim=0: xp.concatenate(tensors, axis=dim),
        "stack": lambda tensors, dim=0: xp.stack(tensors, axis=dim),
        "tile": lambda x, *dims: xp.tile(x, _sizes(dims)),
        "roll": lambda x, shifts, dims=None: xp.roll(x, shifts, axis=dims),
        "diagonal": lambda x, offset=0, dim1=0, dim2=1: xp.diagonal(x, offset, dim1, dim2),
        "trace": lambda x: xp.trace(x), "slice_scatter": slice_scatter, "select_scatter": select_scatter,
        "rsqrt": lambda x: 1 / xp.sqrt(x), "softplus": lambda x: xp.logaddexp(x, 0),
    }  # fmt: skip
    if hasattr(special, "logsumexp"):

        def logsumexp(x: Any, dim: Any, keepdim: bool = False) -> Any:
            return special.logsumexp(x, axis=_axis(dim, x), keepdims=keepdim) if _shape(x) else x * 1

        ops["logsumexp"] = logsumexp
    return ops
