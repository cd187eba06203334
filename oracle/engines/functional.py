"""Engines that differentiate functions, not tapes of writes: programs are functionalised for them first.

What may live here: turning a program into functions of some of its names, and what came out into an
Observation. How one function is differentiated (`vjp`), and over which namespace its ops run, is each
engine's own.

Note [Shadow]. Who may write into what and what raises is torch's to say: torch runs the program too, and its
observation guides the rewriting. Facts that such an engine has not (history, versions, aliases, refusals) are
not reported; names that torch leaves unbound stay so.
"""

from __future__ import annotations

import re
import warnings
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from oracle.dataflow import is_plain_query, records
from oracle.engines.base import Engine
from oracle.engines.beyond_functions import beyond_functions
from oracle.engines.remembering import Remembered
from oracle.errors import HarnessError
from oracle.functionalize import Functional, NotFunctional, functionalize
from oracle.interpreter import Interpreter, Run
from oracle.observation import ABSENT, Observation, Raised, TensorFacts
from oracle.program import Arg, Instruction, Program, Ref
from oracle.program.edit import binders, is_creation, is_write, reads, refs, writes_by_name
from oracle.variants import Query, queries, switched

Values = Sequence[Any]
Function = Callable[..., Values]
Env = dict[str, Any]

MISSING = re.compile(
    r"not (yet )?(implemented|supported)|does not (currently )?support|unsupported|cannot involve|can't handle"
    r"|must override the setup_context|incompatible function arguments|did not contain a loop"
    r"|^module '[\w.]+' has no attribute|have any grad op|is not registered|only support calculations between",
    re.IGNORECASE,
)
"""What engines say of what they never meant to do; that is no fault, and is counted."""

METADATA = frozenset({
    "requires_grad_", "requires_grad", "retain_grad", "register_hook", "remove",
    "register_post_accumulate_grad_hook",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a script for the engine alone is written.

    `imports` are its first lines, `vjp` the source of a function `vjp(f, xs, ws)` that gives the gradients of the
    tuple `f(*xs)`, weighted by `ws`, and of `inner_vjp` if it is another one within a function that is differentiated
    already; for engines over arrays `module` and `special` are what the two modules are called
    there, `array` the module's function that makes an array and `dtype` the form of a dtype.
    """

    imports: str
    vjp: str
    module: str = ""
    special: str = ""
    array: str = "array"
    dtype: str = "{0!r}"


class FunctionalEngine(Engine):
    """An engine with `vjp`. Subclasses give a namespace, `vjp`, and reading arrays out of its values."""

    facts = frozenset({"value", "shape", "dtype", "grad", "errors"})
    second_order = True
    """Whether gradients of gradients can be asked for."""
    records_queries = False
    """Whether a query with create_graph is asked as one within a function is, though its inputs are plain."""

    rounding = 0.0
    """Units of precision, of the largest element, that another order of operations may make."""

    dialect: Dialect | None = None
    """How a script for this engine alone is written, if it can be."""

    def __init__(self, namespace: Any, shadow: Engine) -> None:
        self.namespace, self.shadow = namespace, shadow
        self.interpreter = Interpreter(namespace, lambda value: value)
        self._answered = Remembered(self._answer)

    @abstractmethod
    def vjp(self, function: Function, inputs: Values, weights: Values, nested: bool) -> Values:
        """The gradients of the outputs of `function(*inputs)`, weighted and summed, for each input.

        With `nested` the inputs are being differentiated already, and the gradients must be differentiable.
        """

    @abstractmethod
    def array(self, value: Any) -> np.ndarray[Any, Any]:
        """A value of this engine as an array."""

    def constant(self, value: Any) -> Any:
        """A value that no gradient passes through."""
        return value

    def ones_like(self, value: Any) -> Any:
        """The implicit weight of an output."""
        return self.namespace.ones_like(value)

    def knows(self, instruction: Instruction) -> str | None:
        """None if the engine has this op in this form, else the reason why not."""
        return None

    def refuses(self, program: Program, seen: Observation) -> str | None:
        """Why a program is none for this engine, by what the shadow saw; None if it is one."""
        return None

    def supports(self, program: Program) -> str | None:
        found = self._answered(program)
        return found if isinstance(found, str) else None

    def run(self, program: Program) -> Observation:
        found = self._answered(program)
        if isinstance(found, str):
            raise HarnessError(f"{self.name} cannot run this program ({found}); ask `supports` first")
        return found

    def _answer(self, program: Program) -> Observation | str:
        """What the engine makes of a program, or why it is none for it."""
        seen = self.shadow.run(program)
        rewritten = self.refuses(program, seen) or self._rewritten(program, seen)
        if isinstance(rewritten, str):
            return rewritten
        for one in rewritten.program.instructions:
            ours = is_plain_query(one) or one.op in METADATA or one.op == "grad" or one.form == "print"
            reason = None if ours else self.knows(one)
            if reason is not None:
                return reason
        return self._observed(program, seen, rewritten)

    def rewritten(self, program: Program) -> Functional | str:
        """The program without writes, as this engine runs it, or why there is none."""
        return self._rewritten(program, self.shadow.run(program))

    def _rewritten(self, program: Program, seen: Observation) -> Functional | str:
        reason = switched(program) or beyond_functions(program, seen)
        if reason is not None:
            return reason
        for query in queries(program):
            inputs = [seen.tensors.get(name) for name in query.inputs]
            if query.accumulates and any(facts is None or facts.is_leaf is not True for facts in inputs):
                return "gradients accumulated in what is no leaf"
        try:
            rewritten = functionalize(program, seen)
        except NotFunctional as error:
            return f"not functional: {error}"
        if rewritten.names and not rewritten.grads:
            return "a refused query"
        if any(_writes(one) for one in rewritten.program.instructions):
            return "a gradient written in place"
        asked = queries(program)
        if any(query.create_graph for query in asked):
            if not self.second_order:
                return "second derivatives"
            # An output that a backward formula saved counts as an input there; in a function it does not.
            inputs = [seen.tensors.get(name) for query in asked for name in query.inputs]
            if any(facts is None or facts.is_leaf is not True for facts in inputs):
                return "second derivatives for what is no leaf"
        return rewritten

    def _observed(self, program: Program, seen: Observation, rewritten: Functional) -> Observation | str:
        if any(name.endswith("]") for name in seen.tensors):
            return "one name for several tensors"
        leaves = {rewritten.grads[name]: None for name, facts in seen.tensors.items() if facts.grad is not None}
        pass_ = Pass(self, rewritten, list(leaves))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # which ops warn is no fact that is compared here
            failed = pass_.run()
        bound = binders(program.instructions).keys() - seen.tensors.keys()
        other = {rewritten.names.get(name, name) for name in bound}  # devices, dtypes, sizes
        if rewritten.finite_only and not all(self._finite(pass_.env[name]) for name in pass_.env.keys() - other):
            return "numbers that are not finite, written without history"
        outcomes = list(seen.outcomes)
        if failed is not None:
            if failed[1].type == "NotImplementedError" or MISSING.search(failed[1].message):
                return f"not implemented: {rewritten.program.instructions[failed[0]].op}"
            at = rewritten.origins[failed[0]]
            made = program.instructions[at]
            if made.op == "apply" and not any(_recorded(seen.tensors.get(out)) for out in made.outs):
                return "a Function that is refused where it is recorded"
            outcomes[at:] = [failed[1], *[None] * (len(outcomes) - at - 1)]
        tensors = {}
        for name, facts in seen.tensors.items():
            mapped = rewritten.names[name] if rewritten.names[name] in pass_.env else name
            if mapped not in pass_.env:
                continue
            grad = None if facts.grad is None else pass_.grads.get(rewritten.grads.get(name, ""))
            tensors[name] = self._facts(pass_.env[mapped], grad, facts)
        return Observation(self.name, outcomes, tensors, module=seen.module)

    def _facts(self, value: Any, grad: Any, theirs: TensorFacts) -> TensorFacts:
        array = self._settled(self.array(value), theirs.value)
        held = None if grad is None else self._settled(self.array(grad), theirs.grad)
        facts = TensorFacts(array, str(array.dtype), array.shape, grad=held)
        facts.grad_dtype = None if held is None else str(held.dtype)
        for name in ("requires_grad", "is_leaf", "grad_fn", "output_nr", "version", "is_view", "base"):
            setattr(facts, name, ABSENT)
        facts.retains_grad = facts.alias = facts.same_object = facts.strides = ABSENT
        return facts

    def _finite(self, value: Any) -> bool:
        if value is None or isinstance(value, int | float | complex | tuple | list):  # several tensors are in one
            return True
        array = self.array(value)
        return array.dtype.kind not in "fc" or bool(np.isfinite(array).all())

    def _settled(self, ours: np.ndarray[Any, Any], theirs: Any) -> np.ndarray[Any, Any]:
        """Ours, save what is no promise, taken from the shadow: signs of zeros, and roundings."""
        if not isinstance(theirs, np.ndarray) or theirs.shape != ours.shape or theirs.dtype != ours.dtype:
            return ours
        if ours.dtype.kind == "c":
            settled = ours.copy()
            settled.real, settled.imag = self._settled(ours.real, theirs.real), self._settled(ours.imag, theirs.imag)
            return settled
        same = (ours == 0) & (theirs == 0)
        if self.rounding and ours.dtype.kind == "f" and theirs.size:
            with np.errstate(all="ignore"):
                unit = self.rounding * float(np.finfo(ours.dtype).eps)
                finite = np.abs(theirs)[np.isfinite(theirs)]
                same |= np.abs(ours - theirs) <= unit * np.max(finite, initial=1.0)
        return np.where(same, theirs, ours)


def _recorded(facts: TensorFacts | None) -> bool:
    return facts is not None and facts.requires_grad is True


def _writes(one: Instruction) -> bool:
    return one.form == "setindex" or (is_write(one) and writes_by_name(one) and one.op not in METADATA)


class Pass:
    """One run over the rewritten program: values by name, and what `.grad`s there are."""

    def __init__(self, engine: FunctionalEngine, rewritten: Functional, leaves: list[str]) -> None:
        self.engine = engine
        self.body = rewritten.program.instructions
        self.leaves = leaves  # who has a .grad in the end
        self.env: Env = {}
        self.grads: dict[str, Any] = {}
        self.held: dict[str, list[str]] = {}  # the names that hold a tensor's .grad itself

    def run(self) -> tuple[int, Raised] | None:
        """All instructions in order; the number of the first that raises, and what, if one does."""
        for index, one in enumerate(self.body):
            try:
                self.do(index, one)
            except HarnessError:
                raise
            except Exception as error:
                return index, Raised(type(error).__name__, str(error))
        return None

    def do(self, index: int, one: Instruction) -> None:
        if is_plain_query(one):
            self.ask(Query(index, one))
        elif one.op == "grad" and one.form == "get":
            held = self.grads.get(_receiver(one))
            if held is not None:
                self.env[one.outs[0]] = held
                self.held.setdefault(_receiver(one), []).append(one.outs[0])
        elif one.op == "grad":
            self.grads.pop(_receiver(one), None)
            self.held.pop(_receiver(one), None)
            if isinstance(one.args[1], Ref):
                self.grads[_receiver(one)] = self.env[one.args[1].name]
                self.held[_receiver(one)] = [one.args[1].name]
        elif one.op in METADATA or one.form == "print":
            self.env.update({out: self.env[_receiver(one)] for out in one.outs if _receiver(one) in self.env})
        else:
            self.step(one, self.env)

    def step(self, one: Instruction, env: Env) -> None:
        run = Run(Program(()))
        run.names.update(env)
        self.engine.interpreter.step(one._replace(modes=()), run)
        for out in one.outs:
            value = run.names[out]
            env[out] = value if records(one.modes) else self.engine.constant(value)

    def ask(self, query: Query) -> None:
        inputs = query.inputs
        if query.accumulates:
            inputs = [name for name in inputs or self.leaves if name in self.env]
            inputs = [name for name in inputs if query.inputs or self.reaches(name, query)]
        unique = list(dict.fromkeys(inputs))
        recorded = query.create_graph and self.engine.records_queries
        found = dict(zip(unique, self.gradients(query, unique, self.env, recorded), strict=True))
        if not query.accumulates:
            self.env.update(zip(query.instruction.outs, (found[name] for name in inputs), strict=True))
            return
        for name in unique:
            held = self.grads.get(name)
            self.grads[name] = found[name] if held is None else held + found[name]
            if query.create_graph:
                self.held.pop(name, None)  # then a new tensor takes the place of the old
            self.env.update(dict.fromkeys(self.held.get(name, ()), self.grads[name]))

    def reaches(self, name: str, query: Query) -> bool:
        """Whether a name lies on the way to the query's outputs."""
        return bool(self.affected([name], query.index) & set(query.outputs))

    def affected(self, names: Sequence[str], end: int) -> set[str]:
        """The names before instruction `end` whose values depend on these, as far as gradients pass."""
        found = set(names)
        for one in self.body[:end]:
            constant = is_plain_query(one) and ("create_graph", True) not in one.kwargs
            if not constant and one.op != "grad" and not is_creation(one) and found.intersection(reads(one)):
                found.update(one.outs)
        return found

    def gradients(self, query: Query, names: Sequence[str], env: Env, nested: bool) -> Values:
        """The gradients of a query's outputs for these names, at the values they have in `env`."""
        if not names:
            return ()
        if len(set(names)) < len(names):  # each is one argument of the function, however often it is asked for
            once = list(dict.fromkeys(names))
            found = dict(zip(once, self.gradients(query, once, env, nested), strict=True))
            return [found[name] for name in names]
        if len(names) > 1 and any(
            (set(names) - {name}) & self.affected([name], query.index) for name in names
        ):  # one of them lies on the way from another
            return [self.gradients(query, [name], env, nested)[0] for name in names]
        touched = self.affected(names, query.index)

        def function(*values: Any) -> list[Any]:
            inner = {**env, **dict(zip(names, values, strict=True))}
            for index, one in enumerate(self.body[: query.index]):
                if not touched.intersection(one.outs) or all(out in names for out in one.outs):
                    continue
                if is_plain_query(one):
                    asked = Query(index, one)
                    inner.update(zip(one.outs, self.gradients(asked, asked.inputs, inner, True), strict=True))
                elif one.op in METADATA:
                    inner.update({out: inner[_receiver(one)] for out in one.outs})
                else:
                    self.step(one, inner)
                inner.update(zip(names, values, strict=True))
            return [inner[name] for name in query.outputs]

        return self.differentiate(function, names, query, env, nested)

    def differentiate(self, function: Function, names: Sequence[str], query: Query, env: Env, nested: bool) -> Values:
        """The gradients of `function`, which gives the query's outputs, for its arguments."""
        pairs = zip(query.weights, query.outputs, strict=True)
        weights = [self.weight(weight, out, env) for weight, out in pairs]
        return self.engine.vjp(function, [env[name] for name in names], weights, nested)

    def weight(self, weight: Arg, out: str, env: Env) -> Any:
        if weight is None:
            return self.engine.ones_like(env[out])
        return env[next(refs(weight))]


def _receiver(one: Instruction) -> str:
    return next(refs(one.args[0]))
