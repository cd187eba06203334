"""minigrad: torch.autograd's semantics from scratch on NumPy; `import minigrad as torch` runs its code.

What may live here: the public namespace, put together from the modules that hold its parts.
"""

from __future__ import annotations

import math
from importlib import import_module
from typing import Any

from minigrad import (
    autograd,
    conversion,
    creation,
    dispatch,
    dtypes,
    filling,
    generator,
    methods,
    ops,
    printing,
    random,
    ranges,
)
from minigrad import device as _device
from minigrad.autograd.anomaly_mode import is_anomaly_check_nan_enabled, is_anomaly_enabled
from minigrad.later import published
from minigrad.modes import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from minigrad.printing import get_printoptions, printoptions, set_printoptions
from minigrad.storage import UntypedStorage
from minigrad.tensor import Size, Tensor
from minigrad.warn import is_warn_always_enabled, set_warn_always

__version__ = "0.1.0"

_DTYPES = {d.name: d for d in dtypes.ALL} | {
    name: getattr(dtypes, name) for name in ("half", "double", "short", "long", "cfloat", "cdouble")
}
_DTYPES |= {"float": dtypes.float_, "int": dtypes.int_, "bool": dtypes.bool_}
_FROM_DTYPES = (
    "dtype",
    "finfo",
    "iinfo",
    "get_default_dtype",
    "set_default_dtype",
    "promote_types",
    "can_cast",
)


def _public(module: Any) -> dict[str, Any]:
    """The functions that a module defines itself, under their public names."""
    return {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
    }


# names of submodules (`tensor`, `device`) give way to the public functions and classes of the same name
for _module in (creation, filling, ranges, random, generator, _device):
    globals().update(_public(_module))
globals().update({name: getattr(_device, name) for name in ("strided", *_device.FORMATS)})
globals().update({name: getattr(dtypes, name) for name in _FROM_DTYPES}, **_DTYPES, **conversion.FUNCTIONS)
default_generator = generator.default_generator
pi, e, inf, nan, newaxis = math.pi, math.e, math.inf, math.nan, None


def __getattr__(name: str) -> Any:
    if name == "testing":  # imported when first asked for, like most of the functions
        return import_module("minigrad.testing")
    if name in ("load", "save"):
        return getattr(import_module("minigrad.files"), name)
    return published.attribute("", name)


def __dir__() -> list[str]:
    return sorted({*published.names(""), "load", "save", "testing"})



__all__ = [
    "Size",
    "Tensor",
    "UntypedStorage",
    "autograd",
    "dispatch",
    "enable_grad",
    "get_printoptions",
    "inference_mode",
    "is_anomaly_check_nan_enabled",
    "is_anomaly_enabled",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "is_warn_always_enabled",
    "methods",
    "no_grad",
    "ops",
    "printing",
    "printoptions",
    "set_grad_enabled",
    "set_printoptions",
    "set_warn_always",
    "testing",
]
