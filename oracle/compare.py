"""Two Observations in, Discrepancies out.

What may live here: the list of checks in the order in which they are asked, and the fast path for what is
equal to the byte. Presence comes first, so that missing, extra and None never fall through later checks.

To compare one thing more, write one generator under `@check(KindOfDiscrepancy, "fact")` in a `compare_*`
file and add it here; a planted bug in tests/quality must trip it.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterator
from itertools import compress

from oracle import compare_course, compare_facts, compare_values
from oracle.checks import Check, Counts, Pair
from oracle.discrepancy import Discrepancy
from oracle.observation import FACTS, Columns, HookCall, Observation
from oracle.operands import Run
from oracle.plain import same_to_the_byte
from oracle.program.program import Program
from oracle.tolerance import allowed_units, near

CHECKS: tuple[Check, ...] = (
    compare_course.presence,
    compare_course.missing_errors,
    compare_course.unexpected_errors,
    compare_course.error_types,
    compare_course.error_texts,
    compare_course.returned,
    compare_values.shapes,
    compare_values.dtypes,
    compare_facts.requires_grad,
    compare_facts.leaves,
    compare_facts.grad_fns,
    compare_facts.output_numbers,
    compare_facts.versions,
    compare_facts.views,
    compare_facts.bases,
    compare_facts.aliases,
    compare_facts.identities,
    compare_facts.retained,
    compare_facts.strides,
    compare_values.non_finite,
    compare_values.values,
    compare_values.gradients_returned,
    compare_values.zero_signs,
    compare_values.tangents,
    compare_values.grads_present,
    compare_values.grads,
    compare_course.hooks,
    compare_course.graph,
    compare_course.saved,
    compare_course.warnings,
    compare_course.prints,
)


def compare(
    subject: Observation,
    reference: Observation,
    program: Program,
    facts: frozenset[str] = FACTS,
    *,
    measure: Run | None = None,
    coarse: Run | None = None,
    run: Run | None = None,
    again: Run | None = None,
    counts: Counts | None = None,
) -> Iterator[Discrepancy]:
    """Each difference between two observations of `program`, in the order of CHECKS.

    Only `facts` are compared; the others are counted as not reported. `measure` and `coarse` give the reference's
    reruns in float64 and in float32, and are called only for values that differ by more than the ops allow; so is
    `run`, which has the reference run another program (see operands.Note [Own operands]), and `again`, which has the
    subject do so. `counts`, if given, is added to.
    """
    ours, theirs = subject.columns, reference.columns
    if facts == FACTS and ours is not None and theirs is not None and _same_course(subject, reference):
        found = Counts(exact=theirs.arrays) if ours == theirs else _within_tolerance(ours, theirs, program)
        if found is not None:
            if counts is not None:
                counts.add(found)
            return
    pair = Pair(subject, reference, program, (measure or _unknown, coarse or _unknown), run, again)
    for one in CHECKS:
        if one.fact in facts:
            yield from one.run(pair)
    if counts is not None:
        counts.add(pair.counted(facts))


def _same_course(subject: Observation, reference: Observation) -> bool:
    """Whether two runs are equal in everything but the facts of their tensors."""
    return (
        subject.outcomes == reference.outcomes
        and subject.graph == reference.graph
        and _same_hooks(subject.hooks, reference.hooks)
        and (subject.warnings == reference.warnings or compare_course.same_warnings(subject, reference))
        and subject.prints == reference.prints
    )


def _within_tolerance(ours: Columns, theirs: Columns, program: Program) -> Counts | None:
    """A quick yes, counted, for tensors that differ in elements alone and no more than the program's ops allow.

    None means that nobody knows yet. The same rules as `Pair.judged`'s, without making arrays.
    """
    if ours._replace(value=theirs.value, grad=theirs.grad) != theirs or (ours.grad is None) != (theirs.grad is None):
        return None
    counts, units = Counts(), allowed_units(program)
    held = [shape is not None for shape in theirs.grad_shape]
    for mine, its, dtypes, shapes in (
        (ours.value, theirs.value, theirs.dtype, theirs.shape),
        (ours.grad, theirs.grad, compress(theirs.grad_dtype, held), compress(theirs.grad_shape, held)),
    ):
        if mine is None or its is None:
            continue
        for one, other, dtype, shape in zip(marshal.loads(mine), marshal.loads(its), dtypes, shapes, strict=True):
            if marshal.dumps(one, 2) == marshal.dumps(other, 2):
                counts.exact += 1
            elif near(one, other, dtype, len(shape), units):
                counts.tolerated += 1
            else:
                return None
    return counts


def _same_hooks(ours: tuple[HookCall, ...], theirs: tuple[HookCall, ...]) -> bool:
    return len(ours) == len(theirs) and all(
        mine.hook == its.hook and mine.during == its.during and same_to_the_byte(mine.values, its.values)
        for mine, its in zip(ours, theirs, strict=True)
    )


def _unknown(program: Program) -> None:
    """No rerun."""
