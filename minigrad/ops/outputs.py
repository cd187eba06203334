"""`out=`: an op writes its result into a tensor that the caller has.

What may live here: what torch does with such a tensor, whichever op it is handed to; `refusals` has these calls come
here. The op computes as ever, and its result is put into the tensor. What hangs on the op is in `output_rules`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from typing import Any

import numpy as np

from minigrad import dispatch, errors, modes
from minigrad.creation import tensor
from minigrad.dims import normal_dim
from minigrad.dtypes import Array
from minigrad.lazy import store
from minigrad.memory import strides_of
from minigrad.ops.output_rules import (
    APART,
    APART_AS_GIVEN,
    CHECKED_FIRST,
    CHECKED_LAST_FIRST,
    COMPUTED_IN,
    CONSTANT,
    COPIED,
    COUNTED,
    COUNTED_ALOUD,
    FACTORIES,
    IN_ROWS,
    IN_ROWS_WHERE_CHANGED,
    ORDER,
    PARTLY_APART,
    PIECES,
    RESIZED_FIRST,
    ROWS,
    SAYING,
    SILENT,
    UNCOUNTED,
    UNSQUEEZED,
    WARNED,
    WRITTEN_TWICE,
    check_dtype,
    form,
    is_opaque,
    label,
)
from minigrad.ops.products import folded_shape
from minigrad.ops.resizing import resize
from minigrad.ops.undifferentiated import NotImplementedNode
from minigrad.promotion import broadcast_shape
from minigrad.refusals import unguarded
from minigrad.registry import FUNCTIONS
from minigrad.return_types import Result, named
from minigrad.tensor import Tensor, memory, set_memory
from minigrad.views import check_inplace, rebase_history
from minigrad.warn import warn
from minigrad.windows import overlaps, overlaps_itself, overlaps_partly

Args = tuple[Any, ...]
_TYPES: dict[str, type[Result]] = {}


def written(fn: Callable[..., Any], name: str, args: Args, kwargs: dict[str, Any]) -> Any:
    """What `fn` gives, in the tensors of `out=`. RuntimeError where one of them, or an operand, requires grad."""
    out = kwargs.pop("out")
    if out is None:
        return fn(*args, **kwargs)
    name = form(name, args, kwargs)
    several = isinstance(out, (tuple, list))
    outs = [one if isinstance(one, Tensor) else tensor(one) for one in (out if several else (out,))]
    if name in FACTORIES:
        return unguarded(fn)(*args, **kwargs, out=out)
    if name in WARNED:
        warn(WARNED[name])
    inputs = list(_tensors((*args, *kwargs.values())))
    asking = modes.state.grad and any(x.requires_grad for x in (*inputs, *outs))
    asked = kwargs.get("dtype") is not None
    if name in COMPUTED_IN and not asked:
        kwargs["dtype"] = outs[0].dtype
        if asking and outs[0]._a.dtype.kind not in "fc":
            raise errors.output_not_differentiated(label(name))
    if name in COPIED:
        result = fn(*args, **kwargs)
        return _copied(name, result.detach() if name == "matrix_power/zero" else result, out)
    if name == "svd":
        return _old_svd(args, kwargs, outs)
    if name in PIECES:
        return _in_pieces(name, fn, args, kwargs, outs)
    dual = dispatch.tangents and any(dispatch.tangents[0].tangent_of(x) is not None for x in (*inputs, *outs))
    seen = not all(x.is_inference() for x in (*inputs, *outs))  # by autograd; inference tensors alone are not
    decl = unguarded(fn).__globals__.get("OP")
    if decl is not None and decl.promote != "keep" and not several:
        dispatch.check_overlap(memory(outs[0]), [memory(x) for x in inputs if x is not outs[0]])
    if name in APART_AS_GIVEN:
        _keep_apart(name, outs[0], inputs)
    if name == "diag" and inputs[0]._a.ndim == 1:
        name = "diag_embed"
    if is_opaque(name, kwargs):
        if dual:
            raise NotImplementedError(f"Trying to use forward AD with aten::{label(name)} that does not support it.")
        return _opaquely(name, lambda: fn(*args, **kwargs), inputs if seen else [], out)
    with warnings.catch_warnings(record=True) if asking or name in SAYING else nullcontext() as heard:
        made = fn(*args, **kwargs)
    results = list(made) if isinstance(made, (tuple, list)) else [made]
    told = any(x.requires_grad for x in outs) and not _is_indifferent(decl, inputs, results)
    hidden = seen and any(x.requires_grad and x.is_inference() for x in inputs)
    refused = asking and (hidden or told or any(x.requires_grad for x in results))
    when = SAYING.get(name, "first")
    if (not refused or label(name) != name) and when in ("first", "twice"):  # else it has not come to warn of anything
        _say(heard or ())
    for at in CHECKED_FIRST.get(name, (0,) if name.startswith("fft.") else ()):
        check_dtype(name, False, results[at].dtype, outs[at].dtype, at)
    if name.startswith("matrix_power/"):
        check_dtype("matrix_power", False, results[0].dtype, outs[0].dtype)
    if refused:
        if (name in UNCOUNTED or name.startswith("matrix_power/")) and outs[0]._a.shape != results[0]._a.shape:
            _resized(outs[0], results[0]._a)
        raise errors.output_not_differentiated(label(name, results[0]._a.ndim))
    rows = _rows(name, inputs)
    if rows is not None and outs[0]._a.shape != results[0]._a.shape:
        _resized(outs[0], results[0]._a)
    places = range(len(outs))
    for at in reversed(places) if name in CHECKED_LAST_FIRST else places:
        nothing = not any(x._a.size for x in inputs)
        check_dtype(name, several, results[at].dtype, outs[at].dtype, at, asked, nothing)
    if when == "twice":
        _say(heard or ())
    dim = _reduced(name, args, kwargs) if name in UNSQUEEZED else None
    if rows is not None:
        _refuse_rows_apart(outs[0], rows)
    silent = name in SILENT or (name == "mode" and not inputs[0]._a.ndim)
    changed = any(x._a.size and x._a.shape != made_of._a.shape for x, made_of in zip(outs, results, strict=True))
    if (name in APART or name in PARTLY_APART) and name not in APART_AS_GIVEN:
        for one, result in zip(outs, results, strict=True):
            if one._a.shape != result._a.shape:
                _resized(one, result._a, not silent, dim)
        _keep_apart(name, outs[0], inputs)
    for at in ORDER.get(name, range(len(outs))):
        result = _relaid(name, results[at]._a, changed)
        put(outs[at], result[None] if name in ROWS else result, not silent, dim, name not in UNCOUNTED)
        if name in WRITTEN_TWICE:
            dispatch.bump_version(outs[at])
    if name == "matmul/row":
        out.squeeze_(0)
    elif name in ROWS:
        set_memory(out, memory(out)[0])  # of which autograd sees nothing
    if when == "late":
        _say(heard or ())
    if dual:
        raise NotImplementedError(
            f"Trying to use forward AD with {label(name)}_out that does not support it because it is an out= function"
        )
    return _several(name, made, outs) if several else out


def _keep_apart(name: str, out: Tensor, inputs: list[Tensor]) -> None:
    """Raises where an output has elements in common with an operand, or with itself."""
    a = memory(out)
    if name in APART_AS_GIVEN and name not in ("kthvalue", "where") and overlaps_itself(a):
        raise errors.overlapping_write()
    meets = overlaps if name in APART else overlaps_partly
    if any((x is out and name in APART) or meets(a, memory(x)) for x in inputs):
        raise errors.partly_overlapping_write()


def _rows(name: str, inputs: list[Tensor]) -> tuple[int, ...] | None:
    """The shape of the one matrix, or vector, as which a batch of products is written, None where it is none."""
    if name in ("matmul", "linalg.matmul", "matmul/mv"):
        return folded_shape(*inputs)
    return folded_shape(inputs[0], inputs[1].t()) if name == "nn.functional.linear" and len(inputs) == 2 else None


def _refuse_rows_apart(out: Tensor, rows: tuple[int, ...]) -> None:
    """Where those rows are no view of the output they are copied into it as they are, of another size."""
    try:
        memory(out).reshape(rows, copy=False)
    except ValueError:
        broadcast_shape([out._a.shape, rows])


def _say(heard: Iterable[warnings.WarningMessage]) -> None:
    for one in heard:
        warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)


def _relaid(name: str, result: Array, changed: bool = False) -> Array:
    """The result as an output lies that is given its size: that of a library is copied from, others are written so.
    `changed`: some output had elements, and others than it is to have."""
    by_rows = name.startswith("fft.") or name in IN_ROWS or (changed and name in IN_ROWS_WHERE_CHANGED)
    return result.copy("C") if by_rows else result


def _reduced(name: str, args: Args, kwargs: dict[str, Any]) -> tuple[int, range] | None:
    """The dimension that mode or kthvalue takes away, and of how many dimensions outputs are that it is given back."""
    at = 2 if name == "kthvalue" else 1
    given = dict(enumerate(args[at:]))
    rank = args[0].dim()
    if not rank or kwargs.get("keepdim", given.get(1, False)):
        return None
    dim = normal_dim(kwargs.get("dim", given.get(0, -1)), rank)
    return dim, range(rank - 1, rank) if name == "kthvalue" else range(dim, 65)


def _old_svd(args: Args, kwargs: dict[str, Any], outs: list[Tensor]) -> Any:
    """By linalg.svd, into the last output turned, which is turned back."""
    turned = outs[2]
    if turned.dim() >= 2:
        turned.transpose_(-2, -1)
    some = kwargs.get("some", args[1] if len(args) > 1 else True)
    FUNCTIONS["linalg.svd"](kwargs.get("input", args[0]), not some, out=tuple(outs))
    turned.transpose_(-2, -1)
    if turned.is_complex():
        turned.copy_(turned.conj())
    if "svd_out" not in _TYPES:
        _TYPES["svd_out"] = named("svd_out", ("U", "S", "V"))
    return _TYPES["svd_out"](outs)


def _is_indifferent(decl: Any, inputs: list[Tensor], results: list[Tensor]) -> bool:
    """Whether an op gives what no gradient is known for, so that autograd does not look at its outputs, either."""
    if any(x._a.dtype.kind in "fc" for x in results):
        return decl is not None and decl.label is None and decl.name in CONSTANT
    return decl.label is None if decl is not None else any(x._a.dtype.kind in "fc" for x in inputs)


def _opaquely(name: str, run: Callable[[], Tensor], inputs: list[Tensor], out: Tensor) -> Tensor:
    """As torch has ops of which autograd knows nothing: the output gets a node that cannot be differentiated."""
    if modes.state.grad and out.requires_grad:
        raise errors.output_not_differentiated(f"aten::{label(name)}")
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
        raise errors.output_not_differentiated(name)
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
        raise errors.output_not_differentiated(f"aten::{called}")
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
    called = name.partition("/")[0].replace(".", "_") + "_out"
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
    first = name in RESIZED_FIRST
    if not first:
        check_dtype(name, False, result.dtype, out.dtype)
    if out._a.shape != result._a.shape:
        _resized(out, np.empty(result._a.shape, out._a.dtype))
        if first:
            dispatch.bump_version(out)
    if first:
        check_dtype(name, False, result.dtype, out.dtype)
    return out.copy_(result)  # type: ignore[no-any-return]


def put(
    target: Tensor, result: Array, warned: bool = True, dim: tuple[int, range] | None = None, counted: bool = True
) -> Tensor:  # fmt: skip
    """Writes `result` into `target`, which gets its shape, with torch's warning where it is `warned` of. `dim`: a
    dimension that was given back to it first, as that shows; `counted`: its version says that it was written."""
    if target._a.shape != result.shape:
        _resized(target, result, warned, dim)
    elif overlaps_itself(memory(target)):
        raise errors.overlapping_write()
    dispatch.before_write(target)
    store(target, result)
    if counted:
        dispatch.bump_version(target)
    return target


def _resized(target: Tensor, result: Array, warned: bool = True, dim: tuple[int, range] | None = None) -> None:
    if target._a.size and warned:
        before, behind = target._a.shape, result.shape
        if dim is not None:
            at, ranks = dim
            before = (*before[:at], 1, *before[at:]) if len(before) in ranks else before
            behind = (*behind[:at], 1, *behind[at:])
        warn(
            "An output with one or more elements was resized since it had shape "
            f"{errors.shape_text(before)}, which does not match the required output shape "
            f"{errors.shape_text(behind)}. This behavior is deprecated, and in a future PyTorch release "
            "outputs will not be resized unless they have zero elements. You can explicitly reuse an out tensor t by "
            "resizing it, inplace, to zero elements with t.resize_(0)."
        )
    resize(target, result.shape, strides_of(result))
