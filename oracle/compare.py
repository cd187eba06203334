"""Two Observations in, Discrepancies out.

What may live here: the list of checks in the order in which they are asked, and the fast path for what is
equal to the byte. Presence comes first, so that missing, extra and None never fall through later checks.

To compare one thing more, write one generator under `@check(KindOfDiscrepancy, "fact")` in a `compare_*`
file and add it here; a planted bug in tests/quality must trip it.
"""

from __future__ import annotations

from collections.abc import Iterator

from oracle import compare_course, compare_facts, compare_values
from oracle.checks import Check, Counts, Measure, Pair
from oracle.discrepancy import Discrepancy
from oracle.observation import FACTS, HookCall, Observation, arrays_in
from oracle.plain import same_to_the_byte
from oracle.program.language import Program

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
    compare_values.grads_present,
    compare_values.grads,
    compare_course.hooks,
    compare_course.graph,
    compare_course.warnings,
    compare_course.prints,
)


def compare(
    subject: Observation,
    reference: Observation,
    program: Program,
    facts: frozenset[str] = FACTS,
    *,
    measure: Measure | None = None,
    coarse: Measure | None = None,
    counts: Counts | None = None,
) -> Iterator[Discrepancy]:
    """Each difference between two observations of `program`, in the order of CHECKS.

    Only `facts` are compared; the others are counted as skipped. `measure` and `coarse` give the reference's
    reruns in float64 and in float32, and are called only for values that differ by more than the ops allow.
    `counts`, if given, is added to.
    """
    if counts is not None:
        counts.skipped.update(reference.left_out)
    if facts == FACTS and _same(subject, reference):
        if counts is not None:
            counts.exact += sum([arrays_in(row) for row in (reference.rows or {}).values()])
        return
    pair = Pair(subject, reference, program, (measure or _unknown, coarse or _unknown))
    for one in CHECKS:
        if one.fact in facts:
            yield from one.run(pair)
        else:
            pair.counts.skipped[f"{one.fact}: not reported by an engine"] += 1
    if counts is not None:
        counts.add(pair.counts)


def _same(subject: Observation, reference: Observation) -> bool:
    """Whether two observations that nobody looked into are equal to the byte, see Note [Rows]."""
    return (
        subject.rows is not None
        and subject.left_out == reference.left_out
        and subject.rows == reference.rows
        and subject.outcomes == reference.outcomes
        and subject.graph == reference.graph
        and _same_hooks(subject.hooks, reference.hooks)
        and subject.warnings == reference.warnings
        and subject.prints == reference.prints
    )


def _same_hooks(ours: tuple[HookCall, ...], theirs: tuple[HookCall, ...]) -> bool:
    return len(ours) == len(theirs) and all(
        mine.hook == its.hook and mine.during == its.during and same_to_the_byte(mine.values, its.values)
        for mine, its in zip(ours, theirs, strict=True)
    )


def _unknown() -> None:
    """No rerun."""
