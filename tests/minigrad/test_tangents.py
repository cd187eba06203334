"""Tangents are computed as torch computes them: not only their values agree, but what they are recorded to be made of.

What may live here: the ops whose tangents torch composes of other ops, asked with the programs of docs/ops.md.
"""

from __future__ import annotations

import warnings

import pytest
import torch

from oracle.check import require_agreement
from oracle.opset import OPS
from tests.docs.op_cases import programs
from tests.minigrad.op_programs import MINIGRAD, TORCH
from tests.minigrad.side_by_side import assert_prints_the_same

COMPOSED = (
    "addmm", "addmv", "addr", "baddbmm", "addbmm", "prod", "prod.dim", "var", "std", "var_mean", "std_mean", "softmax",
    "logsumexp", "norm", "dist", "renorm", "max", "amax", "aminmax", "nanmedian", "cumprod", "quantile",
    "scatter_reduce", "linalg.slogdet", "linalg.cholesky", "linalg.eigh", "linalg.svd", "linalg.pinv",
    "linalg.lu_solve", "linalg.matrix_norm", "nn.functional.glu", "nn.functional.layer_norm",
    "nn.functional.group_norm", "nn.functional.batch_norm", "nn.functional.mse_loss", "cholesky",
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def warned() -> None:
    """The first dual tensor of a process makes torch warn of its own use of torch.jit."""
    with warnings.catch_warnings(), torch.autograd.forward_ad.dual_level():
        warnings.simplefilter("ignore")
        torch.autograd.forward_ad.make_dual(torch.ones(1), torch.ones(1))


@pytest.mark.parametrize("name", COMPOSED)
def test_a_tangent_is_composed_as_in_torch(name: str) -> None:
    asked = list(programs(OPS[name], "forward-mode"))
    assert asked
    for program in asked:
        require_agreement(program, MINIGRAD, TORCH)


@pytest.mark.parametrize("loss", ["mse_loss", "smooth_l1_loss", "soft_margin_loss", "binary_cross_entropy", "l1_loss"])
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_a_loss_has_room_for_as_many_elements_as_in_torch(loss: str, reduction: str) -> None:
    assert_prints_the_same(
        f"x = T.tensor([[0.25, 0.5, 0.75], [0.5, 0.25, 1.0]])\n"
        f"print(T.nn.functional.{loss}(x, x * 0.5, reduction={reduction!r}).untyped_storage().nbytes())"
    )


def test_tangents_of_scatter_reduce_leave_out_what_was_there_before() -> None:
    assert_prints_the_same("""
x, s = T.tensor([1.0, 2.0, 3.0]), T.tensor([1.0, 3.0, 2.0])
with T.autograd.forward_ad.dual_level():
    d = T.autograd.forward_ad.make_dual(x, T.tensor([1.0, 5.0, 7.0]))
    e = T.autograd.forward_ad.make_dual(s, T.tensor([10.0, 20.0, 30.0]))
    for reduce in ("sum", "mean", "amax", "amin", "prod"):
        for include_self in (True, False):
            y = d.scatter_reduce(0, T.tensor([0, 0, 1]), e, reduce, include_self=include_self)
            print(reduce, include_self, T.autograd.forward_ad.unpack_dual(y).tangent)
""")


@pytest.mark.parametrize("call", ["d * d", "d.sin()", "d.exp()", "(d * 2).sin()", "d / w", "d.norm()", "d.softmax(0)"])
def test_the_primals_of_a_tangent_stand_behind_identities(call: str) -> None:
    assert_prints_the_same(f"""
def graph(node):
    return "-" if node is None else node.name() + str([graph(one) for one, _ in node.next_functions])
x, w, t = (T.tensor([1.0, 2.0], requires_grad=True) for _ in range(3))
with T.autograd.forward_ad.dual_level():
    d = T.autograd.forward_ad.make_dual(x, t)
    print(graph(T.autograd.forward_ad.unpack_dual({call}).tangent.grad_fn))
""")


@pytest.mark.parametrize("norm", ["T.group_norm(x, 3, w, b)", "T.nn.functional.layer_norm(x, (3,), w, b)",
                                  "T.nn.functional.batch_norm(x, None, None, w, b, training=True)"])  # fmt: skip
def test_terms_of_norms_are_written_in_place_where_all_have_memory(norm: str) -> None:
    assert_prints_the_same(f"""
def graph(node):
    return "-" if node is None else node.name() + f"({{' '.join(graph(one) for one, _ in node.next_functions)}})"
leaves = (T.tensor([[0.5, 1.5, -1.0], [2.0, 1.0, 0.25]], requires_grad=True),
          T.tensor([1.0, 2.0, 3.0], requires_grad=True), T.tensor([3.0, 2.0, 1.0], requires_grad=True))
for carrying in range(1, 8):
    for dtype in (T.float32, T.float64):
        with T.autograd.forward_ad.dual_level():
            x, w, b = (T.autograd.forward_ad.make_dual(one, (one.detach() * 2).to(dtype)) if carrying >> k & 1 else one
                       for k, one in enumerate(leaves))
            tangent = T.autograd.forward_ad.unpack_dual({norm}).tangent
            print(carrying, tangent.dtype, tangent._version, tangent, graph(tangent.grad_fn))
""")
