"""Triage: one cause, one finding. Signatures of discrepancies, folding of those that follow from others.

What may live here: naming a cause so that the name survives other runs, other names, other numbers. Whether a
finding is anyone's fault is the referee's question; whether it is new, the known list's.

A signature reads `kind|op|detail` and, where it is so, `|an output is itself an input`. The op of a forward
difference is the one that made or last wrote the tensor; that of a gradient is the ops between the leaf and
the output. It is exact on a reduced program; on an unreduced one it is the name of a heap to reduce from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from oracle.dataflow import NUMBERS_STAY, followers, gradient_path, makers, op_name
from oracle.discrepancy import Discrepancy, Finding
from oracle.literals import read_leaf
from oracle.passing import PASSED
from oracle.program.edit import is_creation, is_query, made_of, reads
from oracle.program.language import Instruction
from oracle.program.program import Program

GRADIENT_KINDS = frozenset({"gradient", "grad", "grad-presence", "hook"})
OUTCOME_KINDS = frozenset({"missing-error", "unexpected-error", "error-type", "error-text"})
ENDING_KINDS = frozenset({"crash", "hang", "memory"})
MAGNITUDE_KINDS = frozenset({"value", "gradient", "grad", "hook", "zero-sign", "non-finite", "repr", "tangent"})
"""Kinds whose detail tells numbers and places, which say nothing about the cause."""

ITSELF = "an output is itself an input"
CHANGED = "a leaf that nothing writes changed"
KINDS_OF_A_WRITE = ("value", "gradient", "non-finite", "zero-sign", "version")
"""What shows that something was written: in the leaf itself, and in all that may share its memory."""


def without_addresses(text: str) -> str:
    """Memory addresses differ from run to run."""
    return re.sub(r"0x[0-9a-fA-F]+", "0x", text)


def without_names(text: str) -> str:
    """Names of the program (v3, h0) depend on what stands before them."""
    return re.sub(r"\b[vh]\d+\b", "v", text)


def without_numbers(text: str) -> str:
    """Numbers, and runs and brackets of them, depend on the values and shapes that happened to be drawn."""
    text = re.sub(r"(?<![A-Za-z_\d.])[-+]?\d+(\.\d*)?(e[-+]?\d+)?j?(?![A-Za-z_\d])", "N", text)
    previous = None
    while previous != text:
        previous = text
        text = re.sub(r"N,? ?N", "N", text)
        text = re.sub(r"(?<!\w)[\[(]\s*(N,?)?\s*[\])]", "N", text)
    return text


def normalised(text: str) -> str:
    """A detail or an error's text without what differs from run to run and program to program."""
    return " ".join(without_numbers(without_names(without_addresses(text))).split())


@dataclass(frozen=True, slots=True)
class Cause:
    """What a signature is made of: equal for two programs that fail in the same way."""

    kind: str
    ops: frozenset[str]
    detail: str
    itself: bool = False

    def __str__(self) -> str:
        parts = [self.kind, "+".join(sorted(self.ops)) or "-", self.detail]
        return "|".join([*parts, ITSELF] if self.itself else parts)


def place(discrepancy: Discrepancy, program: Program) -> int:
    """The instruction that a discrepancy is blamed on: a tensor's last write, or where an outcome came."""
    index = discrepancy.index if discrepancy.index is not None else len(program) - 1
    if discrepancy.kind in OUTCOME_KINDS or discrepancy.kind in GRADIENT_KINDS:
        return index
    if discrepancy.kind == "retains-grad":
        for at, one in enumerate(program.instructions):
            if one.op == "retain_grad" and reads(one) == (discrepancy.where,):
                return at
    made = makers(program).get(discrepancy.where, [index])
    if _changed_leaf(discrepancy, program):
        asked = [at for at, one in enumerate(program.instructions) if is_query(one) and at > made[0]]
        return asked[-1] if asked else made[0]
    return made[0] if discrepancy.kind == "alias" and _is_grad(discrepancy.where, program) else made[-1]


def _is_grad(name: str | None, program: Program) -> bool:
    """Whether a name stands for what `.grad` was: where that lies is not changed by writes to it."""
    made = makers(program).get(name or "", [])
    return bool(made) and (program.instructions[made[0]].form, program.instructions[made[0]].op) == ("get", "grad")


def _changed_leaf(discrepancy: Discrepancy, program: Program) -> bool:
    """Whether it is about numbers or version of a leaf, or of what shares its memory, that nothing writes: a pass wrote
    into what it got."""
    made = makers(program).get(discrepancy.where, [])
    leaf = (
        bool(made)
        and all(program.instructions[at].op in NUMBERS_STAY for at in made[1:])
        and is_creation(program.instructions[made[0]])
    )
    return (
        discrepancy.kind in KINDS_OF_A_WRITE
        and (leaf or (bool(made) and PASSED in discrepancy.detail))
        and any(is_query(one) for one in program.instructions[made[0] :])
    )


def cause(discrepancy: Discrepancy, program: Program) -> Cause:
    """What a discrepancy of `program` is about, stable across runs."""
    kind = discrepancy.kind
    detail = _detail(discrepancy, program)
    instructions = program.instructions
    if _changed_leaf(discrepancy, program):
        return Cause("value", frozenset({"backward"}), CHANGED)
    if not about_gradient(discrepancy, program):
        at = place(discrepancy, program)
        ops = {op_name(instructions[at])} if 0 <= at < len(instructions) else set()
        return Cause(kind, frozenset(ops), detail)
    index = discrepancy.index
    in_grad = kind in ("grad", "grad-presence")
    path = gradient_path(program, discrepancy.where if in_grad else None, None if in_grad else index)
    if kind in MAGNITUDE_KINDS and kind != "hook":
        kind = "gradient"  # returned, or accumulated in .grad: the rule that is wrong is the same
    ops = {op_name(instructions[i]) for i in path.indexes}
    if not ops and index is not None and index < len(instructions):
        ops = {op_name(instructions[index])}
    return Cause(kind, frozenset(ops), detail, path.output_is_input)


def about_gradient(discrepancy: Discrepancy, program: Program) -> bool:
    """Whether the difference came out of a backward pass, so that the ops it passed through are suspects."""
    if discrepancy.kind in GRADIENT_KINDS:
        return True
    index = discrepancy.index
    if index is None or discrepancy.kind not in ("value", "non-finite", "zero-sign", "shape", "dtype"):
        return False
    return 0 <= index < len(program) and program.instructions[index].op in ("autograd.grad", "grad")


def signature(discrepancy: Discrepancy, program: Program) -> str:
    """The name of the cause: same for every run and program in which the same thing goes wrong."""
    return str(cause(discrepancy, program))


def _detail(discrepancy: Discrepancy, program: Program) -> str:
    """What differs, as far as it tells causes apart."""
    if discrepancy.kind == "alias":
        alone = discrepancy.subject in (None, discrepancy.where) or (
            _is_grad(discrepancy.where, program) and _is_grad(discrepancy.subject, program)
        )
        return "shares no memory, reference does" if alone else "shares memory otherwise than the reference"
    if discrepancy.kind not in MAGNITUDE_KINDS:
        return normalised(discrepancy.detail)
    pattern = _pattern(discrepancy.subject, discrepancy.reference)
    return pattern or "differs"


def _pattern(subject: Any, reference: Any) -> str:
    """How two arrays part: which of nan, inf and finite stands against which; "" where all are finite."""
    if not (isinstance(subject, np.ndarray) and isinstance(reference, np.ndarray)):
        return ""
    if subject.shape != reference.shape:
        return "shape"
    if subject.dtype != reference.dtype or subject.dtype.kind not in "fc":
        return "dtype" if subject.dtype != reference.dtype else ""
    ours, theirs = _classes(subject), _classes(reference)
    parted = sorted({f"{a} for {b}" for a, b in zip(ours.flat, theirs.flat, strict=True) if a != b})
    return " and ".join(parted)


def _classes(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.where(np.isnan(array), "nan", np.where(np.isinf(array), "inf", "finite"))


def causes(discrepancies: Iterable[Discrepancy], program: Program) -> list[Discrepancy]:
    """Of a program's discrepancies those that do not follow from another, in order along the program."""
    discrepancies = list(discrepancies)
    changed = {one.where for one in discrepancies if _changed_leaf(one, program)}
    shared = made_of(program, changed) - changed  # made before it was found that they changed
    rank = {one: number for number, one in enumerate(_ORDER)}
    placed = [(place(one, program), rank.get(one.kind, len(rank)), one) for one in discrepancies]
    placed.sort(key=lambda item: item[:2])
    found: list[Discrepancy] = []
    tainted: set[str] = set()
    gradients = ended = False
    for at, _, one in placed:
        if one.kind in KINDS_OF_A_WRITE and one.where in shared:
            continue
        if ended or one.where in tainted or (gradients and about_gradient(one, program)):
            continue
        if found and one.where not in makers(program) and one.kind not in OUTCOME_KINDS:
            continue  # the graph, hooks or warnings as a whole: a consequence wherever anything went wrong
        if found and any(name in tainted for name in _read_at(program, at)):
            continue
        found.append(one)
        names, wrong_gradients = followers(program, at) if 0 <= at < len(program) else (set(), True)
        tainted |= names | {one.where}
        gradients = gradients or wrong_gradients or about_gradient(one, program)
        ended = one.kind in ENDING_KINDS or (
            one.kind in ("missing-error", "unexpected-error") and not program.instructions[at].caught
        )
    return found


_ORDER = (
    "crash", "hang", "memory", "missing-error", "unexpected-error", "error-type", "error-text", "presence",
    "returned", "shape", "dtype", "non-finite", "value", "grad-presence", "gradient", "grad", "zero-sign",
    "tangent", "view", "alias", "identity", "requires-grad", "leaf", "grad-fn", "output-nr", "version", "strides",
    "retains-grad", "graph", "saved", "hook", "warning", "repr",
)  # fmt: skip
"""Which kind is the cause where several are found at one instruction."""


def _read_at(program: Program, at: int) -> Sequence[str]:
    return reads(program.instructions[at]) if 0 <= at < len(program) else ()


def same_cause(
    wanted: Discrepancy, original: Program, check: Callable[[Program], Iterable[Discrepancy]]
) -> Callable[[Program], bool]:
    """The question for `reduce`: does a smaller program still fail for the cause that `wanted` had?

    `check` runs both engines. The program may not come to an edge (a tie, a zero, an infinity) that the
    original did not touch, where its ops have edges: there another, well-known difference may wait.
    """
    touched = edges(original)

    def still_fails(program: Program) -> bool:
        if edges(program) - touched:
            return False
        return shown(wanted, original, check(program), program) is not None

    return still_fails


def shown(
    wanted: Discrepancy, original: Program, found: Iterable[Discrepancy], program: Program
) -> Discrepancy | None:
    """Which of a smaller program's discrepancies has the cause that `wanted` had in the original, if any.

    Kind and detail must be the same (gradients returned and accumulated count as one kind) and no op may be
    blamed that was not before.
    """
    target = cause(wanted, original)
    ops = {_root(op) for op in target.ops}
    for one in causes(found, program):
        now = cause(one, program)
        alike = (now.kind, now.detail) == (target.kind, target.detail) and now.itself <= target.itself
        if alike and {_root(op) for op in now.ops} <= ops:
            return one
    return None


def _root(op: str) -> str:
    """`mul_` and `mul` share their rule."""
    return op[:-1] if op.endswith("_") and not op.endswith("__") else op


KINKED = re.compile(
    r"max|min|abs|sign|sgn|clamp|relu|sort|topk|median|kth|mode|quantile|norm|dist|hypot|atan2|round|floor|ceil|"
    r"trunc|fmod|remainder|frac|copysign|prod|cum|shrink|hard|threshold|where|unique|^(eq|ne|lt|le|gt|ge)$|"
    r"sqrt|pow|log|xlogy|div|reciprocal|angle|acos|asin|huber|loss|pool"
)
"""Ops with ties, corners or poles, by name; a pattern, so that new ops need no line here."""


def edges(program: Program) -> frozenset[str]:
    """The edges that a program with kinked ops touches: ties, zeros, infinities, repeated operands."""
    instructions = program.instructions
    if not any(KINKED.search(op_name(one)) for one in instructions if read_leaf(one) is None):
        return frozenset()
    found: set[str] = set()
    seen: list[Any] = []
    for one in instructions:
        leaf = read_leaf(one)
        if leaf is not None:
            found |= _edges_of(leaf.numbers)
            seen += set(leaf.numbers)
        elif KINKED.search(op_name(one)) and _repeats(one):
            found.add("repeated operand")
    if len(set(seen)) < len(seen):
        found.add("tie")
    return frozenset(found)


def _edges_of(numbers: Sequence[Any]) -> set[str]:
    found = set()
    if len(set(numbers)) < len(numbers):
        found.add("tie")
    if any(number == 0 for number in numbers):
        found.add("zero")
    if any(number != number or abs(number) == float("inf") for number in numbers):
        found.add("not finite")
    return found


def _repeats(one: Instruction) -> bool:
    names = [arg.name for arg in one.args if hasattr(arg, "name")]
    return len(set(names)) < len(names)


def finding(discrepancy: Discrepancy, program: Program, original: Program | None = None) -> Finding:
    """A Finding of one discrepancy of `program`, which `original` was reduced to."""
    at = place(discrepancy, program)
    op = op_name(program.instructions[at]) if 0 <= at < len(program) else discrepancy.op
    named = type(discrepancy)(
        discrepancy.where,
        discrepancy.detail,
        index=at if 0 <= at < len(program) else None,
        op=op,
        program=program,
    )
    blamed = cause(discrepancy, program)
    return Finding(
        signature=str(blamed),
        kind=discrepancy.kind,
        op="+".join(sorted(blamed.ops)) or op,  # of a wrong gradient what it went through, not the query
        detail=discrepancy.detail,
        where=discrepancy.where,
        program=program,
        original=original or program,
        line=named.line,
    )


def group(found: Iterable[tuple[Discrepancy, Program]]) -> list[Finding]:
    """Findings by signature, in order of first appearance, each with its count and its smallest program."""
    findings: dict[str, Finding] = {}
    for discrepancy, program in found:
        new = finding(discrepancy, program)
        old = findings.setdefault(new.signature, new)
        if old is not new:
            merge(old, new)
    return list(findings.values())


def merge(into: Finding, other: Finding) -> None:
    """Add another finding of the same signature: counts add up, the smaller program stays."""
    into.count += other.count
    if _size(other) < _size(into):
        into.program, into.original, into.line = other.program, other.original, other.line
        into.detail, into.where, into.op = other.detail, other.where, other.op
        into.subject, into.reference = other.subject, other.reference
        into.verdict, into.flaky, into.extra = other.verdict, other.flaky, other.extra


def _size(finding: Finding) -> tuple[int, int, str]:
    """What makes one program of a finding better to read than another; no two programs are equal in it."""
    return len(finding.program), len(finding.program.source), finding.program.source
