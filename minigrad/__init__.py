"""minigrad: torch.autograd's semantics from scratch on NumPy; `import minigrad as torch` runs its code."""

from __future__ import annotations

from minigrad import autograd, dispatch, ops
from minigrad.modes import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from minigrad.node import Node
from minigrad.registry import FUNCTIONS
from minigrad.tensor import Size, Tensor, device, strided

globals().update({name: fn for name, fn in FUNCTIONS.items() if "." not in name})

__all__ = ["Node", "Size", "Tensor", "autograd", "device", "strided"]
