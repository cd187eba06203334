"""Differentiation as torch.autograd offers it: `backward`, `grad`, and the submodules around them.

What may live here: names only. `gradcheck` is the function, as in torch; its module is found by import.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

from minigrad import modes
from minigrad.autograd import anomaly_mode, forward_ad, function, graph
from minigrad.autograd import calling as _calling  # noqa: F401 - gives nodes their `__call__`
from minigrad.autograd.anomaly_mode import detect_anomaly, set_detect_anomaly
from minigrad.autograd.function import Function
from minigrad.autograd.passes import backward, grad
from minigrad.autograd.variable import Variable, variable
from minigrad.modes import (
    enable_grad,
    enforce_grad_layout_policy,
    inference_mode,
    no_grad,
    set_grad_enabled,
    set_multithreading_enabled,
)

grad_mode = modes.namespace()


_LATER = {"functional": "functional", "gradcheck": "gradcheck", "gradgradcheck": "gradcheck"}
"""What is imported when first asked for, and the submodule it comes with."""


class _Package(ModuleType):
    """This module, in which importing a submodule must not put it in the place of the function of its name."""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value.gradcheck if name == "gradcheck" and isinstance(value, ModuleType) else value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = import_module(f"{__name__}.{_LATER[name]}")
    return getattr(found, name, found)


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})


__all__ = [
    "Function",
    "Variable",
    "anomaly_mode",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "enforce_grad_layout_policy",
    "forward_ad",
    "function",
    "functional",
    "grad",
    "grad_mode",
    "gradcheck",
    "gradgradcheck",
    "graph",
    "inference_mode",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
    "set_multithreading_enabled",
    "variable",
]
