"""Reductions, scans, sorting, softmax and norms against torch, up to the second gradient, and their ties."""

from __future__ import annotations

import re

import pytest

from tests.minigrad.op_programs import disagreements, programs

PLAIN = "[[1.5, -2.0, 3.0], [0.5, 5.0, 2.0]]"
TIED = "[[2.0, 2.0, 0.0], [0.0, 2.0, 0.0]]"

ONE = """
sum() sum(0) sum((0, 1), True) sum(-1, keepdim=True) mean() mean(1) mean((0, 1))
nansum(0) nanmean() nanmean(1) prod() prod(0) prod(1, True) max() min() amax() amax(0) amin((0, 1))
amax(1, True) median() nanmedian()
std() std(0) std(dim=1, correction=0) var() var((0, 1)) var(1, keepdim=True) var(unbiased=False)
cumsum(0) cumsum(-1) cumprod(0) cumprod(1) logcumsumexp(1) diff() diff(n=2) diff(dim=0) msort()
softmax(0) softmax(-1) log_softmax(1) logsumexp(0) logsumexp((0, 1), True)
norm() norm(1) norm(3, 1) norm(2, 0, True) norm(float('inf'), 1) renorm(2, 0, 1.0)
quantile(0.5) quantile(0.25, 0) nanquantile(0.75, 1) sum_to_size(3) sum_to_size(())
"""

SEVERAL = """
max(0) min(1) max(1, True) median(0) nanmedian(1) mode() mode(0) kthvalue(2) kthvalue(1, 0) aminmax()
aminmax(dim=1) cummax(0) cummin(1) sort() sort(0, True) sort(stable=True) topk(2) topk(1, 0, False)
"""

PAIRS = "std_mean(v0) var_mean(v0, 1)"

WITHOUT_GRADIENT = """
argmax() argmin(1) argmax(0, True) any() all(0) any((0, 1)) count_nonzero() count_nonzero(1) argsort(1)
"""

OF_TWO = """
dist(v0, v1) dist(v0, v1, 1) dist(v0, v1, 3) trapezoid(v0, v1) trapezoid(v0) cumulative_trapezoid(v0, v1)
cumulative_trapezoid(v0, dx=0.5)
"""

EDGES = """
v1.max() v1.amax() v1.argmax() v2.max(1) v2.amax(1) v2.argmax(1) v0.max(3) v0.sum((0, 0))
v0.kthvalue(9) v0.topk(9) v0.quantile(2.0) v3.mean() v3.std() v3.quantile(0.5) v3.norm() v3.softmax(0)
v0.cumsum(5)
v1.norm(float('inf')) v1.aminmax() v1.kthvalue(1) v1.mode() v1.quantile(0.5) T.diff(v4) v0.sum_to_size(7)
v0.logsumexp(4) v0.sort(2) v1.mean() v1.sum() v1.prod() v1.median() v1.sort() v1.cumsum(0)
"""


def calls(table: str) -> list[str]:
    """The calls of a table, at most two brackets deep."""
    return re.findall(r"[\w.]+\((?:[^()]|\([^()]*\))*\)", table)


@pytest.mark.parametrize("data", [PLAIN, TIED], ids=["plain", "tied"])
@pytest.mark.parametrize("call", calls(ONE))
def test_reductions_agree_up_to_the_second_gradient(call: str, data: str) -> None:
    if data is TIED and call.startswith(("logcumsumexp", "softmax", "log_softmax")):
        pytest.skip("second gradients that cancel to nothing are compared in units of what is left")
    assert disagreements(programs(f"v0.{call}", (data, "float64"))) == []


@pytest.mark.parametrize("data", [PLAIN, TIED], ids=["plain", "tied"])
@pytest.mark.parametrize("call", calls(SEVERAL))
def test_what_gives_values_and_indices_agrees(call: str, data: str) -> None:
    assert disagreements(programs(f"v0.{call}", (data, "float64"), results=2)) == []


@pytest.mark.parametrize("call", calls(PAIRS))
def test_moments_in_pairs_agree(call: str) -> None:
    assert disagreements(programs(f"T.{call}", (PLAIN, "float64"), results=2)) == []


@pytest.mark.parametrize("call", calls(WITHOUT_GRADIENT))
def test_what_carries_no_gradient_agrees(call: str) -> None:
    assert disagreements(programs(f"v0.{call}", (TIED, "float64"))) == []


@pytest.mark.parametrize("call", calls(OF_TWO))
def test_functions_of_two_agree(call: str) -> None:
    leaves = (("[1.5, -2.0, 3.0]", "float64"), ("[0.25, 1.0, 1.5]", "float64"))
    assert disagreements(programs(f"T.{call}", *leaves)) == []


@pytest.mark.parametrize("call", calls(EDGES))
def test_edges_and_refusals_are_torchs(call: str) -> None:
    leaves = (
        "v0 = T.tensor([[1.0, 2.0]])",
        "v1 = T.zeros((0,))",
        "v2 = T.zeros((2, 0))",
        "v3 = T.tensor([1, 2])",
        "v4 = T.tensor(1.0)",
    )
    one = "v5, v6" if call.startswith(("v1.sort", "v1.aminmax", "v0.sort", "v0.kth", "v0.topk")) else "v5"
    assert disagreements(["\n".join([*leaves, f"{one} = {call}"])]) == []
