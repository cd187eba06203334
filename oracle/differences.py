"""Central differences: what a gradient must be, by running forward alone, in float64.

What may live here: turning a program into a function of one of its tensors and differentiating that with
numbers. No formula of any engine's backward pass is used, save where a program differentiates twice.

Note [Frozen]. The function is the functionalised program, in which everything that autograd holds constant
(detached tensors, results of grad-mode blocks, gradients returned without create_graph) is replaced by its
observed value. Steps go by the size of the value; each is taken at two sizes, and from either side, so that
corners (the two sides have different limits) and poles (they have none) are told from slopes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from oracle.dataflow import NO_GRAD
from oracle.engines.base import Engine
from oracle.functionalize import NotFunctional, functionalize
from oracle.observation import Observation, Raised
from oracle.program.edit import is_query, reads
from oracle.program.language import Arg, Instruction, Program, Ref
from oracle.program.precision import in_float64
from oracle.variants import Query, changes_gradients, constant, queries

MOST_ELEMENTS = 40
"""Tensors with more elements are not differentiated by numbers: it would take too long."""

STEP = 6e-6  # of the value's size: about the cube root of float64's precision
ROUNDING = 1e-14  # of a sum of outputs, relative
SAME = 1e-4  # relative disagreement below which two differences are one number

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Slopes:
    """The derivative by numbers, element by element: `central`, and the one-sided limits `left` and `right`.

    Where both sides agree the point is smooth and all three are one. NaN: that side has no limit. `noise` is
    what rounding of the outputs may have put into them.
    """

    central: Array
    left: Array
    right: Array
    noise: Array

    @property
    def smooth(self) -> Array:
        """Where the function has one slope."""
        with np.errstate(invalid="ignore"):
            near = np.abs(self.left - self.right) <= self.noise
        return np.asarray((near | close(self.left, self.right, 50 * SAME)) & np.isfinite(self.central))

    def plus(self, other: Slopes) -> Slopes:
        return Slopes(
            self.central + other.central,
            self.left + other.left,
            self.right + other.right,
            self.noise + other.noise,
        )

    def admits(self, gradient: Array, tolerance: float) -> Array:
        """Where a gradient is the slope, or between the two slopes of a corner."""
        low, high = np.fmin(self.left.real, self.right.real), np.fmax(self.left.real, self.right.real)
        slack = tolerance * (1 + np.maximum(np.abs(low), np.abs(high))) + self.noise
        inside = (gradient.real >= low - slack) & (gradient.real <= high + slack) & (gradient.imag == 0)
        with np.errstate(invalid="ignore"):
            hit = close(gradient, self.central, tolerance) | (np.abs(gradient - self.central) <= self.noise)
        return np.asarray(np.where(self.smooth, hit, inside))


def close(one: Array, other: Array, tolerance: float) -> Array:
    """Where two arrays agree relative to their size (and absolutely below 1)."""
    with np.errstate(all="ignore"):
        size = 1 + np.maximum(np.abs(one), np.abs(other))
        return np.asarray((one == other) | (np.abs(one - other) <= tolerance * size))


class Unavailable(Exception):  # noqa: N818 - an answer, not a mistake
    """Numbers cannot tell here; the message says why."""


def slopes(program: Program, query: Query, name: str, engine: Engine) -> Slopes:
    """The derivative of a query's weighted outputs by the tensor `name`, by central differences on `engine`.

    Raises Unavailable where the program has no such function (hooks that change gradients, writes without an
    out-of-place meaning, too many elements, no float64 rerun).
    """
    if changes_gradients(program):
        raise Unavailable("hooks change the gradients")
    function, at = _function(program, query, name, engine)
    if at.size > MOST_ELEMENTS:
        raise Unavailable(f"{at.size} elements are too many to step through")
    if not at.size:
        nothing = np.zeros(at.shape)
        return Slopes(nothing, nothing, nothing, nothing)
    directions = (1.0, 1j) if at.dtype.kind == "c" else (1.0,)
    result: Slopes | None = None
    for direction in directions:
        here = function(at)
        parts = np.array([_slope(function, at, here, place, direction) for place in range(at.size)])
        arrays = [parts[:, side].reshape(at.shape) * direction for side in range(3)]
        one = Slopes(arrays[0], arrays[1], arrays[2], parts[:, 3].reshape(at.shape))
        result = one if result is None else result.plus(one)
    if result is None:
        raise Unavailable("nothing to step along")
    return result


def _slope(
    function: Callable[[Array], float], at: Array, here: float, place: int, direction: complex
) -> tuple[float, ...]:
    """(central, left, right) slope along one element, NaN where a side has no limit; and their noise."""
    size = abs(at.flat[place])
    size = size if np.isfinite(size) and size > 1e-3 else 1e-3 if np.isfinite(size) else 1.0

    def beside(step: float) -> float:
        moved = at.copy()
        moved.flat[place] += step * direction
        return function(moved)

    with np.errstate(all="ignore"):
        step = size * STEP
        near, far = step / 4, step
        ahead, behind = _limit(here, beside, near, far), _limit(here, beside, -near, -far)
        central = (beside(far) - beside(-far)) / (2 * far)
        finer = (beside(near) - beside(-near)) / (2 * near)
        noise = ROUNDING * abs(here) / near
    if _alike(central, finer, SAME, noise) and _alike(ahead, behind, 50 * SAME, noise):
        return central, central, central, noise
    return (ahead + behind) / 2, behind, ahead, noise


def _alike(one: float, other: float, tolerance: float, noise: float) -> bool:
    return abs(one - other) <= noise or bool(close(np.asarray(one), np.asarray(other), tolerance))


def _limit(here: float, beside: Callable[[float], float], near: float, far: float) -> float:
    """The one-sided slope: two steps must agree, and extrapolate to step zero."""
    first, second = (beside(near) - here) / near, (beside(far) - here) / far
    if not _alike(first, second, 100 * SAME, ROUNDING * abs(here) / abs(near)):
        return float("nan")
    return (first * far - second * near) / (far - near)


def _function(
    program: Program, query: Query, name: str, engine: Engine
) -> tuple[Callable[[Array], float], Array]:
    """The weighted outputs of a query as a function of the tensor `name`, and its value there."""
    wide = in_float64(program)
    observed = engine.run_in_float64(program)
    if observed is None:
        raise Unavailable(f"{engine.name} has no float64 rerun")
    prefix = Program.of(wide.instructions[: query.index + 1])
    try:
        rewritten = functionalize(prefix, _prefix(observed, query.index + 1))
    except NotFunctional as error:
        raise Unavailable(str(error)) from None
    if isinstance(observed.outcomes[query.index], Raised):
        raise Unavailable("the query raises")
    asked = queries(rewritten.program)[-1]
    body = list(rewritten.program.instructions[: asked.index])
    whole = engine.run_in_float64(Program.of(body))
    if whole is None or any(isinstance(outcome, Raised) for outcome in whole.outcomes):
        raise Unavailable("the functionalised program raises")
    frozen = _frozen(body, whole)
    wanted = rewritten.grads.get(name, name)
    if name in query.inputs:
        wanted = asked.inputs[query.inputs.index(name)]
    if wanted not in whole.tensors:
        raise Unavailable(f"{name} is no tensor")
    weights = [_weight(weight, out, whole) for weight, out in zip(asked.weights, asked.outputs, strict=True)]
    slot, moving = _with_slot(frozen, wanted)
    at = np.asarray(whole.tensors[wanted].value)
    dtype = whole.tensors[wanted].dtype

    def function(value: Array) -> float:
        moving[slot] = constant(wanted, value, dtype, requires_grad=True)
        seen = engine.run_in_float64(Program.of(moving))
        total = 0.0
        for weight, out in zip(weights, asked.outputs, strict=True):
            facts = None if seen is None else seen.tensors.get(out)
            if facts is None:
                raise Unavailable("the moved program raises")
            with np.errstate(all="ignore"):
                total += float(np.sum((np.conj(weight) * facts.value).real))
        return total

    return function, at


def _prefix(observed: Observation, count: int) -> Observation:
    return Observation(observed.engine, observed.outcomes[:count], observed.tensors)


def _weight(weight: Arg, out: str, whole: Observation) -> Array:
    if weight is None:
        return np.ones(())
    if isinstance(weight, Ref) and weight.name in whole.tensors:
        return np.asarray(whole.tensors[weight.name].value)
    raise Unavailable(f"the weight of {out} is no tensor")


def _frozen(body: list[Instruction], whole: Observation) -> list[Instruction]:
    """The program with everything autograd holds constant replaced by its value. See Note [Frozen]."""
    result: list[Instruction] = []
    bound: set[str] = set()
    for one in body:
        held = one.op == "detach" or any(mode in NO_GRAD for mode in one.modes) or one.op in ("grad", "data")
        if is_query(one) and ("create_graph", True) not in one.kwargs:
            held = True
        if is_query(one) and not held and one.op != "autograd.grad":
            raise Unavailable("a graph built into .grad")
        if held:
            for out in one.outs:
                if out in whole.tensors:
                    facts = whole.tensors[out]
                    result.append(constant(out, np.asarray(facts.value), facts.dtype))
                    bound.add(out)
        elif all(name in bound for name in reads(one)) and one.form != "print":
            result.append(one)
            bound.update(one.outs)
    return result


def _with_slot(frozen: list[Instruction], name: str) -> tuple[int, list[Instruction]]:
    """The program with a place after which `name` is what is put there; its own binder gives another name."""
    for at, one in enumerate(frozen):
        if name in one.outs:
            if len(one.outs) == 1:
                return at, list(frozen)
            outs = tuple(f"{out}_" if out == name else out for out in one.outs)
            return at + 1, [*frozen[:at], one._replace(outs=outs), one, *frozen[at + 1 :]]
    raise Unavailable(f"{name} does not lie on the way")
