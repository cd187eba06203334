"""Arguments that fit no overload are refused in torch's words, whatever op it is and however it is called."""

from __future__ import annotations

import json

import pytest
import torch

from minigrad.registry import FUNCTIONS, METHODS
from tests.minigrad import overloads
from tests.minigrad.side_by_side import assert_same, lines

BEFORE = "x = T.ones(2, 3)\n"
CALLS = lines("""
    T.mul(x, [1])
    x.mul([1])
    x.mul()
    x.mul(x, x)
    T.mul(x)
    T.mul(other=x)
    T.mul(x, 2, nonsense=1)
    x.add(x, x, nonsense=1)
    x.add("x")
    T.add(x, x, alpha="x")
    x.exp(1)
    T.exp()
    T.exp(x, x)
    T.exp(x, out=1)
    x.true_divide([1])
    T.true_divide(x, [1.])
    T.fill("x", value=1.0)
    T.count_nonzero([1], dim=1)
    x.count_nonzero(dim=1.5)
    T.squeeze([1], dim=1)
    T.vsplit("x", (1, 2))
    T.view_copy(x, (1,), 1, 1)
    x.view()
    x.view("x")
    x.view(1.5)
    x.reshape("x")
    x.expand()
    x.permute(1.5)
    x.transpose(1)
    x.transpose(1, 1.5)
    x.sum("x")
    x.sum(dim="x")
    x.mean("x")
    x.std(unbiased="x")
    x.var(1, 2, 3, 4)
    x.clamp("x")
    x.topk()
    T.topk(x, 1, 1.5)
    T.cat(x)
    T.cat([x, 1])
    T.stack([1, x])
    T.index_put(x, (1,), x)
    x.index_select(0, [1])
    x.gather(1.5, x)
    x.scatter(0, x)
    x.masked_fill(x, "x")
    x.softmax("x")
    T.where(x, 1)
    T.where(True, x, x)
    T.norm()
    x.norm("x", 1, 2, 3, 4)
    x.split()
    T.pow("x", x)
    T.rsub(x, "x")
    T.polygamma(1.5, x)
    x.polygamma(1.5)
    T.addmm(x, x, x, beta="x")
    x.addmm(x)
    T.lerp(x, x, "x")
    T.div(x, x, rounding_mode=1)
    T.nn.functional.linear(x)
    T.nn.functional.relu()
    T.nn.functional.conv2d(x, x, stride="x")
    T.nn.functional.softplus(x, "x")
    T.linalg.inv()
    T.linalg.solve(x)
    T.linalg.norm(x, [1])
    T.fft.fft(x, "x")
    T.special.expm1(x, 1)
    x.mul_("x")
    x.addcmul_(x)
    x.zero_(1)
    x.copy_(1)
""")


@pytest.mark.parametrize("call", CALLS)
def test_arguments_that_fit_no_overload_are_refused_in_torchs_words(call: str) -> None:
    assert_same(BEFORE + call)


def test_what_fits_keeps_its_own_error() -> None:
    assert_same(BEFORE + "T.matmul(x, x)")
    assert_same(BEFORE + "x.view(7)")
    assert_same(BEFORE + "x.sum(5)")


def test_the_overloads_are_those_of_this_torch() -> None:
    assert json.loads(overloads.PATH.read_text("utf-8")) == overloads.written()


def test_nearly_everything_that_is_published_can_be_explained() -> None:
    told = overloads.written()
    assert len(told["function"]) > 0.95 * sum(overloads._found(torch, name) is not None for name in FUNCTIONS)
    assert len(told["method"]) > 0.95 * sum(hasattr(torch.Tensor, name) for name in METHODS)
