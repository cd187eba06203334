"""The node of an op that takes the general funnel: its edges, what it saves of operands and results.

What may live here: making nodes for `dispatch`. What the fast paths do instead is in `templates`; what becomes of
what is saved, in `saved_variable`.
"""

from __future__ import annotations

from typing import Any

from minigrad import errors, modes
from minigrad.accumulate_grad import accumulator
from minigrad.declaration import Op
from minigrad.memory import strides_of
from minigrad.node import ZEROS, Node, next_seq
from minigrad.nodegen import mixed_class
from minigrad.saved_variable import Packed, SavedOutput, SavedWrittenView
from minigrad.tensor import InferenceLeaf, Tensor, wrap

# the module `autograd.tangents` while a dual level is open: what runs after an op
tangents: list[Any] = []


def any_requires_grad(op: Op, args: tuple[Any, ...]) -> bool:
    """Whether autograd sees an operand with an edge that requires grad."""
    found = False
    for i in op.differentiable:
        x = args[i]
        for one in x if op.lists and op.params[i].kind == "tensors" else (x,):
            if isinstance(one, Tensor) and one.requires_grad:
                if isinstance(one, InferenceLeaf):
                    return not all_inference(op, args)
                found = True
    return found


def all_inference(op: Op, args: tuple[Any, ...]) -> bool:
    """Whether autograd does not see an op at all: all of its operands are inference tensors."""
    operands = [args[i] for i in op.operands if args[i] is not None]
    each = [one for x in operands for one in (x if isinstance(x, (list, tuple)) else [x])]
    return all(isinstance(x, Tensor) and x.is_inference() for x in each)  # numbers are tensors like others


def edge_of(x: Any) -> tuple[Node | None, int]:
    """Where the gradient of `x` goes: its grad_fn, its AccumulateGrad, or nowhere."""
    if type(x) is Tensor and x._meta is None:
        return (None, 0) if not x._rg else (accumulator(x), 0) if x._fn is None else (x._fn, x._nr)
    if not isinstance(x, Tensor) or not x.requires_grad:
        return None, 0
    fn = x.grad_fn
    return (accumulator(x), 0) if fn is None else (fn, x._nr)


def make_node(op: Op, args: tuple[Any, ...], arrays: list[Any], written: Tensor | None = None) -> Node:
    """A node with edges and saved inputs. `written` says that the first operand is about to be written to, so that
    what a formula needs of it is saved as a copy: it is that operand, or a copy that the rule of tangents has, too."""
    assert op.node is not None
    node: Any = op.node()
    node.x = None
    fns: list[Node | None] = []
    nrs: list[int] = []
    live = set()
    for i in op.differentiable:
        p = op.params[i]
        for x in args[i] if p.kind == "tensors" else (args[i],):
            fn, nr = edge_of(x)
            fns.append(fn)
            nrs.append(nr)
            if fn is not None:
                live.add(p.name)
    node.seq = next_seq()  # after the edges: asking for a stale view's grad_fn makes a node
    node.fns, node.nrs = tuple(fns), tuple(nrs) if any(nrs) or len(nrs) >= len(ZEROS) else ZEROS[len(nrs)]
    modes.remember(node)
    for name, at, fact, users in op.kept:
        spared = len(op.formulas) > 1 and live.isdisjoint(users) and op.asks_for(users)
        if fact == "strides":  # unlike sizes only of what requires grad, whether or not an edge leads there
            asked = len(op.formulas) == 1 or (isinstance(args[at], Tensor) and args[at].requires_grad)
            setattr(node, "p_" + name, strides_of(arrays[at]) if asked else ())
        elif fact:
            setattr(node, "p_" + name, _fact(arrays[at], fact))
        elif not op.params[at].is_tensor:
            setattr(node, "p_" + name, args[at].kept(save) if hasattr(args[at], "kept") else args[at])
        else:
            _save_input(node, name, args[at], not spared, None if at else written)
    return node  # type: ignore[no-any-return]


def _fact(value: Any, fact: str) -> Any:
    """What a node keeps of an operand of which its formulas do not need the elements."""
    if isinstance(value, list):
        return [getattr(v, fact) for v in value]
    return getattr(value, fact, () if fact == "shape" else None)


def as_mixed(node: Any) -> Any:
    """The node as one of operands of several dtypes."""
    node.__class__ = mixed_class(node.declaration.node)
    return node


def _save_input(node: Any, name: str, x: Any, wanted: bool, written: Tensor | None) -> None:
    if not wanted:
        saved: Any = None
    elif isinstance(x, (list, tuple)):
        saved = [save(one) for one in x]
    elif isinstance(x, Tensor):
        if written is not None:
            x = original(x, *edge_of(x)) if written is x else written
        saved = save(x)
    else:
        saved = x
    setattr(node, "s_" + name, saved)
    setattr(node, "v_" + name, saved._vc[0] if isinstance(saved, Tensor) and saved._vc is not None else 0)


def save(x: Any) -> Any:
    """What a node keeps of an input: the tensor itself, or what the active pack hook made of it."""
    if not isinstance(x, Tensor):
        return x
    x = savable(x)
    hooks = modes.state.saved_hooks
    return Packed(x, *hooks[-1], None) if hooks and not (x._meta is not None and x._meta.number) else x


def original(x: Tensor, fn: Any, nr: int) -> Tensor:
    """A clone of `x`, which is about to be written to and stands at this place in the graph."""
    out = wrap(x._a)
    out._rg, out._fn, out._nr = fn is not None, fn, nr
    if tangents and x._meta is not None and x._meta.tangent is not None:
        out.meta().tangent = x._meta.tangent
    return out.clone()  # type: ignore[no-any-return]


def savable(x: Tensor) -> Tensor:
    if x._meta is not None and x._meta.inference:
        raise errors.inference_saved()
    if x._meta is not None and x._meta.uncounted:
        raise errors.inference_has_no_version()
    return x


def set_outputs(node: Any, op: Op, outs: list[Tensor]) -> None:
    """Records the outputs' metadata on the node and makes it their grad_fn. What it saves of them comes last."""
    if not op.several and not op.outs:
        (out,) = outs
        node.shape, node.dt = out._a.shape, out._a.dtype
        out._fn, out._nr, out._rg = node, 0, True
        return
    derived = outs[: op.derived(outs)]
    (node.shape, node.dt), *more = [((), None) if o is None else (o._a.shape, o._a.dtype) for o in derived]
    if op.several:
        node.more = more
    for nr, out in enumerate(derived):
        if out is not None and out._a.dtype.kind in "fc":
            out._fn, out._nr, out._rg = node, nr, True


def save_result(node: Any, op: Op, outs: list[Tensor], written: bool = False) -> None:
    if not op.keeps_results:
        return
    if "result_shape" in op.saved:
        node.p_result_shape = outs[0]._a.shape
    if "result_dtype" in op.saved:
        node.p_result_dtype = outs[0]._a.dtype
    hooks = modes.state.saved_hooks
    kept: Any = (lambda out, nr: Packed(out, *hooks[-1], nr)) if hooks else SavedOutput
    if not hooks and written:
        kept = SavedWrittenView if outs[0]._is_view() else SavedOutput
    if "result" in op.saved and not op.outs:
        made = [kept(o, i) for i, o in enumerate(outs)]
        node.s_result, node.v_result = (made if op.several else made[0]), 0
    for i, name in op.kept_results:
        setattr(node, "s_" + name, kept(outs[i], i) if i < op.derived(outs) else save(outs[i]))
        setattr(node, "v_" + name, 0)


def forget_result(node: Any, op: Op) -> None:
    """What a node has of a write that was refused before its result was saved: nothing."""
    if node is not None and "result" in op.saved:
        node.s_result, node.v_result = None, 0


def written_inside(op: Op, outs: Any, args: tuple[Any, ...]) -> None:
    """Does what torch's kernel does to its results by ops: autograd, which hides those, sees no inference tensors. They
    are counted, and recorded where operands require grad."""
    if modes.state.inference or not all_inference(op, args):
        return
    if op.name == "clone" and args[0].requires_grad:
        outs[0].copy_(args[0])  # which is recorded all the same
        return
    if op.steps is not None:
        made = [None if out is None else out._a.copy(order="K") for out in outs]
        op.steps(outs, args)
        for out, values in zip(outs, made, strict=True):
            if out is not None:
                out._a[...] = values  # which the steps were to come to
    arrays = [a._a if isinstance(a, Tensor) else a for a in args]
    counts = op.writes(*arrays) if callable(op.writes) else op.writes
    for out, times in zip(outs, counts if isinstance(counts, tuple) else (counts,) * len(outs), strict=False):
        if times and out is not None:
            out.counter()[0] = times
