"""The one funnel that every op passes when its fast path does not apply.

Steps, in torch's order: arguments, promotion, checks before a write, the node and what it saves, the kernel,
the version bump or the view, the history. Nothing about autograd happens in ops themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad import errors, in_order, modes, overlapping
from minigrad.arguments import plain_number
from minigrad.declaration import Op
from minigrad.dtypes import check_integer
from minigrad.layout import idle_as, laid_out
from minigrad.lazy import LazyTensor, store
from minigrad.mixed import raw_via_tensors
from minigrad.node import next_seq
from minigrad.promotion import HALF, PROMOTIONS, broadcast_shape, widened
from minigrad.recording import (
    any_requires_grad,
    as_mixed,
    edge_of,
    forget_result,
    make_node,
    original,
    savable,
    save_result,
    set_outputs,
    tangents,
    written_inside,
)
from minigrad.saved_variable import FREED, unpack
from minigrad.templates import HOOKS
from minigrad.tensor import (
    DEFAULT,
    INFERENCE_MODE,
    MULTI_OUTPUT_NODE,
    NO_GRAD_MODE,
    InferenceLeaf,
    Tensor,
    as_array,
    memory,
    wrap,
)
from minigrad.views import attach_view, check_inplace, rebase_history
from minigrad.warn import warn_once
from minigrad.windows import interleaves, meets_itself, overlaps_itself, overlaps_partly
from minigrad.writable import check_writable, refused_in_place, without_complex32
from minigrad.zeros import ZeroTensor, known_result, numbers_are_tensors
from minigrad.zeros import plain as plain_zeros

NUMBERS = (bool, int, float, complex)
SCALARS: list[Any] = []
"""In place of operands: scalars of NumPy beside tensors, which are Python numbers to torch."""

def call(op: Op, args: tuple[Any, ...]) -> Any:
    """Runs an op out of place on Tensors, numbers and plain values, and records it where needed."""
    batch = modes.state.batch
    if batch is not None and batch.concerns(args):
        return batch.call(op, args)
    try:
        arrays = operands(op, args)
    except TypeError:
        if op.operator:
            return NotImplemented
        raise
    if arrays is None:  # a formula calling the op on plain arrays
        return _computed(op, args)
    if arrays is SCALARS:
        return call(op, tuple(map(plain_number, args)))
    if tangents:
        tangents[0].before_op(op, args)
    recording = modes.state.grad and op.node is not None and any_requires_grad(op, args)
    node = make_node(op, args, arrays) if recording and modes.state.saved_hooks else None  # hooks see what then fails
    zero = ZeroTensor in map(type, args)
    values, mixed, zero = _run_on_zeros(op, args, arrays) if zero else (*run_kernel(op, arrays), False)
    several = op.several or bool(op.outs)
    outs = [_wrapped(v) for v in values] if several else [wrap(as_array(values))]
    if zero:
        for out in outs:
            out.__class__ = ZeroTensor
    if op.view:
        creation = creation_now()
        if several and modes.state.grad:
            creation = MULTI_OUTPUT_NODE
        for out in outs:
            attach_view(out, args[0], creation)
    if recording and any(out is not None and out._a.dtype.kind in "fc" for out in outs):
        mixed = mixed or (op.several and len({o._a.dtype for o in outs if o is not None}) > 1)
        node = make_node(op, args, arrays) if node is None else node
        set_outputs(as_mixed(node) if mixed else node, op, outs)
    elif recording and outs and outs[0] is not None:
        raise errors.integers_recorded(outs[0]._a.dtype)
    else:
        node = None
    if op.writes or op.steps is not None:
        written_inside(op, outs, args)
    if tangents:
        tangents[0].after_op(op, args, outs)
    if node is not None:
        save_result(node, op, outs)
        if tangents:
            tangents[0].to_saved(op, outs)
    return tuple(outs) if several else outs[0]


def _wrapped(value: Any) -> Any:
    """One of several results; None where nobody asked for it."""
    return None if value is None else wrap(as_array(value))


def operands(op: Op, args: tuple[Any, ...]) -> list[Any] | None:
    """The arguments with Tensors replaced by arrays; None when there is no Tensor among them but arrays are.

    Raises TypeError in torch's words for operands that are no tensors.
    """
    arrays = list(args)
    seen_tensor = seen_array = seen_scalar = False
    for i in op.operands:
        p, x = op.params[i], args[i]
        if isinstance(x, Tensor):
            arrays[i] = x._a
            seen_tensor = True
        elif p.kind == "tensors":
            arrays[i] = [_element(op, p.name, one) for one in x]
            seen_tensor = seen_tensor or any(isinstance(one, Tensor) for one in x)
            seen_array = seen_array or any(isinstance(one, (np.ndarray, np.generic)) for one in x)
        elif isinstance(x, (np.ndarray, np.generic)):
            seen_array = True
            seen_scalar = seen_scalar or (op.numbers and isinstance(x, np.generic))
        elif op.numbers and type(x) is int and not -(2**63) <= x < 2**63:
            check_integer(x)
        elif not (x is None and p.kind == "optional") and not (op.numbers and isinstance(x, NUMBERS)):
            # a receiver is always a tensor: a wrong first operand comes of the function, which calls it "input"
            name = "input" if i == 0 and p.name == "self" else p.name
            raise errors.wrong_argument(op.name, name, i or 1, "Tensor", x)
    if op.view and isinstance(args[0], LazyTensor):
        arrays[0] = memory(args[0])
    if seen_array and not seen_tensor:
        return None
    return SCALARS if seen_scalar else arrays


def _element(op: Op, name: str, x: Any) -> Any:
    if isinstance(x, Tensor):
        return x._a
    if isinstance(x, (np.ndarray, np.generic)):
        return x
    raise errors.wrong_argument(op.name, name, 1, "tuple of Tensors", (x,))


def _computed(op: Op, args: Sequence[Any]) -> Any:
    """What the kernel makes of its arguments."""
    if not op.keyword_only:
        return op.kernel(*args)
    return op.kernel(**{p.name: a for p, a in zip(op.params, args, strict=True)})


def run_kernel(op: Op, arrays: list[Any], checked: bool = True) -> tuple[Any, bool]:
    """Promotes, checks and computes; also says whether operands had several dtypes or layouts of their own."""
    flat = [arrays[i] for i in op.operands]
    if op.lists:
        flat = [one for i in op.operands for one in (arrays[i] if op.params[i].kind == "tensors" else (arrays[i],))]
    if op.check is not None and checked:
        op.check(*arrays)
    wide = widened(*arrays[:2]) if op.wide else None
    given = arrays
    if wide is not None:
        given = [*wide, *arrays[2:]]
    elif op.promote != "keep" or op.lists or op.numbers:
        given = list(arrays)
        try:
            promoted = iter(PROMOTIONS[op.promote](flat))
        except TypeError as error:
            if op.lists:
                raise
            others = [x for i, x in enumerate(arrays) if i not in op.operands]
            raise without_complex32(lambda alike: _computed(op, [*alike, *others]), flat, error) from None
        for i in op.operands:
            listed = op.lists and op.params[i].kind == "tensors"
            given[i] = [next(promoted) for _ in arrays[i]] if listed else next(promoted)
    try:
        values = _computed(op, given)
    except (ValueError, NotImplementedError) as error:
        pointwise = op.promote != "keep" and len(op.operands) == len(flat) > 1
        if pointwise or isinstance(error, ValueError):  # torch settles the shape before it looks for a loop
            broadcast_shape([x.shape for x in flat if isinstance(x, np.ndarray)])
        raise
    if wide is not None:
        values = np.asarray(values).astype(HALF)
    if isinstance(values, np.ndarray) and values.ndim > 1:
        arrayed = [x for x in flat if isinstance(x, np.ndarray)]
        if len(arrayed) == 1 and not (op.view or op.formats or op.lists):
            values = idle_as(values, arrayed[0], len(flat) == 1, op.pointwise)
        elif op.promote != "keep" and not op.lists:
            shown = [given[i] for i in op.operands]  # as they are worked with: a cast makes what is expanded dense
            values = laid_out(values, shown[::-1] if op.last_first else shown)
    scattered = op.computes_with and any(_is_scattered(x) for x in flat)
    made = next((v for v in values if v is not None), None) if op.several or op.outs else values
    dt = made.dtype if isinstance(made, (np.ndarray, np.generic)) else None
    for x in flat:
        if isinstance(x, np.ndarray) and x.dtype is not dt:
            if dt is not None:
                return values, True
            dt = x.dtype
    return values, scattered or wide is not None


def _run_on_zeros(op: Op, args: tuple[Any, ...], arrays: list[Any]) -> tuple[Any, bool, bool]:
    """The same for operands of which some are ZeroTensors; also says whether the result is one."""
    if op.view or op.name == "clone":
        return *run_kernel(op, arrays), op.view
    arrays = numbers_are_tensors(op.name, arrays)
    # torch's rules for ZeroTensors come before its checks
    values, mixed = run_kernel(op, plain_zeros(args, arrays), checked=op.name not in ("add", "sub"))
    known = None if op.several or op.outs else known_result(op.name, args, as_array(values))
    return (values, mixed, False) if known is None else (known[0], mixed, known[1])


def _is_scattered(x: Any) -> bool:
    """Whether the layout of an operand may show in that of gradients, which only formulas on Tensors get right."""
    return isinstance(x, np.ndarray) and x.ndim > 1 and not x.flags.c_contiguous


def call_inplace(op: Op, args: tuple[Any, ...]) -> Any:
    """Runs an op and writes its result into the first operand; returns that operand."""
    batch = modes.state.batch
    if batch is not None and batch.concerns(args):
        return batch.call_inplace(op, args)
    target = args[0]
    if not isinstance(target, Tensor):
        raise errors.wrong_argument(op.name + "_", "input", 1, "Tensor", target)
    try:
        arrays = operands(op, args)
    except TypeError:
        if op.operator:
            return NotImplemented
        raise
    assert arrays is not None
    if arrays is SCALARS:
        return call_inplace(op, tuple(map(plain_number, args)))
    leaf = target.requires_grad and not isinstance(target, InferenceLeaf)
    requires = op.node is not None and (leaf or any_requires_grad(op, args))
    check_inplace(target, requires)
    if tangents:
        tangents[0].before_op(op, args, written=True)
    over = op.overlaps and overlapping.let_through(op.name, memory(target))
    reread = not over and check_overlap(memory(target), () if op.reads_first else arrays[1:])
    recording = modes.state.grad and requires and op.node is not None and any_requires_grad(op, args)
    before = tangents[0].before_write(op, args) if tangents else args
    node = make_node(op, args, arrays, before[0]) if recording and modes.state.saved_hooks else None
    if type(target) is ZeroTensor:
        raise errors.zero_tensor_written()
    try:
        values, mixed = run_kernel(op, arrays)
    except (RuntimeError, TypeError) as error:
        reason = refused_in_place(op, arrays, error)
        if reason is error:
            raise
        raise reason from None
    result = as_array(values)
    check_writable(target, result, op.name)
    into_reals = result.size and result.dtype.kind == "b" and target._a.dtype.kind in "iuf"
    if into_reals and any(isinstance(x, np.ndarray) and x.dtype.kind == "c" for x in arrays[1:]):
        warn_once("Casting complex values to real discards the imaginary part")
    if recording:
        node = make_node(op, args, arrays, before[0]) if node is None else node
        node = as_mixed(node) if mixed or result.dtype is not target._a.dtype else node
        node.shape, node.dt = target._a.shape, target._a.dtype
    before_write(target)
    if over:
        how = "added" if op.overlaps == "some" and args[-1] is True else op.overlaps
        result = overlapping.left_behind(how, lambda a: run_kernel(op, [a, *arrays[1:]])[0], target._a, result)
    elif meets_itself(target._a) and op.pointwise and result.dtype is target._a.dtype:
        result = overlapping.in_turn(lambda row: run_kernel(op, row)[0], target._a, arrays)
    elif op.name in in_order.STEPS and meets_itself(target._a):
        result = in_order.written(op, lambda a: run_kernel(op, [a, *arrays[1:]])[0], arrays, result)
    elif reread and (op.pointwise or op.name in overlapping.UNPROMOTED):
        result = overlapping.one_by_one(lambda *some: run_kernel(op, [*some])[0], arrays, result)
    store(target, result)
    bump_version(target)
    if node is not None:
        rebase_history(target, node)
    if tangents:
        try:
            tangents[0].after_op(op, before, [target], written=True)
        except NotImplementedError:  # what has no rule is refused when all is done but saving what was made
            forget_result(node, op)
            raise
    if node is not None:
        save_result(node, op, [target], written=True)
        if tangents:
            tangents[0].to_saved(op, [target])
    return target


def check_overlap(target: np.ndarray[Any, Any], sources: Any) -> bool:
    """Raises where several elements of `target` are one place in memory, or a source is read from such places; says
    whether a source lies among what is written without being refused."""
    if overlaps_itself(target):
        raise errors.overlapping_write()
    others = [x for x in sources if isinstance(x, np.ndarray) and x is not target]
    if any(overlaps_partly(target, x) for x in others):
        raise errors.partly_overlapping_write()
    return any(interleaves(target, x) for x in others)


def before_write(target: Tensor) -> None:
    """What must happen before the elements of `target` change, or where it looks."""
    if modes.state.before_write is not None:
        modes.state.before_write(target)


def bump_version(target: Tensor) -> None:
    """One write: seen by everything that shares the storage. Raises for inference tensors outside of the mode,
    when the write is done already, as in torch."""
    meta = target._meta
    if meta is not None and (meta.inference or meta.uncounted):
        if modes.state.inference:
            return
        if not meta.counted:
            raise errors.inference_written()
    target.counter()[0] += 1


def creation_now() -> int:
    """How a view that is made now came about."""
    if modes.state.inference:
        return INFERENCE_MODE
    return DEFAULT if modes.state.grad else NO_GRAD_MODE


def record_view(base: Tensor, window: np.ndarray[Any, Any], node: Any) -> Tensor:
    """A view with a node made by hand, for view ops that no kernel can express."""
    out = wrap(window)
    if type(base) is ZeroTensor:
        out.__class__ = ZeroTensor
    recording = modes.state.grad and base.requires_grad and not base.is_inference()
    attach_view(out, base, creation_now())
    if recording:
        fn, nr = edge_of(base)
        node.fns, node.nrs, node.seq = (fn,), (nr,), next_seq()  # after the edge, which may have made a node itself
        out._fn, out._nr, out._rg = node, 0, True
    if tangents:
        tangents[0].after_view(out, base)
    return out


def recorded(operand: Tensor, result: np.ndarray[Any, Any], node: Any) -> Tensor:
    """A result with a node made by hand whose one edge leads to `operand`."""
    out = wrap(result)
    if modes.state.grad and operand.requires_grad and not operand.is_inference():
        fn, nr = edge_of(operand)
        node.fns, node.nrs, node.seq = (fn,), (nr,), next_seq()
        out._fn, out._nr, out._rg = node, 0, True
    return out


def fast_view(out: Tensor, base: Tensor, grad_mode: bool, several: bool) -> None:
    if grad_mode:
        attach_view(out, base, MULTI_OUTPUT_NODE if several else 0)
    else:
        attach_view(out, base, creation_now())


HOOKS.update(
    call=call,
    inplace=call_inplace,
    view=fast_view,
    check_inplace=check_inplace,
    original=original,
    rebase=rebase_history,
    savable=savable,
    written_inside=written_inside,
    as_mixed=as_mixed,
    raw_via_tensors=raw_via_tensors,
)

__all__ = ["FREED", "call", "call_inplace", "edge_of", "savable", "tangents", "unpack"]
