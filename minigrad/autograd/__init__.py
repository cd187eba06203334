"""Differentiation as torch.autograd offers it: `backward`, `grad`, and the submodules around them.

What may live here: names only. `gradcheck` is the function, as in torch; its module is found by import.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from minigrad import modes
from minigrad.autograd import anomaly_mode, forward_ad, function, graph
from minigrad.autograd.anomaly_mode import detect_anomaly, set_detect_anomaly
from minigrad.autograd.function import Function
from minigrad.autograd.gradcheck import gradcheck, gradgradcheck
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


def __getattr__(name: str) -> Any:
    if name == "functional":  # imported when first asked for
        return import_module("minigrad.autograd.functional")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), "functional"})


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
