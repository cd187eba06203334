"""Checks on numbers: shapes, dtypes, elements of tensors and of their gradients.

What may live here: which arrays are held against each other. How far they may be apart is `tolerance`'s to
say; each pair of arrays is judged once, by bytes first, and the checks share the judgement.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from oracle import passing
from oracle.checks import Pair, Said, check
from oracle.discrepancy import (
    DtypeDiscrepancy,
    GradDiscrepancy,
    GradientReturnedDiscrepancy,
    GradPresenceDiscrepancy,
    NonFiniteDiscrepancy,
    ShapeDiscrepancy,
    TangentDiscrepancy,
    ValueDiscrepancy,
    ZeroSignDiscrepancy,
)
from oracle.observation import TANGENT
from oracle.tolerance import Difference


@check(ShapeDiscrepancy, "shape")
def shapes(pair: Pair) -> Iterator[Said]:
    for name, ours, theirs in pair.tensors:
        if tuple(ours.shape) != tuple(theirs.shape):
            detail = f"shape is {tuple(ours.shape)}, reference has {tuple(theirs.shape)}"
            yield Said(name, detail, ours.shape, theirs.shape)


@check(DtypeDiscrepancy, "dtype")
def dtypes(pair: Pair) -> Iterator[Said]:
    for name, ours, theirs in pair.tensors:
        if ours.dtype != theirs.dtype:
            detail = f"dtype is {ours.dtype}, reference has {theirs.dtype}"
            yield Said(name, detail, ours.dtype, theirs.dtype)


def _of_kind(pair: Pair, kind: str) -> Iterator[tuple[str, Difference, Any, Any]]:
    for name, ours, theirs in pair.tensors:
        found = pair.judged(name, ours, theirs)
        if found is not None and found.kind == kind:
            yield name, found, ours.value, theirs.value


@check(NonFiniteDiscrepancy, "value")
def non_finite(pair: Pair) -> Iterator[Said]:
    """NaNs and infinities in other places, before any magnitude."""
    for name, found, ours, theirs in _of_kind(pair, "non-finite"):
        yield Said(name, found.detail + passing.beside(pair, name), ours, theirs, pair.last_write(name))


@check(ValueDiscrepancy, "value")
def values(pair: Pair) -> Iterator[Said]:
    """Elements of tensors other than returned gradients."""
    for name, found, ours, theirs in _of_kind(pair, "value"):
        if name.partition("[")[0] not in pair.gradients:
            yield Said(name, found.detail + passing.beside(pair, name), ours, theirs, pair.last_write(name))


@check(GradientReturnedDiscrepancy, "value")
def gradients_returned(pair: Pair) -> Iterator[Said]:
    """Elements of the gradients that `autograd.grad` returned."""
    for name, found, ours, theirs in _of_kind(pair, "value"):
        if name.partition("[")[0] in pair.gradients:
            yield Said(name, found.detail + passing.beside(pair, name), ours, theirs, pair.last_write(name))


@check(ZeroSignDiscrepancy, "value")
def zero_signs(pair: Pair) -> Iterator[Said]:
    for name, found, ours, theirs in _of_kind(pair, "zero-sign"):
        yield Said(name, found.detail + passing.beside(pair, name), ours, theirs, pair.last_write(name))


@check(TangentDiscrepancy, "tangent")
def tangents(pair: Pair) -> Iterator[Said]:
    """Presence, shape, dtype, history and elements of tangents, where neither side stopped alone."""
    if pair.stopped:
        return  # counted where tensors are
    ours, theirs = ({name for name in side.names if TANGENT in name} for side in (pair.subject, pair.reference))
    for name in sorted(ours ^ theirs):
        mine, its = ("a tensor" if name in names else "None" for names in (ours, theirs))
        owner = name.partition(TANGENT)[0]
        yield Said(owner, f"tangent is {mine}, reference has {its}", mine, its, pair.last_write(owner))
    for name, mine_facts, its_facts in pair.tangents:
        owner = name.partition(TANGENT)[0]
        at = pair.last_write(owner)
        for word in ("shape", "dtype", "requires_grad", "grad_fn"):
            one, other = getattr(mine_facts, word), getattr(its_facts, word)
            if one != other:
                yield Said(owner, f"{word} of the tangent is {one}, reference has {other}", one, other, at)
                break
        else:
            found = pair.judged(name, mine_facts, its_facts)
            if found is not None:
                yield Said(owner, f"in the tangent, {found.detail}", mine_facts.value, its_facts.value, at)


@check(GradPresenceDiscrepancy, "grad")
def grads_present(pair: Pair) -> Iterator[Said]:
    """None is not zero."""
    for name, ours, theirs in pair.tensors:
        if (ours.grad is None) != (theirs.grad is None):
            mine, its = ("None" if grad is None else "a tensor" for grad in (ours.grad, theirs.grad))
            yield Said(name, f"grad is {mine}, reference has {its}", ours.grad, theirs.grad, pair.last_query(name))


@check(GradDiscrepancy, "grad")
def grads(pair: Pair) -> Iterator[Said]:
    """Shape, dtype and elements of `.grad`, where both have one."""
    for name, ours, theirs in pair.tensors:
        if ours.grad is None or theirs.grad is None or ours.grad is theirs.grad:
            continue
        for word, mine, its in (
            ("shape of grad", np.shape(ours.grad), np.shape(theirs.grad)),
            ("dtype of grad", ours.grad_dtype, theirs.grad_dtype),
        ):
            if mine != its:
                detail = f"{word} is {mine}, reference has {its}"
                yield Said(name, detail, ours.grad, theirs.grad, pair.last_query(name))
                break
        else:
            found = pair.judged_grad(name, ours, theirs)
            if found is not None:
                detail = f"in grad, {found.detail}"
                yield Said(name, detail, ours.grad, theirs.grad, pair.last_query(name))
