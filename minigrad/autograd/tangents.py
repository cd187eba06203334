"""How every op carries tangents along while a dual level is open.

What may live here: tangents of tensors, and what `dispatch` calls after each op (it knows this module as
`dispatch.tangents[0]`). Which rule an op has is declared with its derivative.

Note [Where tangents live]: a tangent belongs to the Tensor object (its Meta). A view's tangent is the same
view of its base's tangent, so writes through either are seen by both.

Note [Transposed rules]: a backward formula is linear in the gradient, so its own gradient in that argument,
applied to a tangent, is the derivative of the op along the tangent. That is what an op gets that declares no
other rule; for complex tensors it holds as well, the formula being the adjoint.
"""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad import engine, errors, modes
from minigrad.accumulate_grad import accumulator
from minigrad.copy_slices import CopySlices, Geometry
from minigrad.declaration import Op
from minigrad.memory import strides_of
from minigrad.saved_variable import SavedDual, SavedOutput
from minigrad.tensor import Tensor, memory, wrap
from minigrad.windows import offset_of, storage

levels: list[list[weakref.ref[Any]]] = []
"""What has a tangent (Tensors, saved results), per open level; there is at most one, as in torch."""


def tangent_of(x: Any) -> Tensor | None:
    """The tangent that `x` carries, if any; a view sees what its base got by later writes."""
    if not isinstance(x, Tensor) or x._meta is None:
        return None
    meta = x._meta
    if meta.tangent is None and meta.base is not None and not meta.primal and levels:
        base = meta.base
        whole = None if base._meta is None else base._meta.tangent
        if whole is not None:
            set_tangent(x, _same_window(whole, x, base) if meta.replay is None else meta.replay(whole))
    return meta.tangent


def set_tangent(x: Tensor, tangent: Tensor) -> None:
    """Makes `x` carry `tangent`. Raises RuntimeError where their shapes differ."""
    if tangent._a.shape != x._a.shape:
        raise RuntimeError(
            "Trying to set a forward gradient that has a different size than that of the original Tensor, this is not "
            f"supported. Tensor is of size {errors.shape_text(x._a.shape)} while the given forward gradient is of size "
            f"{errors.shape_text(tangent._a.shape)}."
        )
    alike = tangent.is_conj() == x.is_conj() and _laid_out_alike(memory(tangent), memory(x))
    x.meta().tangent = tangent if alike else _relaid(tangent, memory(x))
    levels[-1].append(weakref.ref(x))


def _laid_out_alike(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> bool:
    """Whether a view of `b` names the same elements of `a`: same strides and offset, storages of one size."""
    steps = zip(strides_of(a), strides_of(b), b.shape, strict=True)
    alike = all(one == other or size < 2 for one, other, size in steps)
    return alike and offset_of(a) == offset_of(b) and storage(a).size == storage(b).size


def _relaid(tangent: Tensor, like: np.ndarray[Any, Any]) -> Tensor:
    """A copy of `tangent` in a storage laid out as that of `like`."""
    room = wrap(np.zeros(storage(like).nbytes // like.itemsize, tangent._a.dtype))
    out: Tensor = room.as_strided(like.shape, strides_of(like), offset_of(like)).detach()
    return out.copy_(tangent)  # type: ignore[no-any-return]


def forget(level: list[weakref.ref[Any]]) -> None:
    """Takes their tangents from all that had one in a level that is closed."""
    for ref in level:
        holder = ref()
        if isinstance(holder, Tensor):
            holder.meta().tangent = None
        elif holder is not None:
            holder.tangent = None


# -- what dispatch calls --------------------------------------------------------------------------------


def before_op(op: Op, args: tuple[Any, ...], written: bool = False) -> None:
    """Raises NotImplementedError where operands carry tangents and torch has no rule for the op."""
    if op.forward is not None or op.label is None or written:
        return
    if not any(_present(_tangents(x)) for x, p in zip(args, op.params, strict=False) if p.is_tensor):
        return
    name = op.name.removeprefix("_")
    raise unsupported(name) if op.label == "torch::autograd::NotImplemented" else errors.forward_rule_missing(name)


def after_op(op: Op, args: tuple[Any, ...], outs: list[Tensor], written: bool = False) -> None:
    """Gives an op's outputs their tangents, where any operand carries one. `written`: the output was an operand."""
    given = {op.params[i].name: _tangents(args[i]) for i in range(len(args)) if op.params[i].is_tensor}
    if not any(_present(t) for t in given.values()):
        return
    if op.label is None or not any(o is not None and o._a.dtype.kind in "fc" for o in outs):
        return
    if op.forward is None:
        raise errors.forward_rule_missing(op.name.removeprefix("_") + "_")  # too late: it is written and recorded
    results = _rule(op, args, given, outs)
    for out, tangent in zip(outs, results, strict=False):
        if tangent is not None and out is not None and out._a.dtype.kind in "fc":
            _store(out, tangent, written)
    _to_saved(op, outs)


def before_write(op: Op, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The operands of a write, the target as a copy where the rule needs it. Other operands that look into the same
    memory are read after the write, as in torch."""
    if not any(_present(_tangents(x)) for x in args) or not _needs_original(op):
        return args
    return (_kept(args[0]), *args[1:])


def _needs_original(op: Op) -> bool:
    """Whether the rule of an op asks for what it overwrites. Then torch keeps a copy with a tangent of its own;
    otherwise the rule reads the tangent after the write, which shows where that shares the memory."""
    named = inspect.signature(op.forward).parameters if callable(op.forward) else sum(op.wants.values(), ())
    return op.params[0].name in named


def after_copy(target: Tensor, source: Tensor) -> None:
    """The tangent of what was overwritten: that of the source, or zeros."""
    tangent = tangent_of(source)
    if tangent is None and tangent_of(target) is None:
        return
    if target._a.dtype.kind in "fc":
        _store(target, wrap(np.zeros_like(target._a)) if tangent is None else tangent, written=True)


def after_view(view: Tensor, operand: Tensor) -> None:
    """The tangent of a view known by its geometry alone."""
    tangent = tangent_of(operand)
    if tangent is not None:
        set_tangent(view, _same_window(tangent, view, operand))


def after_strided_copy(out: Tensor, operand: Tensor, geometry: tuple[Any, ...]) -> None:
    """The tangent of a copy of such a view."""
    tangent = tangent_of(operand)
    if tangent is not None:
        set_tangent(out, tangent.as_strided(*geometry).clone())


def _same_window(whole: Tensor, part: Tensor, base: Tensor) -> Tensor:
    """The part of `whole` that `part` is of `base`, which is laid out alike."""
    size, stride, offset = Geometry.of(part._a, base._a)
    return whole.as_strided(size, stride, offset + whole.storage_offset())  # type: ignore[no-any-return]


def after_inplace_view(target: Tensor, seen: Tensor) -> Tensor | None:
    """The tangent of a tensor that became a view of what it was."""
    tangent = tangent_of(seen)
    if tangent is not None:
        set_tangent(target, tangent)
    return tangent


def refuse(name: str, operands: tuple[Any, ...]) -> None:
    """Raises NotImplementedError where operands of an op without derivative carry tangents."""
    if any(tangent_of(x) is not None for x in operands):
        raise unsupported(name)


def unsupported(name: str) -> NotImplementedError:
    """For ops that torch cannot differentiate at all."""
    return NotImplementedError(f"Trying to use forward AD with aten::{name} that does not support it.")


def after_function(cls: Any, node: Any, args: tuple[Any, ...], outs: list[Any]) -> None:
    """The same as for ops for a user-defined function, through its `jvp`."""
    given = [tangent_of(x) for x in args]
    if not any(t is not None for t in given):
        return
    ctx = node.ctx
    if ctx.materialize_grads:
        given = [
            wrap(np.zeros_like(x._a)) if t is None and isinstance(x, Tensor) and x._a.dtype.kind in "fc" else t
            for t, x in zip(given, args, strict=True)
        ]
    saved = node.s_saved
    node.s_saved = tuple((x, 0 if x is None else x.counter()[0]) for x in ctx.saved_for_forward or ())
    try:
        got = cls.jvp(ctx, *given)
    finally:
        node.s_saved = saved
    results = got if isinstance(got, tuple) else (got,)
    for out, tangent in zip(outs, results, strict=True):
        if isinstance(out, Tensor) and tangent is not None:
            set_tangent(out, tangent)


# -- storing --------------------------------------------------------------------------------------------


def _store(out: Tensor, tangent: Tensor, written: bool) -> None:
    if written:
        had = tangent_of(out)
        if had is None:
            had = _through_base(out)
        if had is not None:
            had.copy_(tangent)
            return
    if tangent._a.shape != out._a.shape:
        tangent = tangent.expand(out._a.shape).clone()
    set_tangent(out, tangent)


def _through_base(x: Tensor) -> Tensor | None:
    """A tangent for a view that was written to, as a view of its base's; the base has zeros elsewhere."""
    base = x._base
    if base is None:
        return None
    if tangent_of(base) is None:
        set_tangent(base, wrap(np.zeros_like(base._a)))
    whole = tangent_of(base)
    if whole is None:
        return None
    part = _same_window(whole, x, base)
    set_tangent(x, part)
    return part


def _to_saved(op: Op, outs: list[Tensor]) -> None:
    """What the node saved of its results carries their tangents."""
    first = next(out for out in outs if out is not None)
    node: Any = first._fn
    base = first._base
    if base is not None and isinstance(base._fn, CopySlices):
        node = base._fn.fn
    for i, slot in ((0, "result"), *enumerate(op.numbered or op.outs[:1])):
        saved = getattr(node, "s_" + slot, None)
        if slot not in op.saved or saved is None:
            continue
        if isinstance(saved, list):
            setattr(node, "s_" + slot, [_dual(one, out) for one, out in zip(saved, outs, strict=True)])
        else:
            setattr(node, "s_" + slot, _dual(saved, outs[i]))


def _dual(saved: Any, out: Tensor) -> Any:
    tangent = tangent_of(out)
    if tangent is None or type(saved) is not SavedOutput or saved.counter[0] != saved.version:
        return saved
    made = SavedDual(saved, tangent, set_tangent)
    levels[-1].append(weakref.ref(made))
    return made


# -- rules ----------------------------------------------------------------------------------------------


def _tangents(x: Any) -> Any:
    return [tangent_of(one) for one in x] if isinstance(x, (list, tuple)) else tangent_of(x)


def _present(t: Any) -> bool:
    return any(one is not None for one in t) if isinstance(t, list) else t is not None


def primal_of(x: Any) -> Any:
    """A dual tensor without its tangent, at the same place in the graph; anything else as it is."""
    if isinstance(x, (list, tuple)):
        return [primal_of(one) for one in x]
    return x if tangent_of(x) is None else _same_place(x, x._a)


def _same_place(x: Tensor, array: np.ndarray[Any, Any]) -> Tensor:
    """A tensor over `array` whose gradient goes where that of `x` goes."""
    out = wrap(array)
    if array is x._a:
        out._vc = x.counter()
    if x.requires_grad:
        out._rg, out._fn, out._nr = True, x.grad_fn, x._nr
        if out._fn is None:
            node = accumulator(x)
            out._acc = None if node is None else weakref.ref(node)
    return out


def _kept(x: Tensor) -> Tensor:
    """A copy of `x`, which is about to be written to, with a copy of its tangent."""
    out = _same_place(x, x._a.copy(order="K"))
    tangent = tangent_of(x)
    out.meta().tangent = None if tangent is None else tangent.clone()
    return out


def _zeros(t: Any, like: Any) -> Any:
    """Tangents with zeros where there are none."""
    if isinstance(t, list):
        return [_zeros(a, b) for a, b in zip(t, like, strict=True)]
    if t is not None:
        return t
    return wrap(np.zeros_like(like._a)) if isinstance(like, Tensor) else 0


def _rule(op: Op, args: tuple[Any, ...], given: dict[str, Any], outs: list[Tensor]) -> list[Any]:
    """The tangents of the outputs by the op's rule."""
    values = {p.name: primal_of(a) for p, a in zip(op.params, args, strict=True)}
    if op.forward == "linear":
        call = [_zeros(given[p.name], values[p.name]) if p.name in op.formulas else values[p.name] for p in op.params]
        if any(p.keyword_only for p in op.params):
            got = op.function(**{p.name: c for p, c in zip(op.params, call, strict=True)})
        else:
            got = op.function(*call)
        return list(got) if op.several else [got]
    results = primal_of(outs)
    values["result"] = results if op.several else results[0]
    values.update(zip(op.numbered, results, strict=False))
    values.update(zip(op.outs, results, strict=False))
    if op.forward == "elementwise":
        return [_elementwise(op, given, values)]
    if op.forward == "transposed":
        return _transposed(op, given, values, results)
    named = inspect.signature(op.forward).parameters
    asked = [_present(t) for name, t in given.items() if f"{name}_t" in named]
    if asked and not any(asked):
        return [None] * len(outs)
    tangents = {f"{name}_t": _zeros(t, values[name]) for name, t in given.items()}
    got = op.forward(**_wanted(op.forward, {**tangents, **values}))
    return list(got) if isinstance(got, (tuple, list)) else [got]


def _elementwise(op: Op, given: dict[str, Any], values: dict[str, Any]) -> Any:
    total = None
    for name, formula in op.formulas.items():
        if given[name] is None:
            continue
        part = _conj(formula(**_wanted(formula, {**values, "grad": _conj(given[name])})))
        total = part if total is None else total + part
    return total


def _conj(x: Tensor) -> Tensor:
    return x.conj() if x.is_complex() else x


def _transposed(op: Op, given: dict[str, Any], values: dict[str, Any], outs: list[Tensor]) -> list[Any]:
    """See Note [Transposed rules]."""
    recording = modes.state.grad
    with modes.enable_grad():
        ways = [wrap(np.zeros(()) if out is None else np.zeros_like(out._a)) for out in outs]
        for way, of in zip(ways, outs, strict=True):
            way._rg = of is not None and way._a.dtype.kind in "fc"
        mine = {**values, "grad": ways[0], "grads": ways}
        parts: list[Tensor] = []
        along: list[Tensor] = []
        for name, got in _gradients(op, given, mine):
            pairs = zip(got, given[name], strict=True) if isinstance(given[name], list) else [(got, given[name])]
            for part, tangent in pairs:
                if part is not None and tangent is not None and part.requires_grad:
                    parts.append(part)
                    along.append(tangent.expand(part.shape).to(part.dtype))
        live = [way for way in ways if way._rg]
        roots: Any = [(part._fn or accumulator(part), part._nr) for part in parts]
        task = engine.GraphTask(recording, recording, [(accumulator(way), 0) for way in live])
        found = iter(engine.execute(roots, along, task) if parts else [None] * len(live))
    out: list[Any] = []
    for way in ways:
        tangent = next(found) if way._rg else None
        out.append(wrap(np.zeros_like(way._a)) if tangent is None and way._rg else tangent)
    return out


def _gradients(op: Op, given: dict[str, Any], values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """By operand, the gradients of those that carry a tangent."""
    carrying = [name for name in op.formulas if _present(given[name])]
    if op.joint is not None:
        values["wanted"] = tuple(name in carrying for name in op.formulas)
        made = dict(zip(op.formulas, op.joint(**_wanted(op.joint, values)), strict=True))
        yield from ((name, made[name]) for name in carrying)
        return
    for name in carrying:
        formula = op.formulas[name]
        yield name, formula(**_wanted(formula, values))


def _wanted(rule: Any, values: dict[str, Any]) -> dict[str, Any]:
    """The arguments that a rule names, shapes and dtypes among them."""
    out: dict[str, Any] = {}
    for name in inspect.signature(rule).parameters:
        if name in values:
            out[name] = values[name]
            continue
        base, _, what = name.rpartition("_")
        source = values[base]
        if isinstance(source, (list, tuple)):
            out[name] = [_fact(one, what) for one in source]
        else:
            out[name] = _fact(source, what)
    return out


def _fact(x: Any, what: str) -> Any:
    if not isinstance(x, Tensor):
        return () if what == "shape" else None
    return strides_of(x._a) if what == "strides" else getattr(x._a, what)
