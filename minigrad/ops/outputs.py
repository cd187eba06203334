"""`out=`: an op writes its result into a tensor that the caller has.

What may live here: what torch does with such a tensor, whichever op it is handed to; `refusals` has these calls come
here. The op computes as ever, and its result is put into the tensor. What hangs on the op is in `output_rules`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

from minigrad import dispatch, errors, modes
from minigrad.creation import tensor
from minigrad.dtypes import Array
from minigrad.lazy import store
from minigrad.memory import strides_of
from minigrad.ops.output_rules import (
    CHECKED_FIRST,
    CHECKED_LAST_FIRST,
    COMPUTED_IN,
    COPIED,
    COUNTED,
    COUNTED_ALOUD,
    FACTORIES,
    ORDER,
    PIECES,
    RESIZED_FIRST,
    SILENT,
    WARNED,
    WRITTEN_TWICE,
    check_dtype,
    is_opaque,
    label,
)
from minigrad.ops.resizing import resize
from minigrad.ops.undifferentiated import NotImplementedNode
from minigrad.refusals import unguarded
from minigrad.return_types import Result, named
from minigrad.tensor import Tensor, memory
from minigrad.views import check_inplace, rebase_history
from minigrad.warn import warn
from minigrad.windows import overlaps_itself

Args = tuple[Any, ...]
_TYPES: dict[str, type[Result]] = {}


def written(fn: Callable[..., Any], name: str, args: Args, kwargs: dict[str, Any]) -> Any:
    """What `fn` gives, in the tensors of `out=`. RuntimeError where one of them, or an operand, requires grad."""
    out = kwargs.pop("out")
    if out is None:
        return fn(*args, **kwargs)
    several = isinstance(out, (tuple, list))
    outs = [one if isinstance(one, Tensor) else tensor(one) for one in (out if several else (out,))]
    if name in FACTORIES:
        return unguarded(fn)(*args, **kwargs, out=out)
    if name in WARNED:
        warn(WARNED[name])
    asked = kwargs.get("dtype") is not None
    if name in COMPUTED_IN and not asked:
        kwargs["dtype"] = outs[0].dtype
    if name in COPIED:
        return _copied(name, fn(*args, **kwargs), out)
    if name in PIECES:
        return _in_pieces(name, fn, args, kwargs, outs)
    inputs = list(_tensors((*args, *kwargs.values())))
    dual = dispatch.tangents and any(dispatch.tangents[0].tangent_of(x) is not None for x in (*inputs, *outs))
    seen = not all(x.is_inference() for x in (*inputs, *outs))  # by autograd; inference tensors alone are not
    decl = unguarded(fn).__globals__.get("OP")
    if decl is not None and decl.promote != "keep" and not several:
        dispatch.check_overlap(memory(outs[0]), [memory(x) for x in inputs if x is not outs[0]])
    if name == "diag" and inputs[0]._a.ndim == 1:
        name = "diag_embed"
    if is_opaque(name, kwargs):
        if dual:
            raise NotImplementedError(f"Trying to use forward AD with aten::{label(name)} that does not support it.")
        return _opaquely(name, lambda: fn(*args, **kwargs), inputs if seen else [], out)
    asking = modes.state.grad and any(x.requires_grad for x in (*inputs, *outs))
    with warnings.catch_warnings(record=True) if asking else nullcontext() as heard:
        made = fn(*args, **kwargs)
    results = list(made) if isinstance(made, (tuple, list)) else [made]
    told = any(x.requires_grad for x in outs) and not _is_indifferent(decl, inputs, results)
    hidden = seen and any(x.requires_grad and x.is_inference() for x in inputs)
    refused = asking and (hidden or told or any(x.requires_grad for x in results))
    if not refused or label(name) != name:  # else the op has not come to warn of anything
        for one in heard or ():
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    if name in CHECKED_FIRST or name.startswith("fft."):
        check_dtype(name, False, results[0].dtype, outs[0].dtype)
    if refused:
        raise _undifferentiable(label(name, results[0]._a.ndim))
    places = range(len(outs))
    for at in reversed(places) if name in CHECKED_LAST_FIRST else places:
        check_dtype(name, several, results[at].dtype, outs[at].dtype, at, asked)
    for at in ORDER.get(name, range(len(outs))):
        put(outs[at], _relaid(name, results[at]._a), name not in SILENT)
        if name in WRITTEN_TWICE:
            dispatch.bump_version(outs[at])
    if dual:
        raise NotImplementedError(
            f"Trying to use forward AD with {label(name)}_out that does not support it because it is an out= function"
        )
    return _several(name, made, outs) if several else out


def _relaid(name: str, result: Array) -> Array:
    """The result as an output lies that is given its size: that of a library is copied from, others are written so."""
    return result.copy("C") if name.startswith("fft.") or name == "linalg.eig" else result


def _is_indifferent(decl: Any, inputs: list[Tensor], results: list[Tensor]) -> bool:
    """Whether an op gives what no gradient is known for, so that autograd does not look at its outputs, either."""
    if any(x._a.dtype.kind in "fc" for x in results):
        return False
    return decl.label is None if decl is not None else any(x._a.dtype.kind in "fc" for x in inputs)


def _undifferentiable(called: str) -> RuntimeError:
    return RuntimeError(
        f"{called}(): functions with out=... arguments don't support automatic differentiation, but one of the "
        "arguments requires grad."
    )


def _opaquely(name: str, run: Callable[[], Tensor], inputs: list[Tensor], out: Tensor) -> Tensor:
    """As torch has ops of which autograd knows nothing: the output gets a node that cannot be differentiated."""
    if modes.state.grad and out.requires_grad:
        raise _undifferentiable(f"aten::{label(name)}")
    differentiable = [x for x in inputs if x.requires_grad] if modes.state.grad else []
    check_inplace(out, bool(differentiable))
    with modes.no_grad():
        result = run()
    if name in RESIZED_FIRST and out._a.shape != result._a.shape:
        _resized(out, result._a)
    check_dtype(name, False, result.dtype, out.dtype)
    node = NotImplementedNode(label(name), differentiable, result) if differentiable else None
    put(out, _relaid(name, result._a))
    if node is not None and out._a.dtype.kind in "fc":
        rebase_history(out, node)
    return out


def _in_pieces(name: str, fn: Callable[..., Any], args: Args, kwargs: dict[str, Any], outs: list[Tensor]) -> None:
    """Each piece is copied into its output, of which autograd sees nothing; nothing is given back."""
    if name == "unbind_copy" and modes.state.grad and any(x.requires_grad for x in outs):
        raise _undifferentiable(name)
    with modes.no_grad():
        made = fn(*args, **kwargs)
        if len(outs) != len(made):
            raise RuntimeError(f"{PIECES[name]} expected an out= argument of size {len(made)}, got size {len(outs)}")
        for target, result in zip(outs, made, strict=True):
            if name == "split_copy":
                target.copy_(result)
                continue
            if target._a.shape != result._a.shape:
                _resized(target, result._a)
                dispatch.bump_version(target)
            check_dtype(name, False, result.dtype, target.dtype)
            target.copy_(result)


def made(out: Tensor, result: Array, called: str, requires_grad: bool) -> Tensor:
    """What the factory `called` has made, written into `out`."""
    if called in ("empty", "randn"):
        out.resize_(result.shape)
        if called == "empty":
            return out.requires_grad_() if requires_grad else out
    elif modes.state.grad and out.requires_grad:
        raise _undifferentiable(f"aten::{called}")
    if called in COUNTED and out._a.size == result.size:
        result = result.reshape(out._a.shape)
    elif called in COUNTED_ALOUD and out._a.size:
        warn(
            f"The number of elements in the out tensor of shape {errors.shape_text(out._a.shape)} is {out._a.size} "
            f"which does not match the computed number of elements {result.size}. Note that this may occur as a result "
            f"of rounding error. The out tensor will be resized to a tensor of shape ({result.size},)."
        )
    put(out, result, warned=False)
    return out.requires_grad_() if requires_grad else out


def _several(name: str, made: Any, outs: list[Tensor]) -> Any:
    """The outputs as torch names them; those of split are not given back at all."""
    if not isinstance(made, Result):
        return tuple(outs)
    called = name.replace(".", "_") + "_out"
    if called not in _TYPES:
        _TYPES[called] = named(called, made.fields)
    return _TYPES[called](outs)


def _tensors(values: Any) -> Iterator[Tensor]:
    for one in values:
        if isinstance(one, Tensor):
            yield one
        elif isinstance(one, (tuple, list)):
            yield from _tensors(one)


def _copied(name: str, result: Tensor, out: Tensor) -> Tensor:
    """By `copy_`, which is recorded."""
    check_dtype(name, False, result.dtype, out.dtype)
    if out._a.shape != result._a.shape:
        _resized(out, result._a)
    return out.copy_(result)  # type: ignore[no-any-return]


def put(target: Tensor, result: Array, warned: bool = True) -> Tensor:
    """Writes `result` into `target`, which gets its shape, with torch's warning where it is `warned` of."""
    if target._a.shape != result.shape:
        _resized(target, result, warned)
    elif overlaps_itself(memory(target)):
        raise errors.overlapping_write()
    dispatch.before_write(target)
    store(target, result)
    dispatch.bump_version(target)
    return target


def _resized(target: Tensor, result: Array, warned: bool = True) -> None:
    if target._a.size and warned:
        warn(
            "An output with one or more elements was resized since it had shape "
            f"{errors.shape_text(target._a.shape)}, which does not match the required output shape "
            f"{errors.shape_text(result.shape)}. This behavior is deprecated, and in a future PyTorch release "
            "outputs will not be resized unless they have zero elements. You can explicitly reuse an out tensor t by "
            "resizing it, inplace, to zero elements with t.resize_(0)."
        )
    resize(target, result.shape, strides_of(result))
