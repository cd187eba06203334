"""`out=`: an op writes its result into a tensor that the caller has.

What may live here: what torch does with such a tensor, whichever op it is handed to; `refusals` has these calls come
here. The op computes as ever, and its result is put into the tensor. What hangs on the op is in `output_rules`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from minigrad import dispatch, errors, modes
from minigrad.creation import tensor
from minigrad.dtypes import Array
from minigrad.lazy import store
from minigrad.memory import strides_of
from minigrad.ops.output_rules import COMPUTED_IN, COPIED, ORDER, UNDIFFERENTIATED, check_dtype, label
from minigrad.ops.resizing import resize
from minigrad.refusals import unguarded
from minigrad.return_types import Result, named
from minigrad.tensor import Tensor, memory
from minigrad.warn import warn_once
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
    if name in COMPUTED_IN and kwargs.get("dtype") is None:
        kwargs["dtype"] = outs[0].dtype
    inputs = list(_tensors((*args, *kwargs.values())))
    if name in COPIED:
        return _copied(name, fn(*args, **kwargs), out)
    dual = dispatch.tangents and any(dispatch.tangents[0].tangent_of(x) is not None for x in (*inputs, *outs))
    if dual and name in UNDIFFERENTIATED:
        raise NotImplementedError(f"Trying to use forward AD with aten::{label(name)} that does not support it.")
    decl = unguarded(fn).__globals__.get("OP")
    if decl is not None and decl.promote != "keep" and not several:
        dispatch.check_overlap(memory(outs[0]), [memory(x) for x in inputs if x is not outs[0]])
    asking = modes.state.grad and any(x.requires_grad for x in (*inputs, *outs))
    made = fn(*args, **kwargs)
    results = list(made) if isinstance(made, (tuple, list)) else [made]
    seen = not all(x.is_inference() for x in (*inputs, *outs))  # by autograd; inference tensors alone are not
    hidden = seen and any(x.requires_grad and x.is_inference() for x in inputs)
    if asking and (hidden or any(x.requires_grad for x in results) or any(x.requires_grad for x in outs)):
        where = "" if name not in UNDIFFERENTIATED or any(x.requires_grad for x in inputs) else "aten::"
        raise RuntimeError(
            f"{where}{label(name)}(): functions with out=... arguments don't support automatic differentiation, but "
            "one of the arguments requires grad."
        )
    for target, result in zip(outs, results, strict=True):
        check_dtype(name, several, result.dtype, target.dtype)
    for at in ORDER.get(name, range(len(outs))):
        put(outs[at], results[at]._a)
    if dual:
        raise NotImplementedError(
            f"Trying to use forward AD with {label(name)}_out that does not support it because it is an out= function"
        )
    return _several(name, made, outs) if several else out


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
        warn_once(
            "An output with one or more elements was resized since it had shape "
            f"{errors.shape_text(target._a.shape)}, which does not match the required output shape "
            f"{errors.shape_text(result.shape)}. This behavior is deprecated, and in a future PyTorch release "
            "outputs will not be resized unless they have zero elements. You can explicitly reuse an out tensor t by "
            "resizing it, inplace, to zero elements with t.resize_(0)."
        )
    resize(target, result.shape, strides_of(result))
