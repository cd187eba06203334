"""Tangents of what user-defined functions give: their `jvp` runs, and what it gives is held against their outputs.

What may live here: that call and its checks, in the order of torch's; storing tangents is `carried`'s business.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import recording
from minigrad.autograd.batching import at_once
from minigrad.autograd.carried import set_tangent, tangent_of
from minigrad.errors import type_of
from minigrad.tensor import Tensor, wrap


def after_function(cls: Any, node: Any, args: tuple[Any, ...], raw: list[Any], outs: list[Any]) -> None:
    """Gives the outputs of a user-defined function their tangents. `raw` is what `forward` gave, `outs` what callers
    get. Raises RuntimeError in torch's words where `jvp` gives something else than tangents of the outputs."""
    given = [tangent_of(x) for x in args]
    if not any(t is not None for t in given):
        return
    versions = [None if t is None else t._version for t in given]
    results = at_once(lambda own: _by_jvp(cls, node, args, own), given, ours=False)
    if len(results) != len(outs):
        raise RuntimeError(
            f"Function's jvp returned an invalid number of forward gradients (expected {len(outs)} but got "
            f"{len(results)})"
        )
    ctx = node.ctx
    for i, (made, out, tangent) in enumerate(zip(raw, outs, results, strict=True)):
        if not isinstance(out, Tensor):
            continue
        if any(made is x for x in ctx.non_differentiable or ()) or out._a.dtype.kind not in "fc":
            if tangent is not None:
                raise RuntimeError(
                    f"Function's jvp returned a gradient at position {i}, but  the corresponding forward output is not "
                    "a differentiable Tensor.You should return None at that position instead."
                )
        elif any(made is x for x in ctx.dirty_tensors or ()):
            at = next((k for k, x in enumerate(args) if x is made), None)
            _written(out, tangent, at, given, versions)
        else:
            _held_against_views(out, tangent, args, given)
            _set(out, tangent)


def _by_jvp(cls: Any, node: Any, args: tuple[Any, ...], given: list[Any]) -> list[Any]:
    ctx = node.ctx
    if ctx._materialize:
        given = [
            wrap(np.zeros_like(x._a)) if t is None and isinstance(x, Tensor) and x._a.dtype.kind in "fc" else t
            for t, x in zip(given, args, strict=True)
        ]
    saved = node.s_saved, node.v_saved
    node.s_saved = list(ctx.saved_for_forward or ())
    node.v_saved = [0 if x is None else x.counter()[0] for x in node.s_saved]
    carrying = list(recording.tangents)
    recording.tangents.clear()  # nothing that the function computes of dual tensors is one
    try:
        got = cls.jvp(ctx, *given)
    finally:
        recording.tangents[:] = carrying
        node.s_saved, node.v_saved = saved
    results = list(got) if isinstance(got, tuple) else [got]
    for i, one in enumerate(results):
        if not (one is None or isinstance(one, Tensor)):
            raise RuntimeError(f"expected Variable or None (got {type_of(one)}) for grad output {i}.")
    return results


def _written(out: Tensor, tangent: Tensor | None, at: int | None, given: list[Any], versions: list[Any]) -> None:
    """The tangent of an input that `forward` wrote to: its own, which `jvp` has written to, or a first one."""
    if at is None:
        raise RuntimeError(
            "Only input Tensors should be given to ctx.mark_dirty(). If a Tensor is not an input, there is no need to "
            "pass it to mark_dirty()."
        )
    if given[at] is None:
        _set(out, tangent)
        return
    if tangent is None or tangent._version == versions[at]:
        raise RuntimeError(
            "An inplace custom Function is not modifying the forward mode gradients inplace. If the forward is "
            "modifying an input inplace, then the jvp function must modify the corresponding gradient inplace."
        )
    if tangent is not given[at]:
        raise RuntimeError(
            "An inplace custom Function is not returning the forward mode gradients as-is. If the forward is modifying "
            "an input inplace, then the jvp function must modify the gradient inplace and return it as-is."
        )


def _held_against_views(out: Tensor, tangent: Tensor | None, args: tuple[Any, ...], given: list[Any]) -> None:
    """What looks into an input has a tangent that looks into the input's in the same way. Raises RuntimeError."""
    base = out._base
    if base is None:
        return
    at = next((k for k, x in enumerate(args) if x is base or (isinstance(x, Tensor) and x._base is base)), None)
    if at is None or given[at] is None:
        return
    if tangent is None:
        raise RuntimeError("cannot call get_autograd_meta() on undefined tensor")
    if tangent._base is None:
        raise RuntimeError(
            "A custom Function's forward is returning a view (or an input as-is) but the jvp is not returning a view."
        )
    if given[at]._base is not None:
        if tangent._base is not given[at]._base:
            raise RuntimeError(
                "A custom Function is returning a view but the jvp is not returning a view of the same base as the "
                "given grad input."
            )
    elif tangent._base is not given[at]:
        raise RuntimeError(
            "A custom Function is returning a view but the jvp is not returning a view of the given grad input."
        )


def _set(out: Tensor, tangent: Tensor | None) -> None:
    if tangent is None or tangent._a.dtype.kind not in "fc":
        raise RuntimeError(
            "(new_grad_base.is_floating_point() || new_grad_base.is_complex()) && (self_base.is_floating_point() || "
            'self_base.is_complex()) INTERNAL ASSERT FAILED at "/__w/pytorch/pytorch/torch/csrc/autograd/'
            'autograd_meta.cpp":159, please report a bug to PyTorch. Expected both tensor and its forward grad to be '
            "floating point or complex"
        )
    set_tangent(out, tangent)
