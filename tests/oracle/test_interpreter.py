"""Running a program is what plain Python would do, and the record says what happened when."""

from __future__ import annotations

import copy
import gc
import pickle
import types
import warnings
from typing import Any

import numpy as np
import pytest

from oracle.engines.torch_engine import TorchEngine
from oracle.errors import HarnessError
from oracle.interpreter import Interpreter
from oracle.observation import Observation, Raised, Returned
from oracle.program import Fn, Instruction, Program, Ref, parse


@pytest.fixture(scope="module")
def engine() -> TorchEngine:
    """torch, which needs no second engine to be looked at."""
    return TorchEngine()


def run(engine: TorchEngine, text: str) -> Observation:
    return engine.run(parse(text))


def test_an_uncaught_exception_ends_the_program(engine: TorchEngine) -> None:
    seen = run(engine, "v0 = T.ones(2)\nv1 = v0.unbind(5)\nv2 = v0 * 2\n")
    assert isinstance(seen.outcomes[1], Raised)
    assert seen.outcomes[2] is None
    assert list(seen.tensors) == ["v0"]


def test_a_caught_exception_leaves_its_names_unbound(engine: TorchEngine) -> None:
    text = "v0 = T.ones(2)\ntry:\n    v1 = v0.unbind(5)\nexcept Exception as error:\n    print(error)\nv2 = v1 * 2\n"
    seen = run(engine, text)
    assert seen.outcomes[2] == Raised("NameError", "name 'v1' is not defined")


def test_the_right_side_of_an_assignment_is_evaluated_first(engine: TorchEngine) -> None:
    program = Program.of(
        [
            Instruction(("v0",), "call", "ones", (2,)),
            Instruction(("v1",), "method", "unbind", (Ref("v0"), 5), caught=True),
            Instruction((), "setindex", "", (Ref("v1"), 0, Ref("v2"))),
        ]
    )
    assert engine.run(program).outcomes[2] == Raised("NameError", "name 'v2' is not defined")


def test_a_missing_name_below_t_is_an_attribute_error(engine: TorchEngine) -> None:
    assert run(engine, "v0 = T.zeta(2)\n").outcomes[0].type == "AttributeError"


def test_unpacking_raises_what_python_raises(engine: TorchEngine) -> None:
    outcomes = run(engine, "v0 = T.ones(2)\nv1, v2, v3 = v0.unbind()\n").outcomes
    assert outcomes[1] == Raised("ValueError", "not enough values to unpack (expected 3, got 2)")


def test_modes_hold_for_their_instructions_alone(engine: TorchEngine) -> None:
    text = "v0 = T.ones(2, requires_grad=True)\nwith T.no_grad():\n    v1 = v0 * 2\n    v2 = v0 * 3\nv3 = v0 * 4\n"
    seen = run(engine, text)
    assert [seen.tensors[name].requires_grad for name in ("v1", "v2", "v3")] == [False, False, True]


def test_modes_end_where_an_exception_ends_the_program(engine: TorchEngine) -> None:
    run(engine, "v0 = T.ones(2)\nwith T.no_grad():\n    v1 = v0.unbind(5)\n")
    assert engine.modes()["grad mode"] is True


def test_modes_set_by_plain_calls_do_not_reach_the_next_program(engine: TorchEngine) -> None:
    first = parse("T.set_grad_enabled(False)\nv0 = T.ones(2, requires_grad=True)\nv1 = v0 * 2\n")
    second = parse("v0 = T.ones(2, requires_grad=True)\nv1 = v0 * 2\n")
    seen = engine.run_batch([first, second])
    assert [one.tensors["v1"].requires_grad for one in seen] == [False, True]


def test_a_mode_that_cannot_be_entered_is_an_exception_of_its_instruction(engine: TorchEngine) -> None:
    seen = run(engine, "v0 = T.ones(2)\nwith T.no_grad(1):\n    v1 = v0 * 2\n")
    assert isinstance(seen.outcomes[1], Raised)


def test_nested_modes_stay_open_while_neighbours_share_them(engine: TorchEngine) -> None:
    """A dual number lives as long as its level, which an inner block does not end."""
    text = (
        "v0 = T.ones(2)\nwith T.autograd.forward_ad.dual_level():\n"
        "    v1 = T.autograd.forward_ad.make_dual(v0, v0)\n"
        "    with T.no_grad():\n        v2 = v1 * 2\n"
        "    v3, v4 = T.autograd.forward_ad.unpack_dual(v2)\n"
    )
    seen = run(engine, text)
    np.testing.assert_array_equal(seen.tensors["v4"].value, np.full(2, 2, np.float32), strict=True)


def test_a_deleted_name_is_gone(engine: TorchEngine) -> None:
    seen = run(engine, "v0 = T.ones(2)\nv1 = v0 * 2\ndel v0\nv2 = v0 * 2\n")
    assert seen.outcomes[3] == Raised("NameError", "name 'v0' is not defined")
    assert list(seen.tensors) == ["v1"]


def test_hooks_are_recorded_with_the_values_they_were_given(engine: TorchEngine) -> None:
    text = (
        "v0 = T.tensor([1.0, 2.0], requires_grad=True)\nv1 = v0 * 3\n"
        "h0 = v1.register_hook(lambda grad: grad.mul_(2))\nv2 = v1.sum()\nv2.backward()\n"
    )
    (call,) = run(engine, text).hooks
    assert (call.hook, call.during) == (2, 4)
    np.testing.assert_array_equal(call.values[0], np.ones(2, np.float32), strict=True)


def test_a_hook_that_raises_is_the_backward_that_raises(engine: TorchEngine) -> None:
    text = (
        "v0 = T.tensor([1.0, 2.0], requires_grad=True)\n"
        "h0 = v0.register_hook(lambda grad: 1 / 0)\nv1 = v0.sum()\nv1.backward()\n"
    )
    assert run(engine, text).outcomes[3] == Raised("ZeroDivisionError", "division by zero")


def test_a_wrong_hook_is_named_as_under_plain_python(engine: TorchEngine) -> None:
    text = (
        "v0 = T.tensor([1.0, 2.0], requires_grad=True)\n"
        "h0 = v0.register_hook(lambda grad: grad.unsqueeze(0))\nv1 = v0.sum()\nv1.backward()\n"
    )
    assert run(engine, text).outcomes[3].message == "hook '<lambda>' has changed the size of value"


def test_warnings_belong_to_their_instruction_and_come_every_time(engine: TorchEngine) -> None:
    program = parse("v0 = T.ones(2, requires_grad=True)\nv1 = v0 * 2\nv2 = v1.grad\nv3 = v1.grad\n")
    for seen in engine.run_batch([program, program]):
        assert [(index, kind) for index, kind, _ in seen.warnings] == [(2, "UserWarning"), (3, "UserWarning")]


def test_observing_gives_no_warning_of_its_own(engine: TorchEngine) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        seen = run(engine, "v0 = T.ones(2, requires_grad=True)\nv1 = v0 * 2\n")
    assert seen.warnings == ()


def test_print_shows_what_python_shows(engine: TorchEngine) -> None:
    seen = run(engine, "v0 = T.ones(2)\nprint(v0)\nv0.add_(1)\nprint(v0)\n")
    assert seen.prints == ((1, "tensor([1., 1.])"), (3, "tensor([2., 2.])"))


def test_values_are_copied_when_they_are_seen(engine: TorchEngine) -> None:
    """A gradient given to a hook is what it was then, though the hook writes into it."""
    text = (
        "v0 = T.tensor([1.0, 2.0], requires_grad=True)\n"
        "h0 = v0.register_hook(lambda grad: (grad.mul_(2), None)[1])\nv1 = v0.sum()\nv1.backward()\n"
    )
    seen = run(engine, text)
    np.testing.assert_array_equal(seen.hooks[0].values[0], np.ones(2, np.float32), strict=True)


def test_a_class_of_the_library_runs(engine: TorchEngine) -> None:
    text = (
        parse_class()
        + "v0 = T.tensor([1.0, 2.0], requires_grad=True)\n"
        + "v1 = Square.apply(v0)\nv2 = v1.sum()\nv2.backward()\n"
    )
    seen = run(engine, text)
    assert seen.tensors["v1"].grad_fn == "SquareBackward"
    np.testing.assert_array_equal(seen.tensors["v0"].grad, np.array([2, 4], np.float32), strict=True)


def parse_class() -> str:
    use = Instruction(("v0",), "method", "apply", (Fn("Square"), 1))
    return Program.of([use]).source.partition("v0 =")[0]


def test_a_mistake_of_ours_is_no_finding() -> None:
    interpreter = Interpreter(types.SimpleNamespace(ones=lambda size: size), copy=lambda value: value)
    unknown = Instruction(("v0",), "call", "ones", (object(),))
    with pytest.raises(HarnessError):
        interpreter.run(Program.of([unknown]))


def test_any_namespace_can_be_run() -> None:
    namespace = types.SimpleNamespace(double=lambda value: value * 2)
    program = Program.of([Instruction(("v0",), "call", "double", (21,))])
    assert Interpreter(namespace, copy=lambda value: value).run(program).names["v0"] == 42


FACTS_OF_ODD_TENSORS: dict[str, Any] = {
    "v0 = T.tensor([1.0, 2.5], dtype=T.bfloat16)\n": ("bfloat16", np.array([1, 2.5], np.float32)),
    "v0 = T.tensor([1.0, 2.5], dtype=T.float16)\n": ("float16", np.array([1, 2.5], np.float16)),
    "v0 = T.tensor([True, False])\n": ("bool", np.array([True, False])),
    "v0 = T.zeros((0, 3))\n": ("float32", np.zeros((0, 3), np.float32)),
    "v1 = T.tensor([complex(1.0, 2.0)])\nv0 = v1.conj()\n": ("complex64", np.array([1 - 2j], np.complex64)),
    "v1 = T.tensor([complex(1.0, 2.0)])\nv2 = v1.conj()\nv0 = v2.imag\n": (
        "float32",
        np.array([-2.0], np.float32),
    ),
    "v1 = T.tensor([1.0, 2.0], requires_grad=True)\nv2 = v1.sgn()\n"
    "v0, = T.autograd.grad((v2,), (v1,), grad_outputs=(v1,))\n": ("float32", np.zeros(2, np.float32)),
    "v1 = T.ones((9, 9))\nv0 = v1.t()\n": ("float32", np.ones((9, 9), np.float32)),
    "v0 = T.tensor(3)\n": ("int64", np.array(3)),
}


@pytest.mark.parametrize("text", FACTS_OF_ODD_TENSORS)
def test_every_tensor_can_be_observed(text: str, engine: TorchEngine) -> None:
    dtype, value = FACTS_OF_ODD_TENSORS[text]
    facts = run(engine, text).tensors["v0"]
    assert facts.dtype == dtype
    np.testing.assert_array_equal(facts.value, value, strict=True)


def test_a_nan_keeps_its_bits(engine: TorchEngine) -> None:
    facts = run(engine, "v0 = T.tensor([float('nan')])\nv1 = -v0\n").tensors
    assert facts["v0"].value.view(np.uint32)[0] != facts["v1"].value.view(np.uint32)[0]


def test_a_view_that_may_no_longer_be_used_is_observed_as_that(engine: TorchEngine) -> None:
    text = "v0 = T.ones((2, 2), requires_grad=True)\nv1 = v0 * 2\nv2, v3 = v1.unbind()\nv1.mul_(3)\n"
    facts = run(engine, text).tensors["v2"]
    assert str(facts.grad_fn).startswith("raises RuntimeError: Output 0 of Unbind")
    np.testing.assert_array_equal(facts.value, np.full(2, 6, np.float32), strict=True)


def test_the_graph_knows_shared_nodes_leaves_and_empty_slots(engine: TorchEngine) -> None:
    text = "v0 = T.ones(2, requires_grad=True)\nv1 = v0 * 2\nv2 = v1 + v0\nv3 = v2.sum()\n"
    graph = run(engine, text).graph
    assert graph.nodes[0] == "MulBackward0"
    leaf = graph.edges[0][0][0]
    assert graph.edges[0] == ((leaf, 0), (None, 0))
    assert [name for name in graph.variables if name] == ["v0"]
    assert graph.edges[graph.nodes.index("AddBackward0")] == ((0, 0), (leaf, 0))


def test_tensors_in_a_tuple_are_observed_by_their_place(engine: TorchEngine) -> None:
    seen = run(engine, "v0 = T.ones((2, 3))\nv1 = v0.unbind()\nv2 = v1[1]\n")
    assert list(seen.tensors) == ["v0", "v1[0]", "v1[1]", "v2"]
    assert seen.tensors["v2"].same_object == "v1[1]"


def test_a_dtype_is_observed_by_its_name(engine: TorchEngine) -> None:
    assert run(engine, "v0 = T.ones(2)\nv1 = v0.dtype\n").outcomes[1] == Returned("float32")


def test_tensors_of_any_size_are_observed_whole(engine: TorchEngine) -> None:
    text = "v0 = T.ones((9, 9), requires_grad=True)\nv1 = v0.sum()\nv1.backward()\nv2 = T.zeros((0, 3))\n"
    seen = run(engine, text).tensors
    for found in (seen["v0"].value, seen["v0"].grad):
        np.testing.assert_array_equal(found, np.ones((9, 9), np.float32), strict=True)
    np.testing.assert_array_equal(seen["v2"].value, np.zeros((0, 3), np.float32), strict=True)
    assert (seen["v2"].alias, seen["v1"].value.shape) == (None, ())


def test_an_observation_survives_pickling_seen_or_unseen(engine: TorchEngine) -> None:
    seen = run(engine, "v0 = T.ones((2, 3), requires_grad=True)\nv1 = v0.sum()\nv1.backward()\n")
    for again in (pickle.loads(pickle.dumps(seen)), pickle.loads(pickle.dumps(copy.deepcopy(seen)))):
        assert again.columns is None
        np.testing.assert_array_equal(again.tensors["v0"].grad, np.ones((2, 3), np.float32), strict=True)
        assert again.outcomes == seen.outcomes


def test_a_run_leaves_nothing_behind(engine: TorchEngine) -> None:
    program = parse(
        "v0 = T.ones(2, requires_grad=True)\nv1 = v0 * 3\nh0 = v1.register_hook(lambda grad: grad * 2)\n"
        "v2 = v1.grad_fn\nh1 = v2.register_prehook(lambda grad_outputs: None)\nv3 = v1 * v1\nv4 = v3.sum()\n"
        "T.autograd.graph.register_multi_grad_hook((v0, v1), lambda grads: None)\n"
        "v4.backward(create_graph=True)\n"
    )
    sizes = []
    for _ in range(3):
        for _ in range(20):
            engine.run(program)
        gc.collect()
        sizes.append(len(gc.get_objects()))
    assert sizes[2] - sizes[1] < 20


def test_a_long_chain_is_walked_without_recursion(engine: TorchEngine) -> None:
    lines = ["v0 = T.ones(1, requires_grad=True)"]
    lines += [f"v{index} = v{index - 1} * 2" for index in range(1, 3000)]
    assert len(run(engine, "\n".join(lines)).graph.nodes) == 3000


def test_who_shares_storage_is_named_by_the_first_name(engine: TorchEngine) -> None:
    text = "v0 = T.ones((2, 2))\nv1, v2 = v0.unbind()\nv3 = v0 + 1\nv4 = v2.detach()\nv5 = v0.add_(1)\n"
    tensors = run(engine, text).tensors
    assert [tensors[name].alias for name in tensors] == ["v0", "v0", "v0", "v3", "v0", "v0"]
    assert [tensors[name].same_object for name in tensors] == [None, None, None, None, None, "v0"]
    assert [tensors[name].base for name in tensors] == [None, "v0", "v0", None, None, None]
