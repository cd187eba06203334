"""Checks on the facts of each tensor that are no numbers: flags, history, views, aliases.

What may live here: one generator per fact. Facts are compared where both sides have the tensor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from oracle import passing
from oracle.checks import Pair, Said, check
from oracle.discrepancy import (
    AliasDiscrepancy,
    GradFnDiscrepancy,
    IdentityDiscrepancy,
    LeafDiscrepancy,
    OutputNrDiscrepancy,
    RequiresGradDiscrepancy,
    RetainsGradDiscrepancy,
    StridesDiscrepancy,
    VersionDiscrepancy,
    ViewDiscrepancy,
)
from oracle.observation import TensorFacts


def _differing(pair: Pair, word: str, fact: Callable[[TensorFacts], Any]) -> Iterator[Said]:
    """Every tensor of which `fact` differs, said with `word`."""
    for name, ours, theirs in pair.tensors:
        mine, its = fact(ours), fact(theirs)
        if mine != its and not pair.same_text(mine, its):
            yield Said(name, f"{word} is {mine}, reference has {its}", mine, its, pair.last_touch(name))


@check(RequiresGradDiscrepancy, "requires_grad")
def requires_grad(pair: Pair) -> Iterator[Said]:
    yield from _differing(pair, "requires_grad", lambda tensor: tensor.requires_grad)


@check(LeafDiscrepancy, "is_leaf")
def leaves(pair: Pair) -> Iterator[Said]:
    yield from _differing(pair, "is_leaf", lambda tensor: tensor.is_leaf)


@check(GradFnDiscrepancy, "grad_fn")
def grad_fns(pair: Pair) -> Iterator[Said]:
    yield from _differing(pair, "grad_fn", lambda tensor: tensor.grad_fn)


@check(OutputNrDiscrepancy, "output_nr")
def output_numbers(pair: Pair) -> Iterator[Said]:
    yield from _differing(pair, "output_nr", lambda tensor: tensor.output_nr)


@check(VersionDiscrepancy, "version")
def versions(pair: Pair) -> Iterator[Said]:
    for said in _differing(pair, "_version", lambda tensor: tensor.version):
        yield said._replace(detail=said.detail + passing.beside(pair, said.where))


@check(ViewDiscrepancy, "is_view")
def views(pair: Pair) -> Iterator[Said]:
    yield from _differing(pair, "_is_view()", lambda tensor: tensor.is_view)


@check(ViewDiscrepancy, "base")
def bases(pair: Pair) -> Iterator[Said]:
    yield from _differing(pair, "_base", lambda tensor: tensor.base)


@check(AliasDiscrepancy, "alias")
def aliases(pair: Pair) -> Iterator[Said]:
    yield from _differing(pair, "the first name with its storage", lambda tensor: tensor.alias)


@check(IdentityDiscrepancy, "same_object")
def identities(pair: Pair) -> Iterator[Said]:
    yield from _differing(pair, "the earlier name of the same object", lambda tensor: tensor.same_object)


@check(RetainsGradDiscrepancy, "retains_grad")
def retained(pair: Pair) -> Iterator[Said]:
    yield from _differing(pair, "retains_grad", lambda tensor: tensor.retains_grad)


@check(StridesDiscrepancy, "strides")
def strides(pair: Pair) -> Iterator[Said]:
    """Strides matter only in dimensions of more than one element, of tensors that have elements."""
    for name, ours, theirs in pair.tensors:
        if ours.shape != theirs.shape or ours.strides == theirs.strides or 0 in theirs.shape:
            continue
        steps = zip(theirs.shape, ours.strides, theirs.strides, strict=True)
        if any(size > 1 and mine != its for size, mine, its in steps):
            detail = f"stride() is {ours.strides}, reference has {theirs.strides}"
            yield Said(name, detail, ours.strides, theirs.strides, pair.last_write(name))
