"""Views in place: squeeze_, transpose_, as_strided_ and others change a tensor's shape and strides, not its elements.

What may live here: these methods. Their nodes are those of the views they stand for, under their own names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minigrad import dispatch, modes
from minigrad.lazy import look_alike
from minigrad.node import Node
from minigrad.ops.reshaping import squeeze, unsqueeze
from minigrad.ops.restriding import as_strided
from minigrad.ops.transposing import swapaxes, t, transpose
from minigrad.registry import NODES, publish
from minigrad.tensor import InferenceLeaf, Tensor
from minigrad.views import check_inplace, set_history

LABELS = {
    "SqueezeBackward0": "SqueezeBackward3",
    "SqueezeBackward1": "SqueezeBackward4",
    "SqueezeBackward2": "SqueezeBackward5",
    "UnsqueezeBackward0": "UnsqueezeBackward1",
    "TransposeBackward0": "TransposeBackward1",
    "TBackward0": "TBackward1",
    "AsStridedBackward0": "AsStridedBackward1",
}
"""The node of each view, and what it is called when the view is taken in place."""


def _renamed(label: str) -> type[Node]:
    if LABELS[label] not in NODES:
        base = NODES[label]
        NODES[LABELS[label]] = type(
            LABELS[label], (base,), {"__slots__": (), "__module__": "minigrad", "label": LABELS[label]}
        )
    return NODES[LABELS[label]]


def _in_place(name: str, view: Callable[..., Any]) -> None:
    def method(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        check_inplace(self, self.requires_grad and not isinstance(self, InferenceLeaf))
        tangent = dispatch.tangents[0].tangent_of(self) if dispatch.tangents else None
        seen = view(self, *args, **kwargs)
        node = seen._fn
        dispatch.before_write(self)
        look_alike(self, seen)
        dispatch.bump_version(self)
        if node is not None and modes.state.grad:
            node.__class__ = _renamed(node.label)
            set_history(self, node)
        if tangent is not None:
            method(tangent, *args, **kwargs)  # what a tensor carries is viewed in place with it
        return self

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"`{name[:-1]}` in place."
    publish(name, method, function=name == "as_strided_")  # as torch has it


def _t_in_place(self: Tensor) -> Tensor:
    if self._a.ndim > 2:
        raise RuntimeError(f"t_() expects a tensor with <= 2 dimensions, but self is {self._a.ndim}D")
    return t(self)  # type: ignore[no-any-return]


for _name, _view in {
    "squeeze_": squeeze,
    "unsqueeze_": unsqueeze,
    "transpose_": transpose,
    "swapdims_": transpose,
    "swapaxes_": swapaxes,
    "t_": _t_in_place,
    "as_strided_": as_strided,
}.items():
    _in_place(_name, _view)
