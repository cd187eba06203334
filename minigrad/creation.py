"""Factories from data: `tensor`, `as_tensor`, `from_numpy`, `new_tensor` and relatives, as torch has them.

What may live here: functions that make leaves out of what the caller has. How data becomes an array is in
`from_data`; factories that need no data are in `filling`, `ranges` and `random`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad import dtypes, errors, modes
from minigrad.arguments import type_name
from minigrad.dtypes import dtype
from minigrad.factory import OPTIONS, Arguments, bind, filled, finish
from minigrad.from_data import from_ndarray, to_array
from minigrad.signatures import Parser
from minigrad.storage import hold
from minigrad.tensor import Tensor, wrap
from minigrad.warn import warn, warn_once

_DATA = "torch.dtype dtype = None, torch.device device = None"

_TENSOR = Parser("tensor", f"(object data, *, {_DATA}, bool? pin_memory = False, bool requires_grad = False)")
_AS_TENSOR = Parser("as_tensor", f"(object data, *, {_DATA})")
_ASARRAY = Parser("asarray", f"(object obj, *, {_DATA}, bool copy = None, bool requires_grad = False)")
_SCALAR_TENSOR = Parser("scalar_tensor", f"(Number s, *, {OPTIONS})")
_NEW_TENSOR = Parser("new_tensor", f"(object data, *, {_DATA}, bool requires_grad = False)")


def tensor(
    *args: Any,
    dtype: dtype | None = None,
    device: Any = None,
    pin_memory: bool = False,
    requires_grad: bool = False,
    **unknown: Any,
) -> Tensor:
    """A new leaf with a copy of `data`: numbers, nested sequences, an array or a tensor.

    The dtype is inferred unless given. Raises TypeError, ValueError or RuntimeError in torch's words.
    """
    usual = len(args) == 1 and device is None and not unknown and pin_memory is False
    if not (usual and (dtype is None or type(dtype) is dtypes.dtype) and type(requires_grad) is bool):
        named = {"dtype": dtype, "device": device, "pin_memory": pin_memory, "requires_grad": requires_grad}
        ordinary = {"dtype": None, "device": None, "pin_memory": False, "requires_grad": False}
        given = {k: v for k, v in named.items() if v is not ordinary[k]} | unknown
        return _from_data("torch.tensor", None, bind(_TENSOR, args, given)[1])
    data = args[0]
    if isinstance(data, Tensor):
        _warn_copy("torch.tensor")
    array = to_array(data, dtype)
    if requires_grad and array.dtype.kind not in "fc":
        raise errors.only_floating_require_grad(made=True)
    return _counted(wrap(array, requires_grad), data)


def _counted(made: Tensor, data: Any) -> Tensor:
    """`made` with a version that says it was copied, which autograd does not hide of inference tensors."""
    if isinstance(data, Tensor) and data.is_inference() and not modes.state.inference:
        made.counter()[0] += 1
    return made


def _warn_copy(function: str) -> None:
    warn(
        "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
        f"sourceTensor.detach().clone().requires_grad_(True), rather than {function}(sourceTensor)."
    )


def _from_data(function: str, default: dtype | None, given: Arguments) -> Tensor:
    data = given["data"]
    if isinstance(data, Tensor):
        _warn_copy(function)
    return _counted(finish(to_array(data, given.get("dtype") or default), given), data)


def new_tensor(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """Like `tensor`, with this tensor's dtype unless another is given."""
    if self.is_conj() or self.is_neg():
        key = "Conjugate" if self.is_conj() else "Negative"
        raise RuntimeError(f"DispatchKey {key} doesn't correspond to a device")
    return _from_data("tensor.new_tensor", self.dtype, bind(_NEW_TENSOR, args, kwargs)[1])


def as_tensor(*args: Any, **kwargs: Any) -> Tensor:
    """`data` as a tensor, sharing memory where it can: a tensor of that dtype is returned as it is."""
    given = bind(_AS_TENSOR, args, kwargs)[1]
    return _share(given["data"], given.get("dtype"))


def _share(data: Any, wanted: dtype | None) -> Tensor:
    if isinstance(data, Tensor):
        if wanted is None or wanted is data.dtype:
            return data
        return data.to(wanted)  # type: ignore[no-any-return]
    return wrap(to_array(data, wanted, copy=False))


def asarray(*args: Any, **kwargs: Any) -> Tensor:
    """`obj` as a tensor; `copy` True never shares memory, False always, None where possible.

    A tensor that needs no copy is returned itself, so that `requires_grad` changes it. RuntimeError where integers
    would have to require grad.
    """
    given = bind(_ASARRAY, args, kwargs)[1]
    obj, copy, requires_grad = given["obj"], given.get("copy"), given.get("requires_grad")
    shares = isinstance(obj, Tensor | np.ndarray)
    made = _share(obj, given.get("dtype"))
    if copy is False and not (
        shares and np.shares_memory(made._a, obj._a if isinstance(obj, Tensor) else obj)
    ):
        raise ValueError(f"can't alias {'tensor' if shares else 'arbitrary sequence'} without copying")
    if copy and shares:
        made = made.clone()
    if requires_grad is None:
        requires_grad = isinstance(obj, Tensor) and obj.requires_grad
        if requires_grad:
            warn_once(_AS_THE_SOURCE)
    if not requires_grad and not made.is_leaf:
        return made.detach()  # type: ignore[no-any-return]
    if requires_grad and not (made.is_floating_point() or made.is_complex()):
        raise errors.only_floating_require_grad(made=True)
    return made.requires_grad_(requires_grad)


_AS_THE_SOURCE = (
    "torch.asarray: unspecified requires_grad now defaults to obj.requires_grad instead of False. Pass "
    "requires_grad=False explicitly to get the old behavior and silence this warning."
)


def from_numpy(*args: Any) -> Tensor:
    """A leaf that shares the memory of an ndarray. Raises TypeError for all else and unsupported dtypes."""
    if len(args) != 1:
        raise TypeError(
            f"torch._VariableFunctionsClass.from_numpy() takes exactly one argument ({len(args)} given)"
        )
    if not isinstance(args[0], np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type_name(args[0])})")
    return wrap(hold(from_ndarray(args[0])))


def scalar_tensor(*args: Any, **kwargs: Any) -> Tensor:
    """A 0-dim tensor of the default dtype (or the one given) with the value of a number."""
    given = bind(_SCALAR_TENSOR, args, kwargs)[1]
    return finish(filled((), given["s"], given.get("dtype") or dtypes.get_default_dtype()), given)


METHODS: dict[str, Callable[..., Any]] = {"new_tensor": new_tensor}
"""What becomes an attribute of Tensor."""
