"""minigrad: torch.autograd's semantics from scratch on NumPy; `import minigrad as torch` runs its code.

What may live here: the public namespace, put together from the modules that hold its parts.
"""

from __future__ import annotations

from typing import Any

from minigrad import autograd, creation, dispatch, dtypes, filling, methods, ops
from minigrad.modes import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from minigrad.registry import FUNCTIONS
from minigrad.tensor import Size, Tensor, device, strided
from minigrad.warn import is_warn_always_enabled, set_warn_always

_DTYPES = {d.name: d for d in dtypes.ALL} | {
    name: getattr(dtypes, name) for name in ("half", "double", "short", "long", "cfloat", "cdouble")
}
_DTYPES |= {"float": dtypes.float_, "int": dtypes.int_, "bool": dtypes.bool_}
_FROM_DTYPES = ("dtype", "finfo", "iinfo", "get_default_dtype", "set_default_dtype", "promote_types", "can_cast")


def _public(module: Any) -> dict[str, Any]:
    """The functions that a module defines itself, under their public names."""
    return {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
    }


# names of submodules (`tensor`) give way to the public functions of the same name
globals().update(_public(creation), **_public(filling))
globals().update({name: getattr(dtypes, name) for name in _FROM_DTYPES}, **_DTYPES)
globals().update({name: fn for name, fn in FUNCTIONS.items() if "." not in name})

__all__ = [
    "Size",
    "Tensor",
    "autograd",
    "device",
    "dispatch",
    "enable_grad",
    "inference_mode",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "is_warn_always_enabled",
    "methods",
    "no_grad",
    "ops",
    "set_grad_enabled",
    "set_warn_always",
    "strided",
]
