"""More rules whose breach is a fixed text: of graphs, gradients in batches, and what forward mode and gradcheck refuse.

What may live here: short programs whose last statement torch refuses, as in `refused_texts`, by the name of the rule;
and programs that nothing refuses, but that come where few others do.
"""

from __future__ import annotations

from typing import Final

from oracle.program.functions import MAPS, SAVED_HOOKS

LEAF: Final = "v0 = T.tensor([1.0, 2.0], requires_grad=True)\n"
_OTHER = "v1 = T.tensor([2.0, 0.5], requires_grad=True)\n"
_MANY = "v1 = T.ones(3, 2)\n"
_BATCHED = "grad_outputs=(v1,), is_grads_batched=True"
_EMPTY = "v0 = T.zeros(0, requires_grad=True)\n"
_ZERO = f"{LEAF}v1 = v0.sgn()\nv2 = v1.sum()\nv2.backward()\nv3 = v0.grad\n"
_INTEGERS = "v0 = T.tensor([1.0], requires_grad=True)\nv1 = T.tensor([1])\nv1.gt_(v0)\n"
_LEVEL = "with T.autograd.forward_ad.dual_level():\n    "
_DOUBLES = "T.manual_seed(0)\nv0 = T.tensor([2.0], dtype=T.float64, requires_grad=True)\n"
_TALL = "v0 = T.tensor([[2.0, 1.0], [1.0, 3.0], [0.5, 1.0]], requires_grad=True)\n"
_HEADS = "v0 = T.ones(2, 1, 2)\nv1 = T.ones(6, 2)\nv2 = T.ones(2, 2)\n"
_GROUPS = (
    "v0 = T.ones(1, 2, 2, requires_grad=True)\nv1 = T.ones(2, requires_grad=True)\n"
    "v2 = T.nn.functional.group_norm(v0, 1, None, v1)\nv3 = v2.sum()\n"
)


def _twice(call: str) -> str:
    return (
        f"{_TALL}{call}\nv2 = v1.sum()\nv3, = T.autograd.grad(v2, v0, create_graph=True)\nv4 = v3.sum()\n"
        "v4.backward()\n"
    )


def _attended(padding: str, mask: str) -> str:
    call = "T.nn.functional.multi_head_attention_forward(v0, v0, v0, 2, 1, v1, None, None, None, False, 0.0, v2, None"
    return f"v5, v6 = {call}, True, {padding}, True, {mask})\n"


def _jacobian(leaf: str, fn: str, forward: bool = False) -> str:
    how = ", strategy='forward-mode'" if forward else ""
    return f"{leaf}v1 = T.autograd.functional.jacobian({MAPS[fn]}, v0, vectorize=True{how})\n"


def _checked(fn: str, how: str) -> str:
    return f"{_DOUBLES}v1 = T.autograd.gradcheck({MAPS[fn]}, (v0,), {how})\n"


TEXTS: Final = {
    "leaf_moved_into_the_graph": (
        f"{LEAF}{_OTHER}v2 = T.mul(v0, 2)\nv0.requires_grad_(False)\nv0.mul_(v1)\nv3 = v2.sum()\nv3.backward()\n"
    ),
    "later_result_that_retains_its_gradient_written": (
        "v0 = T.tensor([[2.0, 1.0], [1.0, 3.0]], requires_grad=True)\nv1, v2 = T.linalg.eigh(v0)\n"
        "v2.retain_grad()\nv2.mul_(2)\n"
    ),
    "detached_while_it_retains_its_gradient_written": (
        f"{LEAF}v1 = T.mul(v0, 2)\nv1.retain_grad()\nv1.detach_()\nv1.mul_(v0)\n"
    ),
    "a_number_to_an_inference_tensor": (
        "with T.inference_mode():\n    v0 = T.tensor([1.0, 2.0], requires_grad=True)\nv1 = 2 ** v0\n"
    ),
    "edge_of_a_view_that_was_not_recorded": (
        f"{LEAF}with T.no_grad():\n    v1 = v0.view(-1)\nv2 = T.autograd.graph.get_gradient_edge(v1)\n"
    ),
    "conjugate_modified_that_was_saved": (
        "v0 = T.ones(2, dtype=T.complex64, requires_grad=True)\nv1 = T.mul(v0, 2)\nv2 = v1.conj()\n"
        "v3 = T.mul(v2, v2)\nv4 = v3.abs()\nv5 = v4.sum()\nv1.add_(1)\nv5.backward()\n"
    ),
    "real_numbers_summed_to_complex_ones": f"{LEAF}v1 = v0.sum(dtype=T.complex64)\nv2 = v1.abs()\nv2.backward()\n",
    "gradient_of_wrong_shape_that_nobody_asked_for": (
        f"{LEAF}{_OTHER}v2 = GradsOfWrongShape.apply(v0, v1)\nv3 = v2.sum()\nv4 = T.autograd.grad(v3, v0)\n"
    ),
    "gradient_of_wrong_shape_for_a_result": (
        f"{LEAF}v1 = T.mul(v0, 2)\nv2 = GradOfWrongShape.apply(v1)\nv3 = v2.sum()\nv3.backward()\n"
    ),
    "gradient_that_is_nothing_written": f"{_ZERO}v3.add_(1)\n",
    "gradient_that_is_nothing_written_by_complex_numbers": f"{_ZERO}v3.add_(1j)\n",
    "gradient_that_is_nothing_overwritten": f"{_ZERO}v3.copy_(v1)\n",
    "gradient_for_integers": f"{_INTEGERS}v2 = T.maximum(v0, v1)\nv2.backward()\n",
    "gradient_for_integers_with_a_graph": f"{_INTEGERS}v2 = T.maximum(v0, v1)\nv2.backward(create_graph=True)\n",
    "cast_of_integers_differentiated": f"{_INTEGERS}v2 = v1.to(T.float32)\nv2.backward()\n",
    "dual_resized": f"v0 = T.ones(2)\n{_LEVEL}v1 = T.autograd.forward_ad.make_dual(v0, v0)\n    v1.resize_(1)\n",
    "dual_written_into_an_output": (
        f"v0 = T.ones(2)\nv1 = T.ones(2)\n{_LEVEL}v2 = T.autograd.forward_ad.make_dual(v0, v0)\n"
        "    v3 = T.exp(v2, out=v1)\n"
    ),
    "dual_written_into_an_output_by_an_op_that_is_not_differentiated": (
        f"v0 = T.ones(2)\nv1 = T.ones(2)\n{_LEVEL}v2 = T.autograd.forward_ad.make_dual(v0, v0)\n"
        "    v3 = T.softmax(v2, 0, out=v1)\n"
    ),
    "inference_tensor_resized": "with T.inference_mode():\n    v0 = T.ones(2)\nv0.resize_(1)\n",
    "dual_set_to_other_memory": (
        f"v0 = T.ones(2)\nv1 = T.ones(2)\n{_LEVEL}v2 = T.autograd.forward_ad.make_dual(v0, v1)\n    v2.set_(v1)\n"
    ),
    "dual_reduced_into": (
        f"v0 = T.ones(2)\nv1 = T.tensor([0, 1])\n{_LEVEL}v2 = T.autograd.forward_ad.make_dual(v0, v0)\n"
        "    v3 = v2.clone()\n    v3.scatter_reduce_(0, v1, v0, 'prod')\n"
    ),
    "dual_of_half_precision_gated": (
        f"v0 = T.ones(2, dtype=T.float16)\n{_LEVEL}v1 = T.autograd.forward_ad.make_dual(v0, v0)\n"
        "    v2 = T.nn.functional.glu(v1)\n"
    ),
    "rows_normalized_with_a_bias_alone_differentiated_twice": (
        "v0 = T.tensor([[0.5, 2.0], [1.0, 3.0]], requires_grad=True)\nv1 = T.tensor([0.5, 2.0], requires_grad=True)\n"
        "v2 = T.nn.functional.layer_norm(v0, (2,), None, v1)\nv3 = v2.square()\nv4 = v3.sum()\n"
        "v5, v6 = T.autograd.grad(v4, (v0, v1), create_graph=True)\nv7 = T.add(v5, v6)\nv8 = v7.sum()\nv8.backward()\n"
    ),
    "zeros_reduced_into_one_place_differentiated_twice": (
        f"{LEAF}v1 = T.tensor([0, 0])\nv2 = T.zeros(2, requires_grad=True)\nv3 = v0.scatter_reduce(0, v1, v2, 'prod')\n"
        "v4 = v3.sum()\nv5, v6 = T.autograd.grad(v4, (v0, v2), create_graph=True)\nv7 = T.add(v5, v6)\nv8 = v7.sum()\n"
        "v8.backward()\n"
    ),
    "labels_doubled_by_a_hook": (
        "v0 = T.tensor([[0.5, 2.0]], requires_grad=True)\nv1 = T.tensor([[1, 0]])\n"
        f"with T.autograd.graph.saved_tensors_hooks({SAVED_HOOKS['pack_double']}, {SAVED_HOOKS['pack_same']}):\n"
        "    v2 = T.nn.functional.multilabel_margin_loss(v0, v1)\nv2.backward()\n"
    ),
    "mask_of_attention_of_wrong_shape": f"{_HEADS}v3 = T.zeros(3, 2)\n{_attended('None', 'v3')}",
    "distances_differentiated_twice": _twice("v1 = T.cdist(v0, v0)"),
    "halves_differentiated_twice": (
        "v0 = T.tensor([1.0, 2.0], dtype=T.float16, requires_grad=True)\nv1 = T.i0(v0)\nv2 = v1.sum()\n"
        "v3, = T.autograd.grad(v2, v0, create_graph=True)\nv4 = v3.sum()\nv4.backward()\n"
    ),
    "distances_of_pairs_differentiated_twice": _twice("v1 = T.nn.functional.pdist(v0)"),
    "orthogonal_factor_that_was_not_computed": (
        f"{_TALL}v1, v2 = T.linalg.qr(v0, mode='r')\nv3 = v2.sum()\nv3.backward()\n"
    ),
    "complete_orthogonal_factor_differentiated": (
        f"{_TALL}v1, v2 = T.linalg.qr(v0, mode='complete')\nv3 = v2.sum()\nv3.backward()\n"
    ),
    "orthogonal_factors_in_no_known_mode": f"{_TALL}v1, v2 = T.linalg.qr(v0, mode='x')\n",
    "phases_of_singular_vectors_told": (
        "v0 = T.tensor([[1j, 2.0], [3.0, 1.0]], requires_grad=True)\nv1, v2, v3 = T.linalg.svd(v0)\nv4 = v1.sum()\n"
        "v5 = v4.real\nv5.backward()\n"
    ),
    "groups_normalized_with_a_bias_alone": f"{_GROUPS}v4, v5 = T.autograd.grad(v3, (v0, v1))\n",
    "groups_normalized_with_a_bias_alone_and_a_graph": (
        f"{_GROUPS}v4, v5 = T.autograd.grad(v3, (v0, v1), create_graph=True)\n"
    ),
    "nan_looked_for_in_batches": (
        f"{LEAF}{_MANY}with T.autograd.set_detect_anomaly(True):\n    v2 = T.mul(v0, v0)\n"
        f"    v3 = T.autograd.grad(v2, v0, {_BATCHED})\n"
    ),
    "batch_detached": (
        f"{LEAF}{_MANY}v2 = T.mul(v0, v0)\nv2.register_hook(lambda grad: grad.detach())\n"
        f"v3 = T.autograd.grad(v2, v0, {_BATCHED})\n"
    ),
    "batch_detached_in_a_jacobian": _jacobian(LEAF, "map_detached_gradient"),
    "batch_asked_for_its_number": _jacobian(LEAF, "map_item_of_a_gradient"),
    "batch_asked_whether_it_is_true": _jacobian(LEAF, "map_asks_its_gradient"),
    "batch_asked_for_lists": _jacobian(LEAF, "map_listed_gradient"),
    "batch_asked_for_its_memory": _jacobian(LEAF, "map_stored_gradient"),
    "batch_shown": _jacobian(LEAF, "map_shown_gradient"),
    "batch_copied_into_what_is_none": _jacobian(LEAF, "map_copied_gradient"),
    "batch_added_to_what_is_none": _jacobian(LEAF, "map_added_gradient"),
    "batch_filled_with_random_numbers": _jacobian(LEAF, "map_random", forward=True),
    "batch_of_none_multiplied": _jacobian(_EMPTY, "map_tangent_of_products", forward=True),
    "batch_of_none_filled": _jacobian(_EMPTY, "map_filled", forward=True),
    "batch_of_none_in_forward_mode": _jacobian(_EMPTY, "map_products", forward=True),
    "batch_of_none_gathered": _jacobian(_EMPTY, "map_sorted", forward=True),
    "batch_of_none_written": _jacobian(_EMPTY, "map_in_place", forward=True),
    "batched_gradients_asked_whether_they_are_true": _checked("map_asks_its_gradient", "check_batched_grad=True"),
    "batched_gradients_that_are_others": _checked("map_tired_gradient", "check_batched_grad=True"),
    "batched_tangents_that_are_others": _checked(
        "map_tired", "check_forward_ad=True, check_backward_ad=False, check_batched_forward_grad=True"
    ),
    "complex_tangent_of_real_numbers": _checked(
        "map_complex_tangent", "check_forward_ad=True, check_grad_dtypes=True"
    ),
}
"""Name of the rule to the program that breaks it."""

OTHERS: Final = (
    "v0 = T.ones(2, 3, requires_grad=True)\nv1 = T.ones(3, 2)\nv2 = v1.t()\nv0.grad = v2\nv3 = v0.sum()\n"
    "v3.backward()\n",
    f"{LEAF}v1, v2 = v0.unbind()\nv1.register_hook(lambda grad: grad * 2)\nv2.register_hook(lambda grad: -grad)\n"
    "v3 = T.add(v1, v2)\nv3.backward()\n",
    _jacobian(LEAF, "map_three"),
    f"{_HEADS}v3 = T.zeros(2, 2, dtype=T.bool)\nv4 = T.zeros(1, 2)\n{_attended('v4', 'v3')}",
    "v0 = T.ones(2)\nv1 = T.nn.functional.mse_loss(v0, v0, reduction='elementwise_mean')\n",
    f"{LEAF}v1 = T.mul(v0, 2)\nv1.bernoulli_(1.0)\nv2 = v1.sum()\nv2.backward()\n",
    f"{LEAF}v1 = T.mul(v0, 2)\nv2 = T.ones(2)\nv1.bernoulli_(v2)\nv3 = v1.sum()\nv3.backward()\n",
    "v0 = T.ones(2, requires_grad=True)\nv1 = T.ones(2)\nv1.bernoulli_(v0)\nv2 = v1.sum()\nv2.backward()\n",
    f"{LEAF}v1 = T.ones(2)\nv1.bernoulli_(1.0)\nv1.bernoulli_(1.0)\n",
    f"{LEAF}v1 = T.ones(2)\nv2 = T.ones(2)\nv1.bernoulli_(v2)\nv1.bernoulli_(v2)\n",
    "v0 = T.ones(2)\nv1 = T.ones(3)\nv2 = T.exp(v0, out=v1)\n",
    "v0 = T.ones(3)\nv1 = T.arange(2.0, out=v0)\n",
    "v0 = T.tensor(1.0, dtype=T.complex64)\nv1 = T.tensor([1.0], dtype=T.float16)\nv1.logical_xor_(v0)\n",
    "v0 = T.eye(2)\nv1, v2 = T.linalg.lu_factor(v0)\nv3 = T.lu_solve(v0, v1, v2)\n",
)
"""Programs that no rule holds: what is rare, but not refused."""
