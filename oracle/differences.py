"""Central differences: what a gradient must be, by running forward alone, in float64.

What may live here: turning a program into a function of one of its tensors and differentiating that with
numbers. No formula of any engine's backward pass is used, save where a program differentiates twice.

Note [Frozen]. The function is the functionalised program, in which everything that autograd holds constant
(detached tensors, results of grad-mode blocks, gradients returned without create_graph) is replaced by its
observed value. Steps go by the size of the value; each is taken at two sizes, and from either side, so that
corners (the two sides have different limits) and poles (they have none) are told from slopes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from oracle.dataflow import records
from oracle.errors import HarnessError
from oracle.functionalize import NotFunctional, functionalize
from oracle.observation import Observation, Raised, Returned
from oracle.program.edit import is_query, reads
from oracle.program.language import Arg, Instruction, Ref
from oracle.program.precision import in_float64
from oracle.program.program import Program
from oracle.variants import Query, changes_gradients, constant, not_a_function, queries, resets

MOST_ELEMENTS = 40
"""Tensors with more elements are not differentiated by numbers: it would take too long."""

STEP = 6e-6  # of the value's size: about the cube root of float64's precision
ROUNDING = 1e-14  # of the largest number on the way, relative
LOUD = 0.1  # of a slope: with more noise nothing is told
SAME = 1e-4  # relative disagreement below which two differences are one number

ONE_TRIANGLE = frozenset({
    "cholesky", "cholesky_inverse", "cholesky_solve", "linalg.cholesky", "linalg.cholesky_ex", "linalg.eigh",
    "linalg.eigvalsh", "linalg.ldl_factor", "linalg.ldl_factor_ex", "linalg.ldl_solve",
})  # fmt: skip
"""Ops that read one triangle of a matrix and mean a symmetric one; a step beside it leaves what they mean."""

Array = np.ndarray[Any, Any]


class Forward(Protocol):
    """What is needed of an engine: forward runs in float64."""

    @property
    def name(self) -> str: ...

    def run_in_float64(self, program: Program) -> Observation | None:
        """As `Engine.run_in_float64`."""


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


def slopes(program: Program, query: Query, name: str, engine: Forward) -> Slopes:
    """The derivative of a query's weighted outputs by the tensor `name`, by central differences on `engine`.

    Raises Unavailable where the program has no such function (hooks that change gradients, writes without an
    out-of-place meaning, too many elements, no float64 rerun).
    """
    if changes_gradients(program):
        raise Unavailable("hooks change the gradients")
    if any(one.op == "apply" for one in program.instructions):
        raise Unavailable("a Function says itself what its gradient is")
    if any(one.op in ONE_TRIANGLE for one in program.instructions):
        raise Unavailable("an op reads one triangle of a matrix that it takes to be symmetric")
    function, at, size = _function(program, query, name, engine)
    if at.size > MOST_ELEMENTS:
        raise Unavailable(f"more than {MOST_ELEMENTS} elements to step through")
    if not at.size:
        nothing = np.zeros(at.shape)
        return Slopes(nothing, nothing, nothing, nothing)
    directions = (1.0, 1j) if at.dtype.kind == "c" else (1.0,)
    result: Slopes | None = None
    for direction in directions:
        here = function(at)
        parts = np.array([_slope(function, at, here, size, place, direction) for place in range(at.size)])
        arrays = [parts[:, side].reshape(at.shape) * direction for side in range(3)]
        one = Slopes(arrays[0], arrays[1], arrays[2], parts[:, 3].reshape(at.shape))
        result = one if result is None else result.plus(one)
    if result is None:
        raise Unavailable("nothing to step along")
    with np.errstate(invalid="ignore"):
        drowned = result.noise > LOUD * (1 + np.abs(result.central))
    if drowned.any():
        raise Unavailable("numbers beside which a step is lost in rounding")
    return result


def accumulated(program: Program, name: str, seen: Observation, engine: Forward) -> Slopes:
    """What `.grad` of the leaf `name` must be: the slopes of every query since it was last None, summed.

    `seen` says which queries ran. Raises Unavailable as `slopes` does.
    """
    _ask(program)
    reset = resets(program, name)
    if reset is None:
        raise Unavailable("the program writes .grad itself")
    total: Slopes | None = None
    for query in queries(program):
        outcome = seen.outcomes[query.index]
        if outcome is None or not query.accumulates or query.index < reset:
            continue
        if isinstance(outcome, Raised):
            raise Unavailable("a query that raised may have accumulated a part")
        if query.inputs and name not in query.inputs:
            continue
        one = slopes(program, query, name, engine)
        total = one if total is None else total.plus(one)
    if total is None:
        raise Unavailable("no query reached it")
    return total


def returned(program: Program, index: int, place: int, engine: Forward) -> Slopes:
    """What the `autograd.grad` at `index` must return for the input at `place`. Raises Unavailable likewise."""
    _ask(program)
    query = Query(index, program.instructions[index])
    return slopes(program, query, query.inputs[place], engine)


def _ask(program: Program) -> None:
    reason = not_a_function(program)
    if reason is not None:
        raise Unavailable(reason)


def _slope(
    function: Callable[[Array], float], at: Array, here: float, size: float, place: int, direction: complex
) -> tuple[float, ...]:
    """(central, left, right) slope along one element, NaN where a side has no limit; and their noise.

    `size` is that of the largest numbers on the way, which rounding is relative to.
    """
    value = abs(at.flat[place])
    step = STEP * (value if np.isfinite(value) and value > 1e-3 else 1e-3 if np.isfinite(value) else 1.0)
    near, far = step / 4, step
    noise = ROUNDING * size / near

    def beside(step: float) -> float:
        moved = at.copy()
        moved.flat[place] += step * direction
        return function(moved)

    with np.errstate(all="ignore"):
        ahead, behind = _limit(here, beside, near, far, noise), _limit(here, beside, -near, -far, noise)
        central = (beside(far) - beside(-far)) / (2 * far)
        finer = (beside(near) - beside(-near)) / (2 * near)
    if _alike(central, finer, SAME, noise) and _alike(ahead, behind, 50 * SAME, noise):
        return central, central, central, noise
    return (ahead + behind) / 2, behind, ahead, noise


def _alike(one: float, other: float, tolerance: float, noise: float) -> bool:
    with np.errstate(invalid="ignore"):
        near = np.abs(np.float64(one) - np.float64(other)) <= noise
    return bool(near or close(np.asarray(one), np.asarray(other), tolerance))


def _limit(here: float, beside: Callable[[float], float], near: float, far: float, noise: float) -> float:
    """The one-sided slope: two steps must agree, and extrapolate to step zero."""
    first, second = (beside(near) - here) / near, (beside(far) - here) / far
    if not _alike(first, second, 100 * SAME, noise):
        return float("nan")
    return (first * far - second * near) / (far - near)


def _function(
    program: Program, query: Query, name: str, engine: Forward
) -> tuple[Callable[[Array], float], Array, float]:
    """The weighted outputs of a query as a function of the tensor `name`; its value there; `_size` on the way."""
    wide = in_float64(program)
    observed = engine.run_in_float64(program)
    if observed is None:
        raise Unavailable(f"{engine.name} has no float64 rerun")
    prefix = Program.of(wide.instructions[: query.index + 1])
    try:
        rewritten = functionalize(prefix, _prefix(observed, query.index + 1))
    except NotFunctional as error:
        raise Unavailable(str(error)) from None
    if not isinstance(observed.outcomes[query.index], Returned):
        raise Unavailable("the query raises in float64")
    asked = queries(rewritten.program)[-1]
    body = list(rewritten.program.instructions[: asked.index])
    whole = engine.run_in_float64(Program.of(body))
    if whole is None or any(isinstance(outcome, Raised) for outcome in whole.outcomes):
        raise Unavailable("the functionalised program raises")
    frozen = _needed(_frozen(body, whole), asked.outputs)
    wanted = rewritten.grads.get(name, name)
    if name in query.inputs:
        wanted = asked.inputs[query.inputs.index(name)]
    if wanted not in whole.tensors:
        raise Unavailable("an input that is not there when the outputs are computed")
    weights = [_weight(weight, whole) for weight in asked.weights]
    at = np.asarray(whole.tensors[wanted].value)
    dtype = whole.tensors[wanted].dtype
    if not any(wanted in one.outs for one in frozen):
        return (lambda _: 0.0), at, 0.0
    slot, moving = _with_slot(frozen, wanted)

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

    return function, at, _size(frozen, weights, whole)


def _size(frozen: list[Instruction], weights: list[Array], whole: Observation) -> float:
    """How large numbers get in the weighted outputs, at most: what their rounding is relative to."""
    values = [whole.tensors[out].value for one in frozen for out in one.outs if out in whole.tensors]
    finite = [np.abs(value[np.isfinite(value)]) for value in values if value.dtype.kind in "fc"]
    largest = max((float(np.max(one, initial=0.0)) for one in finite), default=0.0)
    heaviest = max((float(np.max(np.abs(weight), initial=0.0)) for weight in weights), default=1.0)
    return largest * heaviest if np.isfinite(largest * heaviest) else largest


def _prefix(observed: Observation, count: int) -> Observation:
    return Observation(observed.engine, observed.outcomes[:count], observed.tensors)


def _weight(weight: Arg, whole: Observation) -> Array:
    if weight is None:
        return np.ones(())
    if isinstance(weight, Ref) and weight.name in whole.tensors:
        return np.asarray(whole.tensors[weight.name].value)
    raise Unavailable("a weight that is no tensor")


def _frozen(body: list[Instruction], whole: Observation) -> list[Instruction]:
    """The program with everything autograd holds constant replaced by its value. See Note [Frozen]."""
    result: list[Instruction] = []
    bound: set[str] = set()
    for one in body:
        same = any(out in whole.tensors and whole.tensors[out].same_object is not None for out in one.outs)
        held = one.op in ("detach", "grad", "data") or (not records(one.modes) and not same)
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


def _needed(body: list[Instruction], outputs: Sequence[str]) -> list[Instruction]:
    """The instructions that the outputs depend on."""
    wanted, kept = set(outputs), []
    for one in reversed(body):
        if wanted.intersection(one.outs):
            kept.append(one)
            wanted.update(reads(one))
    return kept[::-1]


def _with_slot(frozen: list[Instruction], name: str) -> tuple[int, list[Instruction]]:
    """The program with a place after which `name` is what is put there; its own binder gives another name."""
    for at, one in enumerate(frozen):
        if name in one.outs:
            if len(one.outs) == 1:
                return at, list(frozen)
            outs = tuple(f"{out}_" if out == name else out for out in one.outs)
            return at + 1, [*frozen[:at], one._replace(outs=outs), one, *frozen[at + 1 :]]
    raise HarnessError(f"{name} is bound nowhere")
