"""Helpers of the opset's tests: tensors and calls of torch from what the opset declares.

What may live here: turning Metas and Calls into torch objects. No test.
"""

from __future__ import annotations

import warnings
from typing import Any

import torch

from oracle.opset.calls import Arrangement, Place
from oracle.opset.metas import FLOAT, Meta
from oracle.opset.spec import Const, OpSpec
from oracle.program.language import Attr, ListArg, Slice

NUMBERS = {"py_bool": True, "py_int": 2, "py_float": 1.5, "py_complex": 1j}


def made(meta: Meta, *, requires_grad: bool = False) -> Any:
    """A tensor (of ones, matrices of halves with more on the diagonal: no op in the opset minds) or Python number."""
    if meta.number:
        return NUMBERS[meta.dtype]
    tensor = torch.ones(meta.shape, dtype=getattr(torch, meta.dtype))
    if meta.rank > 1 and meta.category >= FLOAT:
        diagonal = tensor.mul_(0.5).diagonal(0, -2, -1)
        diagonal.add_(torch.arange(1, diagonal.shape[-1] + 1) / (2 * diagonal.shape[-1]))
    return tensor.requires_grad_() if requires_grad and meta.differentiable else tensor


def spoken(value: Any, operands: tuple[Any, ...]) -> Any:
    """An argument of the language as torch takes it."""
    if isinstance(value, Place):
        return operands[value.index]
    if isinstance(value, Attr):
        return getattr(torch, value.path)
    if isinstance(value, ListArg):
        return [spoken(item, operands) for item in value.items]
    if isinstance(value, tuple) and type(value) is tuple:
        return tuple(spoken(item, operands) for item in value)
    if isinstance(value, Slice):
        return slice(value.start, value.stop, value.step)
    if isinstance(value, Const):
        return torch.tensor(spoken(value.data, operands), dtype=getattr(torch, value.meta.dtype))
    return value


def arguments(call: Arrangement, operands: tuple[Any, ...]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Positional and keyword arguments of a call, operands in their places."""
    if call.args is None:
        args = (*operands, *(spoken(arg, operands) for arg in call.tail))
    else:
        args = tuple(spoken(arg, operands) for arg in call.args)
    return args, {name: spoken(value, operands) for name, value in call.kwargs}


def called(spec: OpSpec, form: str, call: Arrangement, operands: tuple[Any, ...]) -> Any:
    """What torch makes of the call in this form."""
    args, kwargs = arguments(call, operands)
    if form == "index":
        return args[0][args[1]]
    if form == "get":
        return getattr(args[0], spec.name)
    if form == "method":
        function: Any = getattr(args[0], spec.name.rpartition(".")[2])
        args = args[1:]
    else:
        function = torch
        for part in spec.name.split("."):
            function = getattr(function, part)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some legal calls are warned of: var of one element, beta ops
        return function(*args, **kwargs)


def outcome(result: Any) -> tuple[tuple[tuple[int, ...], str], ...]:
    """Shape and dtype name of each tensor of a result."""
    results = result if isinstance(result, (tuple, list)) else (result,)
    return tuple((tuple(one.shape), str(one.dtype).removeprefix("torch.")) for one in results)
