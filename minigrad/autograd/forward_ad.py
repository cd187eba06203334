"""Forward mode: dual levels, dual tensors, and how every op carries tangents along.

What may live here: the public names of `autograd.forward_ad` and the propagation that `dispatch` calls after
each op while a level is open. Which rule an op has is declared with its derivative.

Note [Where tangents live]: a tangent belongs to the Tensor object (its Meta). A view's tangent is the same
view of its base's tangent, so writes through either are seen by both.
"""

from __future__ import annotations

import inspect
import weakref
from typing import Any, NamedTuple

import numpy as np

from minigrad import dispatch, errors, modes
from minigrad.accumulate_grad import accumulator
from minigrad.node import Node, next_seq
from minigrad.declaration import Op
from minigrad.tensor import NO_GRAD_MODE, Tensor, wrap
from minigrad.views import attach_view

_levels: list[list[weakref.ref[Tensor]]] = []
"""The tensors with a tangent, per open level; there is at most one, as in torch."""


class UnpackedDualTensor(NamedTuple):
    """A dual tensor taken apart."""

    primal: Tensor
    tangent: Tensor | None


def enter_dual_level() -> int:
    """Opens a level. Raises RuntimeError if one is open: they do not nest."""
    if _levels:
        raise RuntimeError("Nested forward mode AD is not supported at the moment")
    _levels.append([])
    modes.state.enter_special()
    modes.state.dual = True
    dispatch.tangents[:] = [propagate, propagate_function]
    return 0


def exit_dual_level(*, level: int | None = None) -> None:
    """Closes the level; all its tangents are gone."""
    if level is None:
        level = len(_levels) - 1
    if level < 0:
        raise RuntimeError("Dual level must be a positive number.")
    if level != len(_levels) - 1:
        raise RuntimeError(
            "Trying to exit a forward AD level that was not the last one that was created. This is not supported."
        )
    for ref in _levels.pop():
        tensor = ref()
        if tensor is not None and tensor._meta is not None:
            tensor._meta.tangent = None
    dispatch.tangents.clear()
    modes.state.dual = False
    modes.state.leave_special()


class dual_level(modes.ContextDecorator):  # noqa: N801 - torch's public name
    """A level for the time of a `with` block."""

    def __enter__(self) -> int:
        return enter_dual_level()

    def __exit__(self, *exc: object) -> None:
        exit_dual_level()


def make_dual(tensor: Tensor, tangent: Tensor, *, level: int | None = None) -> Tensor:
    """A view of `tensor` that carries `tangent` (same shape) through every op of the open level."""
    if level is None:
        level = len(_levels) - 1
    if level < 0:
        raise RuntimeError(
            "Trying to create a dual Tensor for forward AD but no level exists, make sure to enter_dual_level() first."
        )
    for name, value in (("primal", tensor), ("tangent", tangent)):
        if not (value.is_floating_point() or value.is_complex()):
            raise ValueError(f"Expected {name} to be floating point or complex, but got: {value.dtype}")
    if level >= len(_levels):
        raise RuntimeError(
            "Trying to access a forward AD level with an invalid index. This index was either not created or is "
            "already deleted."
        )
    if tangent_of(tensor) is not None:
        raise RuntimeError(
            "Making a dual Tensor based on a Tensor that already has a forward gradient at the same level "
            f"{level} is not supported."
        )
    out = tensor.view_as(tensor)
    set_tangent(out, tangent)
    return out


def unpack_dual(tensor: Tensor, *, level: int | None = None) -> UnpackedDualTensor:
    """Primal and tangent of `tensor`; the tangent is None where it carries none."""
    if level is None:
        level = len(_levels) - 1
    if level < 0:
        return UnpackedDualTensor(tensor, None)
    if not isinstance(tensor, Tensor):
        raise errors.wrong_argument("_unpack_dual", "dual", 1, "Tensor", tensor)
    primal = wrap(tensor._a.view())
    attach_view(primal, tensor, 0 if modes.state.grad else NO_GRAD_MODE)
    if modes.state.grad and tensor.requires_grad:
        node = Identity(tensor)
        primal._fn, primal._rg = node, True
    return UnpackedDualTensor(primal, tangent_of(tensor))


class Identity(Node):
    """The node of a primal taken out of a dual tensor."""

    __slots__ = ()
    label = "Identity"

    def __init__(self, source: Tensor) -> None:
        fn, nr = dispatch.edge_of(source)
        self.seq, self.x = next_seq(), None
        self.fns, self.nrs = (fn,), (nr,)
        self.shape, self.dt = source._a.shape, source._a.dtype

    def raw(self, grad: Any) -> Any:
        return [grad]

    ten = raw


# -- tangents -------------------------------------------------------------------------------------------


def tangent_of(x: Any) -> Tensor | None:
    """The tangent that `x` carries, if any."""
    return x._meta.tangent if isinstance(x, Tensor) and x._meta is not None else None


def set_tangent(x: Tensor, tangent: Tensor) -> None:
    """Makes `x` carry `tangent`; for a view whose base carries none, the base then carries zeros around it."""
    if tangent._a.shape != x._a.shape:
        raise RuntimeError(
            "Trying to set a forward gradient that has a different size than that of the original Tensor, this is not "
            f"supported. Tensor is of size {errors.shape_text(x._a.shape)} while the given forward gradient is of size "
            f"{errors.shape_text(tangent._a.shape)}."
        )
    x.meta().tangent = tangent
    _levels[-1].append(weakref.ref(x))


def _tangent_through_base(x: Tensor) -> Tensor | None:
    """A tangent for a view that is about to be written to, as a view of its base's."""
    base = x._base
    if base is None:
        return None
    if tangent_of(base) is None:
        set_tangent(base, wrap(np.zeros_like(base._a)))
    whole = tangent_of(base)
    assert whole is not None
    from minigrad.copy_slices import Geometry

    part = whole.as_strided(*Geometry.of(x._a, base._a))
    set_tangent(x, part)
    return part


def propagate(op: Op, args: tuple[Any, ...], outs: list[Tensor]) -> None:
    """The tangents of an op's outputs, where any operand carries one."""
    given = {op.params[i].name: _tangents(args[i]) for i in range(len(args)) if op.params[i].is_tensor}
    if not any(_present(t) for t in given.values()):
        inplace = outs[0] is args[0] if args else False
        if inplace and tangent_of(outs[0]) is not None:
            return
        return
    if not any(o._a.dtype.kind in "fc" for o in outs) or op.label is None:
        return
    if op.forward is None:
        raise NotImplementedError(
            f"Trying to use forward AD with {op.name} that does not support it because it has not been implemented "
            "yet.\nPlease file an issue to PyTorch at https://github.com/pytorch/pytorch/issues/new?template=feature-"
            "request.yml so that we can prioritize its implementation."
        )
    results = _rule(op, args, given, outs)
    for out, tangent in zip(outs, results, strict=True):
        if tangent is None or out._a.dtype.kind not in "fc":
            continue
        _store(out, tangent, written=bool(args) and out is args[0])


def _store(out: Tensor, tangent: Tensor, written: bool) -> None:
    if written:
        had = tangent_of(out)
        if had is None:
            had = _tangent_through_base(out)
        if had is not None:
            had.copy_(tangent)
            return
    if tangent._a.shape != out._a.shape:
        tangent = tangent.expand(out._a.shape).clone()
    set_tangent(out, tangent)


def _tangents(x: Any) -> Any:
    return [tangent_of(one) for one in x] if isinstance(x, (list, tuple)) else tangent_of(x)


def _present(t: Any) -> bool:
    return any(one is not None for one in t) if isinstance(t, list) else t is not None


def primal_of(x: Any) -> Any:
    """A dual tensor without its tangent, at the same place in the graph; anything else as it is."""
    if isinstance(x, (list, tuple)):
        return [primal_of(one) for one in x]
    if tangent_of(x) is None:
        return x
    out = wrap(x._a)
    out._vc = x.counter()
    if x.requires_grad:
        out._rg, out._fn, out._nr = True, x.grad_fn, x._nr
        if out._fn is None:
            node = accumulator(x)
            out._acc = None if node is None else weakref.ref(node)
    return out


def _zeros(t: Any, like: Any) -> Any:
    """Tangents with zeros where there are none."""
    if isinstance(t, list):
        return [_zeros(a, b) for a, b in zip(t, like, strict=True)]
    if t is not None:
        return t
    return wrap(np.zeros_like(like._a)) if isinstance(like, Tensor) else 0


def _rule(op: Op, args: tuple[Any, ...], given: dict[str, Any], outs: list[Tensor]) -> list[Any]:
    values = {p.name: primal_of(a) for p, a in zip(op.params, args, strict=True)}
    if op.forward == "linear":
        call = [_zeros(given[p.name], values[p.name]) if p.name in op.formulas else values[p.name] for p in op.params]
        got = op.function(*call) if not any(p.keyword_only for p in op.params) else op.function(
            **{p.name: c for p, c in zip(op.params, call, strict=True)}
        )
        return list(got) if op.several else [got]
    values["result"] = outs if op.several else outs[0]
    values.update(zip(op.outs, outs, strict=False))
    if op.forward == "elementwise":
        total = None
        for name, formula in op.formulas.items():
            if given[name] is None:
                continue
            part = formula(**_wanted(formula, {"grad": conj(given[name]), **values}, outs))
            part = conj(part)
            total = part if total is None else total + part
        return [total]
    tangents = {f"{name}_t": _zeros(t, values[name]) for name, t in given.items()}
    got = op.forward(**_wanted(op.forward, {**tangents, **values}, outs))
    return list(got) if isinstance(got, (tuple, list)) else [got]


def conj(x: Tensor) -> Tensor:
    return x.conj() if x.is_complex() else x


def _wanted(rule: Any, values: dict[str, Any], outs: list[Tensor]) -> dict[str, Any]:
    """The arguments that a rule names, shapes and dtypes among them."""
    out: dict[str, Any] = {}
    for name in inspect.signature(rule).parameters:
        if name in values:
            out[name] = values[name]
            continue
        base, _, what = name.rpartition("_")
        source = outs[0] if base == "result" else values[base]
        if isinstance(source, (list, tuple)):
            out[name] = [getattr(one._a, what) for one in source]
        else:
            out[name] = getattr(source._a, what) if isinstance(source, Tensor) else () if what == "shape" else None
    return out


def propagate_function(cls: Any, ctx: Any, args: tuple[Any, ...], outs: list[Any]) -> None:
    """The same for a user-defined function, through its `jvp`."""
    given = [tangent_of(x) for x in args]
    if not any(t is not None for t in given):
        return
    if ctx.materialize_grads:
        given = [
            wrap(np.zeros_like(x._a)) if t is None and isinstance(x, Tensor) and x._a.dtype.kind in "fc" else t
            for t, x in zip(given, args, strict=True)
        ]
    ctx.saved_tensors_forward = ctx.saved_for_forward
    got = cls.jvp(ctx, *given)
    results = got if isinstance(got, tuple) else (got,)
    for out, tangent in zip(outs, results, strict=True):
        if isinstance(out, Tensor) and tangent is not None:
            set_tangent(out, tangent)
