"""Each check catches what it is there for, says so in words, and nothing else stirs."""

from __future__ import annotations

import copy
import marshal
import pickle
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pytest

from oracle.checks import Counts
from oracle.compare import CHECKS, compare
from oracle.discrepancy import KINDS, Discrepancy
from oracle.engines.torch_engine import TorchEngine
from oracle.observation import FACTS, HookCall, Observation, Raised, Returned, Saved
from oracle.program import parse
from strategies import buffers, decode, grammar
from tests.oracle.wrong import WrongTorch

PROGRAM = parse("""
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1 = v0 * 3
v2, v3 = v1.unbind(0)
v1.retain_grad()
h0 = v1.register_hook(lambda grad: grad * 2)
v4 = v2 * v3
try:
    v2.add_(1)
except Exception as error:
    print(error)
v5, = T.autograd.grad((v4,), (v2,), grad_outputs=(v3,), retain_graph=True)
v6 = v4.sum()
v6.backward()
v7 = v0.grad
v8 = v6._version
v9 = v1.grad
print(v0)
v10 = v4.grad
with T.autograd.forward_ad.dual_level():
    v11 = T.autograd.forward_ad.make_dual(v9, v9)
    v12 = v11 * 2
""")
V0, V1, V2, V4, V5, V6, V7 = "v0", "v1", "v2", "v4", "v5", "v6", "v7"
TANGENT = "v12.tangent"


@pytest.fixture(scope="module")
def observed() -> Observation:
    """What torch does with the program."""
    return TorchEngine().run(PROGRAM)


def tensor(name: str, **facts: Any) -> Callable[[Observation], None]:
    def change(observation: Observation) -> None:
        observation.tensors[name] = replace(observation.tensors[name], **facts)

    return change


def outcome(index: int, value: Any) -> Callable[[Observation], None]:
    def change(observation: Observation) -> None:
        observation.outcomes[index] = value

    return change


def element(name: str, fact: str, new: Any) -> Callable[[Observation], None]:
    def change(observation: Observation) -> None:
        array = getattr(observation.tensors[name], fact).copy()
        array.flat[0] = new(array.flat[0]) if callable(new) else new
        tensor(name, **{fact: array})(observation)

    return change


def graph(**parts: Any) -> Callable[[Observation], None]:
    def change(observation: Observation) -> None:
        observation.graph = replace(observation.graph, **parts)

    return change


def kept(observation: Observation, **parts: Any) -> tuple[Saved, ...]:
    """What the nodes saved, with another value of the one that saved a number."""
    every = observation.graph.saved
    at = next(i for i, one in enumerate(every) if len(one.names) == 1)
    return (*every[:at], replace(every[at], **parts), *every[at + 1 :])


def no_name(name: str) -> Callable[[Observation], None]:
    def change(observation: Observation) -> None:
        del observation.tensors[name]

    return change


def hooks(
    change_calls: Callable[[tuple[HookCall, ...]], tuple[HookCall, ...]],
) -> Callable[[Observation], None]:
    def change(observation: Observation) -> None:
        observation.hooks = change_calls(observation.hooks)

    return change


PLANTED: dict[str, tuple[str, Callable[[Observation], None]]] = {
    "a tensor is not there": ("presence", no_name(V7)),
    "a value cannot be read": ("presence", tensor(V4, value="<unreadable: RuntimeError>")),
    "an outcome is not there": ("presence", lambda observation: observation.outcomes.pop() and None),
    "a refusal is missing": ("missing-error", outcome(6, Returned())),
    "a refusal is new": ("unexpected-error", outcome(4, Raised("RuntimeError", "no"))),
    "a refusal has another type": ("error-type", outcome(6, Raised("ValueError", "no"))),
    "a refusal has other words": ("error-text", outcome(6, Raised("RuntimeError", "no"))),
    "a plain result is another": ("returned", outcome(11, Returned(1))),
    "a plain result has another type": ("returned", outcome(11, Returned(False))),
    "None instead of a value": ("returned", outcome(11, Returned(None))),
    "a shape": ("shape", tensor(V4, shape=(1, 2))),
    "a dtype": ("dtype", tensor(V4, dtype="float64")),
    "requires_grad": ("requires-grad", tensor(V5, requires_grad=True)),
    "is_leaf": ("leaf", tensor(V5, is_leaf=False)),
    "a grad_fn's name": ("grad-fn", tensor(V4, grad_fn="DivBackward0")),
    "a grad_fn that is None": ("grad-fn", tensor(V4, grad_fn=None)),
    "output_nr": ("output-nr", tensor(V2, output_nr=1)),
    "a version": ("version", tensor(V1, version=3)),
    "a view that is none": ("view", tensor(V2, is_view=False)),
    "a view of another base": ("view", tensor(V2, base="v0")),
    "storage that is not shared": ("alias", tensor(V2, alias="v2")),
    "one object that is two": ("identity", tensor(V7, same_object="v1")),
    "retains_grad": ("retains-grad", tensor(V1, retains_grad=False)),
    "strides": ("strides", tensor(V1, strides=(1, 2))),
    "a NaN": ("non-finite", element(V4, "value", np.nan)),
    "an infinity": ("non-finite", element(V4, "value", np.inf)),
    "a value": ("value", element(V4, "value", 5.0)),
    "a value a little off": ("value", element(V4, "value", lambda value: value * np.float32(1.0001))),
    "a returned gradient": ("gradient", element(V5, "value", 5.0)),
    "a zero's sign": ("zero-sign", element(V5, "value", -0.0)),
    "a tangent": ("tangent", element(TANGENT, "value", 5.0)),
    "a tangent that is not there": ("tangent", no_name(TANGENT)),
    "a tangent's history": ("tangent", tensor(TANGENT, grad_fn="MulBackward0", requires_grad=True)),
    "a tangent's dtype": ("tangent", tensor(TANGENT, dtype="float64")),
    "a grad that is None": ("grad-presence", tensor(V1, grad=None, grad_dtype=None)),
    "a grad that is not None": ("grad-presence", tensor(V4, grad=np.zeros(2), grad_dtype="float32")),
    "a grad": ("grad", element(V0, "grad", 5.0)),
    "a grad's shape": ("grad", lambda o: tensor(V0, grad=o.tensors[V0].grad[None])(o)),
    "a grad's dtype": ("grad", tensor(V0, grad_dtype="float64")),
    "a node's name": ("graph", lambda o: graph(nodes=("AddBackward0", *o.graph.nodes[1:]))(o)),
    "an edge's index": ("graph", lambda o: graph(edges=(((1, 1), (None, 0)), *o.graph.edges[1:]))(o)),
    "a leaf's name": ("graph", lambda o: graph(variables=tuple(v and "v5" for v in o.graph.variables))(o)),
    "a missing node": ("graph", lambda o: graph(nodes=o.graph.nodes[:-1], edges=o.graph.edges[:-1])(o)),
    "a saved value": ("saved", lambda o: graph(saved=kept(o, values=marshal.dumps((2,), 2)))(o)),
    "a saved value's name": ("saved", lambda o: graph(saved=kept(o, names=("alpha",)))(o)),
    "a saved tensor's name": ("saved", lambda o: graph(saved=kept(o, tensors=("input",)))(o)),
    "a hook that is not called": ("hook", hooks(lambda calls: calls[:-1])),
    "a hook called with another value": (
        "hook",
        hooks(lambda calls: (*calls[:-1], replace(calls[-1], values=(calls[-1].values[0] + 1,)))),
    ),
    "a hook called too early": ("hook", hooks(lambda calls: (replace(calls[0], during=5), *calls[1:]))),
    "a warning that is not given": ("warning", lambda o: setattr(o, "warnings", ())),
    "a warning in other words": ("warning", lambda o: setattr(o, "warnings", ((14, "UserWarning", "x"),))),
    "a repr": ("repr", lambda o: setattr(o, "prints", ((13, "tensor()"),))),
}


@pytest.mark.parametrize("why", PLANTED)
def test_a_planted_difference_is_found_and_nothing_else(why: str, observed: Observation) -> None:
    kind, plant = PLANTED[why]
    subject, reference = copy.deepcopy(observed), observed
    if why == "a zero's sign":
        reference = copy.deepcopy(observed)
        element(V5, "value", 0.0)(reference)
    plant(subject)
    found = list(compare(subject, reference, PROGRAM))
    assert {discrepancy.kind for discrepancy in found} == {kind}, [str(one) for one in found]


def test_every_check_has_a_planted_difference() -> None:
    assert {kind for kind, _ in PLANTED.values()} == {check.kind.kind for check in CHECKS}


def test_every_kind_is_a_class_of_its_own() -> None:
    assert len(KINDS) == len(set(KINDS.values()))
    assert all(issubclass(kind, Discrepancy) and kind.__doc__ for kind in KINDS.values())


def test_an_observation_equals_itself(observed: Observation) -> None:
    counts = Counts()
    assert list(compare(observed, copy.deepcopy(observed), PROGRAM, counts=counts)) == []
    assert counts.tolerated == counts.different == 0
    assert counts.exact >= len(observed.tensors)


def test_what_an_engine_does_not_report_is_counted_and_not_compared(observed: Observation) -> None:
    subject = copy.deepcopy(observed)
    tensor(V1, version=7)(subject)
    counts = Counts()
    assert list(compare(subject, observed, PROGRAM, FACTS - {"version"}, counts=counts)) == []
    assert (counts.unreported["version"], counts.skipped.total()) == (1, 0)


@pytest.mark.parametrize("why", PLANTED)
def test_every_array_is_counted_once_whatever_differs(why: str, observed: Observation) -> None:
    subject, reference, counts = copy.deepcopy(observed), copy.deepcopy(observed), Counts()
    PLANTED[why][1](subject)
    list(compare(subject, reference, PROGRAM, counts=counts))
    assert counts.arrays == reference.arrays


def test_every_array_is_counted_once_in_drawn_programs() -> None:
    """With one op slightly wrong, one very wrong, one refused and one that gives another shape."""
    faults: dict[str, Callable[[Any], Any]] = {
        "exp": lambda real: lambda *args, **kwargs: real(*args, **kwargs) * (1 + 2**-23),
        "neg": lambda real: lambda *args, **kwargs: real(*args, **kwargs) + 1,
        "sum": lambda real: lambda *args, **kwargs: real(*args, **kwargs)[None],
        "abs": lambda real: lambda *args, **kwargs: args[len(args)],
    }
    subject, reference = WrongTorch("wrong", faults), TorchEngine()
    chosen = grammar(ops=(*faults, "mul"))
    drawn = [decode(buffer, chosen) for buffer in islice(buffers(5, chosen), 240)]
    sides = (subject.run_batch(drawn), reference.run_batch(drawn))
    arrays, counts = sum(one.arrays for one in sides[1]), Counts()
    for program, mine, its in zip(drawn, *sides, strict=True):
        list(compare(mine, its, program, counts=counts))
    assert counts.arrays == arrays
    assert all((counts.exact, counts.tolerated, counts.different))
    whys = {"value: other shape or dtype", "one side stopped alone", "grad: the subject has none"}
    assert whys <= set(counts.skipped)


@pytest.mark.parametrize("fact", ["value", "grad", "tangent"])
def test_arrays_that_an_engine_does_not_report_are_counted(fact: str, observed: Observation) -> None:
    counts = Counts()
    list(compare(copy.deepcopy(observed), observed, PROGRAM, FACTS - {fact}, counts=counts))
    tangents = sum(".tangent" in name for name in observed.tensors)
    tensors = len(observed.tensors) - tangents
    left_out = {"value": tensors, "tangent": tangents, "grad": observed.arrays - tensors - tangents}[fact]
    assert counts.skipped == {f"{fact}: not reported by an engine": left_out}
    assert left_out
    assert counts.arrays == observed.arrays


def test_arrays_of_a_tensor_that_the_subject_lacks_are_counted(observed: Observation) -> None:
    subject, counts = copy.deepcopy(observed), Counts()
    del subject.tensors["v0"]
    list(compare(subject, observed, PROGRAM, counts=counts))
    assert counts.skipped == {"the subject has no such tensor": 2}
    assert counts.arrays == observed.arrays


def test_in_a_batch_every_program_is_looked_at_whole(observed: Observation) -> None:
    seen = TorchEngine().run_batch([PROGRAM] * 3)
    assert all(one.columns is not None and one.graph == observed.graph for one in seen)
    assert all(list(compare(one, observed, PROGRAM)) == [] for one in seen)


NUDGED = parse("v0 = T.tensor([0.3, -0.0], requires_grad=True)\nv1 = v0 * 2\nv2 = v1.sum()\nv2.backward()\n")


def nudged(text: str) -> Observation:
    """NUDGED with its leaf's elements written otherwise, as an observer left it."""
    return TorchEngine().run(parse(NUDGED.source.replace("[0.3, -0.0]", text)))


def test_elements_that_differ_within_tolerance_are_counted_as_that() -> None:
    counts = Counts()
    assert list(compare(nudged("[0.30000004, -0.0]"), nudged("[0.3, -0.0]"), NUDGED, counts=counts)) == []
    assert (counts.exact, counts.tolerated, counts.different) == (1, 3, 0)  # exact: the gradient of v0


@pytest.mark.parametrize(("text", "kind"), [("[0.4, -0.0]", "value"), ("[0.3, 0.0]", "zero-sign")])
def test_elements_that_differ_by_more_are_told_and_counted(text: str, kind: str) -> None:
    counts = Counts()
    found = list(compare(nudged(text), nudged("[0.3, -0.0]"), NUDGED, counts=counts))
    assert {one.kind for one in found} == {kind}
    assert counts.different == len(found)


def test_a_fact_that_differs_beside_tolerated_elements_is_told() -> None:
    subject, reference = nudged("[0.30000004, -0.0]"), nudged("[0.3, -0.0]")
    assert subject.columns is not None
    subject.columns = subject.columns._replace(version=(1, 0, 0))
    assert [one.kind for one in compare(subject, reference, NUDGED)] == ["version"]


def test_a_discrepancy_survives_pickling(observed: Observation) -> None:
    subject = copy.deepcopy(observed)
    tensor(V4, is_leaf=True)(subject)
    (found,) = compare(subject, observed, PROGRAM)
    again = pickle.loads(pickle.dumps(found))
    assert (type(again), str(again), again.program) == (type(found), str(found), PROGRAM)


def test_a_discrepancy_reads_as_a_sentence(observed: Observation) -> None:
    subject = copy.deepcopy(observed)
    tensor(V4, is_leaf=True)(subject)
    (found,) = compare(subject, observed, PROGRAM)
    assert str(found) == "LeafDiscrepancy at v4 (line 6, *): is_leaf is True, reference has False"
    assert (found.index, found.subject, found.reference) == (5, True, False)


def test_module_names_and_addresses_do_not_matter(observed: Observation) -> None:
    subject, reference = copy.deepcopy(observed), copy.deepcopy(observed)
    subject.module = "minigrad"
    outcome(6, Raised("RuntimeError", "minigrad.float32 at 0x7f00deadbeef and torch.Size"))(subject)
    outcome(6, Raised("RuntimeError", "torch.float32 at 0x7f00feedbeef and torch.Size"))(reference)
    assert list(compare(subject, reference, PROGRAM)) == []


def test_after_one_side_stopped_the_rest_is_not_blamed(observed: Observation) -> None:
    subject = copy.deepcopy(observed)
    for index in range(5, len(subject.outcomes)):
        outcome(index, None)(subject)
    outcome(5, Raised("RuntimeError", "no"))(subject)
    for name in ("v4", "v5", "v6", "v7", "v9"):
        no_name(name)(subject)
    subject.hooks, subject.warnings, subject.prints = (), (), ()
    counts = Counts()
    found = list(compare(subject, observed, PROGRAM, counts=counts))
    assert [one.kind for one in found] == ["unexpected-error"]
    assert counts.skipped == {"one side stopped alone": observed.arrays}
