"""Variable: what tensors with a history were called once; code of that time still asks for it.

What may live here: that name.
"""

from __future__ import annotations

import warnings
from operator import index
from typing import Any, NoReturn

import numpy as np

from minigrad.tensor import Tensor, wrap


class VariableMeta(type):
    """Every tensor is a Variable."""

    def __instancecheck__(cls, other: Any) -> bool:
        return isinstance(other, Tensor)


class Variable(metaclass=VariableMeta):
    """`Variable(data)`: a leaf over the memory of a tensor, sharing its version; an empty one without data."""

    def __new__(cls, data: Any = None, requires_grad: Any = False, volatile: Any = False) -> Any:
        requires_grad, volatile = bool(index(requires_grad)), bool(index(volatile))
        if volatile:
            text = "volatile was removed and now has no effect. Use `with torch.no_grad():` instead."
            warnings.warn(text, UserWarning, stacklevel=2)
        if requires_grad and volatile:
            raise ValueError("Variable can't be volatile and require_grad at the same time!")
        if data is None:
            return wrap(np.empty(0, np.float32)).requires_grad_(requires_grad)
        if not isinstance(data, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {type(data).__name__}")
        return data.detach().requires_grad_(requires_grad)


def variable(*args: Any, **kwargs: Any) -> NoReturn:
    """Always refused, as in torch."""
    raise RuntimeError("torch.autograd.variable(...) is deprecated, use torch.tensor(...) instead")
