"""By which rule an op's outputs get their tangents: the one declared with its derivative, applied.

What may live here: rules and what they are given. When they are applied is in `tangents`.

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

from minigrad import engine, modes
from minigrad.accumulate_grad import accumulator
from minigrad.autograd.carried import Identity, tangent_of
from minigrad.declaration import Op
from minigrad.memory import strides_of
from minigrad.tensor import DEFAULT, Tensor, memory, wrap
from minigrad.views import attach_view
from minigrad.zeros import zero_tensor


def tangents(x: Any) -> Any:
    return [tangent_of(one) for one in x] if isinstance(x, (list, tuple)) else tangent_of(x)


def present(t: Any) -> bool:
    return any(one is not None for one in t) if isinstance(t, list) else t is not None


def primal_of(x: Any) -> Any:
    """A dual tensor without its tangent, at the same place in the graph; anything else as it is."""
    if isinstance(x, (list, tuple)):
        each = [primal_of(one) for one in x]
        return each if isinstance(x, list) else tuple(each)
    return x if tangent_of(x) is None else same_place(x, x._a)


def _taken_out(x: Any) -> Any:
    """A primal as a rule is given it: torch takes it out of its dual tensor, a view that is recorded."""
    if isinstance(x, (list, tuple)):
        each = [_taken_out(one) for one in x]
        return each if isinstance(x, list) else tuple(each)
    out = primal_of(x)
    if not modes.state.grad or not isinstance(x, Tensor) or not x.requires_grad:
        return out
    out = same_place(x, memory(x))  # what has bits has them as a view, too
    attach_view(out, x, DEFAULT)
    out.meta().primal = True
    out._fn, out._nr, out._acc = Identity(x), 0, None
    return out


def same_place(x: Tensor, array: np.ndarray[Any, Any]) -> Tensor:
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


def kept(x: Tensor) -> Tensor:
    """A copy of `x`, which is about to be written to, with a copy of its tangent."""
    return x.clone()  # type: ignore[no-any-return]


def zeros(t: Any, like: Any, dt: Any, written: bool = False) -> Any:
    """Tangents with zeros where there are none, plain ones for what is `written`; those of numbers have the dtype
    `dt`."""
    if isinstance(t, list):
        return [zeros(a, b, dt) for a, b in zip(t, like, strict=True)]
    if t is not None:
        return t
    if isinstance(like, (bool, int, float, complex)):
        number = zero_tensor((), dt)  # a number is a tensor like others, or nearly
        number.meta().number = True
        return number
    if not isinstance(like, Tensor):
        return 0
    if not written:
        return zero_tensor(like._a.shape, like._a.dtype)
    out = wrap(np.zeros(like._a.shape, like._a.dtype))
    out.counter()[0] += 1
    return out


def rule(
    op: Op, args: tuple[Any, ...], given: dict[str, Any], outs: list[Tensor], written: bool = False
) -> list[Any]:
    """The tangents of the outputs by the op's rule. `written`: the output was the first operand."""
    first = op.params[0].name
    onto = op.onto if written and (given[first] is not None or callable(op.onto)) else None
    forward = onto if callable(onto) else op.forward
    values = {p.name: primal_of(a) for p, a in zip(op.params, args, strict=True)}
    dt = next((x._a.dtype for x in values.values() if isinstance(x, Tensor) and x._a.dtype.kind in "fc"), None)
    if forward == "linear":
        function: Any = op.function if onto is None else op.inplace_function
        call = [
            zeros(given[p.name], values[p.name], dt, written and not i) if p.name in op.formulas else values[p.name]
            for i, p in enumerate(op.params)
        ]
        if any(p.keyword_only for p in op.params):
            got = function(**{p.name: c for p, c in zip(op.params, call, strict=True)})
        else:
            got = function(*call)
        return list(got) if op.several else [got]
    asked = _asked(op, forward, given)
    values.update((p.name, _taken_out(a)) for p, a in zip(op.params, args, strict=True) if p.name in asked)
    results = [_taken_out(x) if written or tangent_of(x) is not None else x for x in outs]
    values["result"] = results if op.several else results[0]
    values.update(zip(op.numbered, results, strict=False))
    values.update(zip(op.outs, results, strict=False))
    if forward == "elementwise":
        return [_elementwise(op, given, values)]
    if forward == "terms":
        return [_elementwise(op, {name: zeros(given[name], values[name], dt) for name in op.formulas}, values)]
    if forward == "along":
        return [None if given[first] is None else op.function(given[first], *(values[p.name] for p in op.params[1:]))]
    if forward == "transposed":
        return _transposed(op, given, values, results)
    named = inspect.signature(forward).parameters
    there = [present(t) for name, t in given.items() if f"{name}_t" in named]
    if there and not any(there):
        return [None] * len(outs)
    tangents = {
        f"{name}_t": zeros(t, values[name], dt, written and not i) for i, (name, t) in enumerate(given.items())
    }
    got = forward(**_wanted(forward, {**tangents, **values}))
    return list(got) if isinstance(got, (tuple, list)) else [got]


def _asked(op: Op, forward: Any, given: dict[str, Any]) -> set[str]:
    """The names that the rule of an op asks for, be it declared or its backward formulas."""
    if callable(forward):
        return set(inspect.signature(forward).parameters)
    if forward == "transposed":
        return set()
    if forward == "along":
        return {p.name for p in op.params[1:]}
    if forward == "terms":
        return {want for wants in op.wants.values() for want in wants}
    return {want for name, wants in op.wants.items() if present(given[name]) for want in wants}


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
                    spread = tangent if tangent._a.shape == part._a.shape else tangent.expand(part.shape)
                    along.append(spread.to(part.dtype))
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
    carrying = [name for name in op.formulas if present(given[name])]
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
