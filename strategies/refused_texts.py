"""Rules whose breach is a fixed text: what autograd refuses of calls that need no drawn values to be wrong.

What may live here: one short program per prohibition; its last statement is the one that torch refuses. What depends
on the values of a program is in `rules` and its like.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from oracle.program.edit import substitute
from oracle.program.functions import MAPS, NODE_PREHOOKS
from oracle.program.language import Instruction, Ref
from oracle.program.parser import parse
from strategies import refused_graphs
from strategies.refused_lines import LINES
from strategies.rules import Breaker
from strategies.state import NAMES, Slot, State

_LEAF = "v0 = T.tensor([1.0, 2.0], requires_grad=True)\n"
_LEVEL = "with T.autograd.forward_ad.dual_level():\n    "
_DUAL = (
    f"{_LEAF}v1 = T.ones(2)\nv3 = T.tensor([0, 1])\n{_LEVEL}v2 = T.autograd.forward_ad.make_dual(v0, v1)\n    v4 = "
)
_SQUARE, _SUM, _LINEAR, _TOTAL, _FIRST, _OF_FIRST, _TWO, _CONSTANT = (
    MAPS[f"map_{name}"]
    for name in ("square", "sum_of_squares", "linear", "sum", "first", "first_sum", "two", "constant")
)
_STRICT, _GRAPH = "strict=True", "create_graph=True, strict=True"
_COLUMNS = "strategy='forward-mode'"
_FORWARD = "check_forward_ad=True, check_backward_ad=False"
_OVER = "check_fwd_over_rev=True, check_rev_over_rev=False"


def _functional(call: str) -> str:
    return f"{_LEAF}v1 = T.ones(3)\nv2 = T.ones(2)\nv3 = T.autograd.functional.{call}\n"


def _checked(call: str) -> str:
    return f"v0 = T.tensor([1.0, 2.0], dtype=T.float64, requires_grad=True)\nv1 = T.autograd.{call}\n"


_FORWARD_MODE = {
    "level_left_that_was_never_entered": "T.autograd.forward_ad.exit_dual_level()\n",
    "level_left_that_is_not_the_last": "T.autograd.forward_ad.exit_dual_level(level=3)\n",
    "dual_of_a_level_that_is_not_there": (
        f"{_LEAF}v1 = T.ones(2)\n{_LEVEL}v2 = T.autograd.forward_ad.make_dual(v0, v1, level=1)\n"
    ),
    "number_taken_apart": f"{_LEVEL}v0 = T.autograd.forward_ad.unpack_dual(1)\n",
    "dual_of_an_op_without_derivative": f"{_DUAL}v2.scatter(0, v3, 1.0, reduce='add')\n",
    "dual_of_an_opaque_op": f"{_DUAL}T.detach_copy(v2)\n",
    "dual_written_without_forward_rule": f"{_DUAL}v2.clone()\n    v4.index_reduce_(0, v3, v1, 'prod')\n",
    "dual_of_an_op_without_forward_rule": f"{_DUAL}v2.index_reduce(0, v3, v1, 'prod')\n",
    "grad_mode_set_to_a_text": "T.set_grad_enabled('x')\n",
}
_QUERIES = {
    "zeros_for_an_unused_edge": (
        f"{_LEAF}v1 = T.tensor([1.0], requires_grad=True)\nv2 = v0.sum()\n"
        "v3 = T.autograd.graph.get_gradient_edge(v1)\nv4 = T.autograd.grad(v2, (v3,), materialize_grads=True)\n"
    ),
    "input_is_no_tensor": f"{_LEAF}v1 = T.mul(v0, v0)\nv2 = v1.sum()\nv3 = T.autograd.grad(v2, (1.5,))\n",
    "input_of_backward_is_no_tensor": f"{_LEAF}v1 = v0.sum()\nv1.backward(inputs=(1.5,))\n",
    "complex_number_without_cotangent": (
        "v0 = T.ones((), dtype=T.complex64, requires_grad=True)\nv1 = T.mul(v0, 2)\nv1.backward()\n"
    ),
    "cotangents_of_no_batch_implied": f"{_LEAF}v1 = v0.sum()\nv2 = T.autograd.grad(v1, v0, is_grads_batched=True)\n",
    "cotangent_of_another_shape_than_recorded": (
        f"{_LEAF}v1 = T.mul(v0, 2)\nv2 = T.ones(3)\nv1.data = v2\nv1.backward(v2)\n"
    ),
    "several_hooked_in_no_known_mode": (
        f"{_LEAF}T.autograd.graph.register_multi_grad_hook((v0,), lambda grads: None, mode='x')\n"
    ),
    "edge_of_a_leaf_in_inference_mode": (
        f"{_LEAF}with T.inference_mode():\n    v1 = T.autograd.graph.get_gradient_edge(v0)\n"
    ),
    "saved_tensor_hooked_by_numbers": (
        f"{_LEAF}v1 = T.mul(v0, v0)\nv2 = v1.grad_fn\nv3 = v2._raw_saved_self\nv3.register_hooks(1, 2)\n"
    ),
    "nothing_saved_hooked": (
        f"{_LEAF}v1 = T.nn.functional.layer_norm(v0, (2,))\nv2 = v1.grad_fn\nv3 = v2._raw_saved_weight\n"
        "v3.register_hooks(lambda saved: saved, lambda saved: saved)\n"
    ),
    "saved_by_a_function_looked_at_after_release": (
        f"{_LEAF}v1 = Square.apply(v0)\nv2 = v1.grad_fn\nv3 = v1.sum()\nv3.backward()\n"
        "v4 = v2._raw_saved_tensors\n"
    ),
    "view_written_by_a_function_of_several_results": (
        f"{_LEAF}v1 = T.mul(v0, 2)\nv2 = v1.view(-1)\nv3 = InPlaceAndMore.apply(v2)\n"
    ),
    "gradient_of_a_number_given": f"{_LEAF}v1 = GradOfANumber.apply(v0, 2)\nv2 = v1.sum()\nv2.backward()\n",
    "leaf_written_by_a_function": f"{_LEAF}v1 = InPlace.apply(v0)\n",
    "input_returned_by_a_function_written": (
        f"{_LEAF}v1 = T.mul(v0, 2)\nv2 = ReturnsItsInput.apply(v1)\nv2.mul_(2)\n"
    ),
    "view_made_in_inference_mode_written": (
        f"{_LEAF}v1 = T.mul(v0, 2)\nwith T.inference_mode():\n    v2 = v1.view(-1)\nv2.mul_(2)\n"
    ),
    "saved_tensor_detached": (
        f"{_LEAF}v1 = T.mul(v0, 2)\nv2 = T.mul(v1, v1)\nv3 = v2.sum()\nv1.detach_()\nv3.backward()\n"
    ),
}
_HOOKS = "T.autograd.graph.saved_tensors_hooks(lambda saved: saved, lambda saved: saved)"
_DISABLED = "T.autograd.graph.disable_saved_tensors_hooks('no')"
_SAVED = {
    "gradient_set_to_a_number": f"{_LEAF}v0.grad = 1.5\n",
    "slope_told_from_a_result": (
        f"{_LEAF}v1 = T.mul(v0, -1)\nT.nn.functional.leaky_relu_(v1, -0.5)\nv2 = v1.sum()\nv2.backward()\n"
    ),
    "slope_of_elu_told_from_a_result": (
        f"{_LEAF}v1 = T.mul(v0, -1)\nT.nn.functional.elu_(v1, -0.5)\nv2 = v1.sum()\nv2.backward()\n"
    ),
    "slope_of_rrelu_told_from_a_result": (
        f"{_LEAF}v1 = T.mul(v0, -1)\nT.nn.functional.rrelu_(v1, -0.5, -0.25)\nv2 = v1.sum()\nv2.backward()\n"
    ),
    "integers_recorded": f"{_LEAF}v1 = v0.sum(dtype=T.int64)\n",
    "nan_found": (
        "v0 = T.tensor([0.0], requires_grad=True)\nwith T.autograd.set_detect_anomaly(True):\n    v1 = v0.sqrt()\n"
        "    v2 = T.mul(v1, 0)\n    v3 = v2.sum()\n    v3.backward()\n"
    ),
    "nothing_replaced_by_a_hook_on_a_node": (
        f"{_LEAF}v1, v2 = v0.unbind()\nv3 = v1.grad_fn\nv3.register_prehook({NODE_PREHOOKS['pre_invented']})\n"
        "v1.backward()\n"
    ),
    "saved_input_modified_before_a_second_derivative": (
        f"{_LEAF}v1 = T.mul(v0, 2)\nv2 = T.mul(v1, v1)\nv3 = v2.sum()\nv1.add_(1)\nv3.backward(create_graph=True)\n"
    ),
    "saved_result_modified": f"{_LEAF}v1 = v0.exp()\nv1.add_(1)\nv2 = v1.sum()\nv2.backward()\n",
    "saved_result_modified_before_a_second_derivative": (
        f"{_LEAF}v1 = v0.exp()\nv1.add_(1)\nv2 = v1.sum()\nv2.backward(create_graph=True)\n"
    ),
    "saved_written_view_modified": (
        f"{_LEAF}v1 = v0.clone()\nv2 = v1.view(-1)\nv2.exp_()\nv2.add_(1)\nv3 = v1.sum()\nv3.backward()\n"
    ),
    "graph_of_a_written_view_used_twice": (
        f"{_LEAF}v1 = v0.clone()\nv2 = v1.view(-1)\nv2.mul_(2)\nv3 = v1.sum()\nv3.backward()\nv3.backward()\n"
    ),
    "saved_results_used_twice": (
        "v0 = T.tensor([[2.0, 1.0], [1.0, 3.0]], requires_grad=True)\nv1, v2 = T.linalg.eigh(v0)\nv3 = v1.sum()\n"
        "v3.backward()\nv3.backward()\n"
    ),
    "saved_input_looked_at_after_a_write": (
        f"{_LEAF}v1 = T.mul(v0, 2)\nv2 = T.mul(v1, v1)\nv1.add_(1)\nv3 = v2.grad_fn\nv4 = v3._saved_self\n"
    ),
    "function_used_twice": f"{_LEAF}v1 = Square.apply(v0)\nv2 = v1.sum()\nv2.backward()\nv2.backward()\n",
    "function_with_backward_and_vjp": f"{_LEAF}v1 = BackwardAndVjp.apply(v0)\nv2 = v1.sum()\nv2.backward()\n",
    "function_differentiated_twice": (
        f"{_LEAF}v1 = OnceDifferentiable.apply(v0)\n"
        "v2, = T.autograd.grad((v1,), (v0,), grad_outputs=(v0,), create_graph=True)\nv3 = v2.sum()\nv3.backward()\n"
    ),
    "function_with_a_gradient_of_wrong_shape_and_a_graph": (
        f"{_LEAF}v1 = GradOfWrongShape.apply(v0)\nv2 = v1.sum()\nv2.backward(create_graph=True)\n"
    ),
}
_FUNCTIONAL = {
    name: _functional(call)
    for name, call in {
        "jacobian_by_no_known_strategy": f"jacobian({_SQUARE}, v0, strategy='x')",
        "jacobian_by_columns_with_a_graph": f"jacobian({_SQUARE}, v0, create_graph=True, {_COLUMNS})",
        "jacobian_by_columns_strictly": f"jacobian({_SQUARE}, v0, {_STRICT}, {_COLUMNS})",
        "jacobian_column_by_column": f"jacobian({_SQUARE}, v0, {_COLUMNS})",
        "jacobian_at_once_strictly": f"jacobian({_SQUARE}, v0, {_STRICT}, vectorize=True)",
        "jacobian_by_an_unused_input_strictly": f"jacobian({_FIRST}, (v0, v0), {_STRICT})",
        "jacobian_that_is_constant_with_a_graph": f"jacobian({_LINEAR}, v0, {_GRAPH})",
        "jacobian_of_a_function_that_gives_a_number": "jacobian(lambda x: 1, v0)",
        "jacobian_of_a_number": f"jacobian({MAPS['map_product']}, (v0, 1.5))",
        "hessian_by_no_known_strategy": f"hessian({_SUM}, v0, outer_jacobian_strategy='x')",
        "hessian_of_several_results": f"hessian({_TWO}, v0)",
        "hessian_of_several_elements": f"hessian({_SQUARE}, v0)",
        "hessian_of_a_linear_function_strictly": f"hessian({_TOTAL}, v0, {_STRICT})",
        "hessian_of_a_constant_strictly": f"hessian({_CONSTANT}, v0, {_STRICT})",
        "vhp_of_a_linear_function_strictly": f"vhp({_TOTAL}, v0, v0, {_STRICT})",
        "hvp_of_a_linear_function_strictly": f"hvp({_TOTAL}, v0, v0, {_STRICT})",
        "hvp_by_an_unused_input_strictly": f"hvp({_OF_FIRST}, (v0, v0), (v0, v0), {_STRICT})",
        "vhp_by_an_unused_input_strictly": f"vhp({_OF_FIRST}, (v0, v0), (v0, v0), {_STRICT})",
        "vjp_by_an_unused_input_strictly": f"vjp({_FIRST}, (v0, v0), v0, {_STRICT})",
        "jvp_by_an_unused_input_strictly": f"jvp({_FIRST}, (v0, v0), (v0, v0), {_STRICT})",
        "jvp_of_a_linear_function_with_a_graph": f"jvp({_LINEAR}, v0, v2, {_GRAPH})",
        "vjp_of_a_linear_function_with_a_graph": f"vjp({_LINEAR}, v0, v2, {_GRAPH})",
        "vhp_of_a_quadratic_function_with_a_graph": f"vhp({_SUM}, v0, v2, {_GRAPH})",
        "hvp_of_a_quadratic_function_with_a_graph": f"hvp({_SUM}, v0, v2, {_GRAPH})",
        "jvp_of_a_constant_gradient_strictly": f"jvp({MAPS['map_sign']}, v0, v2, {_STRICT})",
        "vjp_of_a_constant_strictly": f"vjp({_CONSTANT}, v0, v0, {_STRICT})",
        "vjp_without_vector": f"vjp({_SQUARE}, v0)",
        "jvp_without_vector": f"jvp({_SQUARE}, v0)",
        "hvp_without_vector": f"hvp({_SUM}, v0)",
        "vector_of_another_size": f"jvp({_SQUARE}, v0, v1)",
        "vectors_of_other_sizes": f"jvp({MAPS['map_product']}, (v0, v0), (v0, v1))",
        "several_vectors_for_one_input": f"jvp({_SQUARE}, v0, (v0, v0))",
        "one_vector_for_several_inputs": f"jvp({MAPS['map_product']}, (v0, v0), v0)",
        "vjp_of_a_number": f"vjp({_SQUARE}, 1.5)",
    }.items()
}
_GRADCHECK = {
    name: _checked(call)
    for name, call in {
        "nothing_checked": f"gradcheck({_SQUARE}, (v0,), check_backward_ad=False)",
        "batched_gradients_checked_in_forward": f"gradcheck({_SQUARE}, (v0,), {_FORWARD}, check_batched_grad=True)",
        "batched_tangents_checked_in_backward": f"gradcheck({_SQUARE}, (v0,), check_batched_forward_grad=True)",
        "constant_checked": f"gradcheck({_CONSTANT}, (v0,))",
        "constant_checked_fast": f"gradcheck({_CONSTANT}, (v0,), fast_mode=True)",
        "wrong_gradient_checked": f"gradcheck({MAPS['map_doubled_gradient']}, (v0,))",
        "wrong_gradient_checked_fast": f"gradcheck({MAPS['map_doubled_gradient']}, (v0,), fast_mode=True)",
        "gradient_that_is_not_linear_checked": f"gradcheck({MAPS['map_shifted_gradient']}, (v0,))",
        "gradient_out_of_nothing_checked": f"gradcheck({MAPS['map_invented_gradient']}, (v0,))",
        "gradient_that_needs_something_checked": f"gradcheck({MAPS['map_needy_gradient']}, (v0,))",
        "shape_that_changes_checked": f"gradcheck({MAPS['map_above_one']}, (v0,))",
        "number_of_results_that_changes_checked": f"gradcheck({MAPS['map_more_off_one']}, (v0,), fast_mode=True)",
        "gradient_that_changes_checked": f"gradcheck({MAPS['map_unsteady_gradient']}, (v0,))",
        "nothing_checked_twice": f"gradgradcheck({_SQUARE}, (v0,), check_rev_over_rev=False)",
        "undefined_gradients_checked_in_forward": f"gradgradcheck({_SQUARE}, (v0,), {_OVER})",
        "batched_gradients_checked_twice_in_forward": (
            f"gradgradcheck({_SQUARE}, (v0,), {_OVER}, check_undefined_grad=False, check_batched_grad=True)"
        ),
    }.items()
} | {
    "tangent_out_of_nothing_checked": (
        "v0 = T.tensor([1.0, 2.0], dtype=T.float64, requires_grad=True)\n"
        "v1 = T.tensor([3.0, 2.0], dtype=T.float64, requires_grad=True)\n"
        f"v2 = T.autograd.gradcheck({MAPS['map_forgetful_tangent']}, (v0, v1), check_forward_ad=True)\n"
    ),
    "plain_input_checked": f"v0 = T.ones(2, dtype=T.float64)\nv1 = T.autograd.gradcheck({_SQUARE}, (v0,))\n",
    "expanded_input_checked": (
        "v0 = T.tensor([1.0, 2.0], dtype=T.float64, requires_grad=True)\nv1 = v0.expand(3, 2)\n"
        f"v2 = T.autograd.gradcheck({_SQUARE}, (v1,))\n"
    ),
}

TEXTS: Final = {**_FORWARD_MODE, **_QUERIES, **_SAVED, **_FUNCTIONAL, **_GRADCHECK, **refused_graphs.TEXTS}
"""Name of the rule to the program that breaks it."""


OTHERS: Final = (
    *refused_graphs.OTHERS,
    f"{_LEAF}with {_DISABLED}:\n    with {_HOOKS}:\n        v1 = T.mul(v0, v0)\n",
    f"{_LEAF}with {_HOOKS}:\n    with {_DISABLED}:\n        v1 = T.mul(v0, v0)\n",
    f"{_LEAF}v1 = v0.sum()\nv2 = T.autograd.grad(v1, v0, only_inputs=False)\n",
    "v0 = T.ones(2)\nv1 = T.ones(2, dtype=T.complex64)\nv2 = v0.eq_(v1)\n",
    f"{_LEAF}{_LEVEL}v1 = v0.sum()\n    v1.backward()\n    v2 = v0.sum()\n    v2.backward()\n",
    "v0 = T.ones(2, dtype=T.complex64, requires_grad=True)\nv1 = T.full((2,), complex(0.0, 1.0))\nv2 = v1.conj()\n"
    "v0.grad = v2\nv3 = T.mul(v0, v0)\nv4 = T.ones(2, dtype=T.complex64)\nv3.backward(v4)\n",
    "v0 = T.tensor([1, 2, 3])\nv1 = T.tensor([0, 1])\nv0.scatter_(0, v1, 5)\nv0.scatter_(0, v1, 6)\n",
    "v0 = T.tensor([1, 2, 3])\nv1 = T.tensor([0, 1])\nv0.scatter_(0, v1, 5)\nv0.scatter_(0, v1, 6, reduce='add')\n",
)
"""Programs that no rule holds: a block that is refused where it begins ends a program, since nothing can catch it; and
what is rare, but not refused."""


@cache
def _instructions(text: str) -> tuple[Instruction, ...]:
    return parse(text).instructions


def _write(state: State, text: str, caught: bool) -> None:
    """Appends a text, with names that the program does not have yet."""
    given: dict[str, Ref] = {}
    instructions = _instructions(text)
    for place, one in enumerate(instructions):
        read = substitute(one, given)
        for out in one.outs:
            given[out] = Ref(NAMES[state.count])
            state.count += 1
        outs = tuple(given[out].name for out in one.outs)
        state.instructions.append(read._replace(outs=outs, caught=caught and place == len(instructions) - 1))


def _breaker(name: str) -> Breaker:
    def breaker(state: State, slot: Slot, caught: bool) -> None:
        """Writes the text of this name."""
        _write(state, TEXTS[name], caught)

    return breaker


def refused_line(state: State, slot: Slot, caught: bool) -> None:
    """One of the statements that torch refuses whatever stands before them."""
    _write(state, LINES[slot[3] % len(LINES)], caught)


RULES: Final[dict[str, Breaker]] = {"refused_line": refused_line, **{name: _breaker(name) for name in TEXTS}}
