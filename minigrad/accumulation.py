"""What becomes of a gradient that has arrived at a leaf: kept as its `.grad`, copied into one, or added to it.

What may live here: torch's rules for these three. When a leaf has its turn is the engine's business.

Note [Layout contract]: a leaf whose elements fill one block of memory has a gradient of its own strides; any other
has a contiguous one. What arrives otherwise is copied; where a sum breaks the contract, torch warns.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from minigrad import modes
from minigrad.carriers import RawPass, as_added, fresh
from minigrad.device import contiguous_format
from minigrad.dispatch import bump_version
from minigrad.errors import shape_text
from minigrad.lazy import store
from minigrad.memory import allocate, contiguous_strides, is_contiguous, is_dense, strides_of
from minigrad.tensor import Tensor, memory, wrap
from minigrad.warn import warn_once

Array = np.ndarray[Any, Any]

_accumulating = threading.RLock()


def accumulate(variable: Tensor, buffers: dict[Any, Any], key: Any, raw: RawPass | None) -> None:
    """Moves `buffers[key]` into `variable.grad`: in place unless a graph is recorded.

    See accumulate_grad.Note [Stealing] for when the buffer itself becomes the gradient.
    """
    with _accumulating:  # several threads may reach one leaf
        had = variable._grad
        if had is None:
            first = _first_tensor(variable, buffers, key) if raw is None else _first_array(variable, buffers, key, raw)
            variable._grad = first
            return
        if raw is None and modes.state.grad:
            variable._grad = had = had + buffers.pop(key)
        elif raw is None:  # within a dual level
            had.add_(buffers.pop(key))
        else:
            grad = as_added(buffers.pop(key))
            if type(had) is Tensor:
                had._a += grad
            else:
                store(had, had._a + grad)
            bump_version(had)
        if not obeys_layout_contract(memory(had), memory(variable)):
            _warn(had, variable)


def obeys_layout_contract(grad: Array, like: Array) -> bool:
    """Whether a gradient lies as that of a leaf should (see Note [Layout contract]).

    Strides of dimensions of size 1 are idle, unless they are 0; a leaf may have fewer by now (`set_`).
    """
    if grad.strides == like.strides and grad.flags.c_contiguous and 0 not in grad.strides:
        return True
    mine, its = strides_of(grad), strides_of(like)
    if not is_dense(like.shape, its):
        return is_contiguous(grad.shape, mine)
    its += contiguous_strides(grad.shape)[len(its) :]  # those of before are still there, where torch looks
    return all(m != 0 if n == 1 else m == i for n, m, i in zip(grad.shape, mine, its, strict=False))


def _warn(grad: Tensor, leaf: Tensor) -> None:
    lines = (
        f"{name}.sizes() = {shape_text(x._a.shape)}, strides() = {shape_text(strides_of(memory(x)))}"
        for name, x in (("grad", grad), ("param", leaf))
    )
    warn_once(
        "grad and param do not obey the gradient layout contract. This is not an error, but may impair performance.\n"
        + "\n".join(lines)
    )


def _first_tensor(variable: Tensor, buffers: dict[Any, Any], key: Any) -> Tensor:
    """A buffer that is a Tensor as a gradient."""
    alone = not modes.state.grad and fresh(buffers, key)
    grad = buffers.pop(key)
    if not alone or not obeys_layout_contract(grad._a, memory(variable)):
        return clone_obey_contract(grad, variable)
    out: Tensor = grad.detach()
    if grad._a.base is not None:
        out = wrap(out._a.copy(order="K"))
        if not grad.is_inference():
            out._vc = [grad._version]
    return out


def clone_obey_contract(grad: Tensor, leaf: Tensor) -> Tensor:
    """A copy of a gradient laid out as that of `leaf` should be; recorded where a graph is."""
    own = memory(leaf)
    strides = strides_of(own)
    if not is_dense(own.shape, strides):
        return grad.clone(memory_format=contiguous_format)  # type: ignore[no-any-return]
    out = wrap(allocate(own.shape, grad._a.dtype, strides, zero=False))
    return out.copy_(grad)  # type: ignore[no-any-return]


def _first_array(variable: Tensor, buffers: dict[Any, Any], key: Any, raw: RawPass) -> Tensor:
    """The buffer as a gradient that nobody else sees, laid out like the leaf."""
    like = memory(variable)
    obeys = type(buffers[key]) is not np.ndarray or obeys_layout_contract(buffers[key], like)
    if obeys and raw.zero(buffers[key]):
        return raw.tensor(buffers.pop(key)).detach()  # type: ignore[no-any-return]
    normal = modes.state.inference and not raw.made_in_inference(buffers[key])
    inference = raw.zeros and raw.needs_tensors(buffers[key])
    detached = raw.forget(buffers[key])  # maybe from another Tensor that a hook was given, and looks there, too
    alone = fresh(buffers, key)
    looked_at = detached and not alone
    grad = buffers.pop(key)
    version = raw.version(grad)
    if type(grad) is not np.ndarray:
        made = wrap(np.asarray(grad))
    elif (alone or detached) and obeys:
        # a deliberate departure: torch keeps a view as it is, and writes to what it looks into later, which may be
        # the caller's own gradient or that of another leaf (accumulate_grad.Note [Stealing])
        made = wrap(grad if grad.base is None and not looked_at else grad.copy(order="K"))
        if normal:
            made._meta = None
        if inference:
            made.meta().inference = made.meta().counted = True  # as it is detached outside of inference mode
            return made
    elif not modes.state.layout and (alone or 0 in grad.strides):
        made = wrap(grad if grad.base is None or not alone else grad.copy(order="K"))
    else:
        strides = strides_of(like)
        dense = is_dense(like.shape, strides)
        if dense and grad.shape != like.shape:
            with modes.no_grad():
                return clone_obey_contract(wrap(grad), variable)  # which is filled, or refuses the gradient
        made = wrap(allocate(grad.shape, grad.dtype, strides if dense else None, zero=False))
        made._a[...] = grad
        version = int(dense)  # a copy into a new tensor is a write, a clone is not
    if version:
        made._vc = [version]
    return made
