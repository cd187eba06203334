"""Disagreements: one class per kind, so that Hypothesis keeps different bugs apart; and findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from oracle.observation import Observation
from oracle.program.program import Program


class Discrepancy(Exception):  # noqa: N818 - the field's word; it is a finding, not an error of ours
    """One observable difference between a subject and the reference at one place of one program.

    `where` is the name (or "graph", "hooks", "warnings"); `index` the instruction it belongs to (from 0) or
    None; `op` that instruction's op; `detail` says what differs in one line, subject first; `subject` and
    `reference` are the two values as plain data.
    """

    kind: ClassVar[str] = "any"

    def __init__(
        self,
        where: str,
        detail: str,
        *,
        index: int | None = None,
        op: str = "",
        subject: Any = None,
        reference: Any = None,
        program: Program | None = None,
    ) -> None:
        super().__init__(where, detail)
        self.where, self.detail, self.index, self.op = where, detail, index, op
        self.subject, self.reference, self.program = subject, reference, program

    @property
    def line(self) -> int | None:
        """The 1-based line of `program.source` that it belongs to, if both are known."""
        if self.program is None or self.index is None:
            return None
        return self.program.lines[self.index]

    def __str__(self) -> str:
        place = ", ".join(([f"line {self.line}"] if self.line is not None else []) + ([self.op] if self.op else []))
        return f"{type(self).__name__} at {self.where}{f' ({place})' if place else ''}: {self.detail}"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled whole, so that findings cross processes."""
        state = (self.where, self.detail, self.index, self.op, self.subject, self.reference, self.program)
        return _rebuild, (type(self), *state)


def _rebuild(cls: type[Discrepancy], where: str, detail: str, index: int | None, op: str, *rest: Any) -> Discrepancy:
    subject, reference, program = rest
    return cls(where, detail, index=index, op=op, subject=subject, reference=reference, program=program)


class PresenceDiscrepancy(Discrepancy):
    """A name, outcome or fact that one side has and the other has not, with no exception to explain it."""

    kind = "presence"


class MissingErrorDiscrepancy(Discrepancy):
    """The reference refuses an instruction that the subject carries out."""

    kind = "missing-error"


class UnexpectedErrorDiscrepancy(Discrepancy):
    """The subject refuses an instruction that the reference carries out."""

    kind = "unexpected-error"


class ErrorTypeDiscrepancy(Discrepancy):
    """Both refuse, with exceptions of different type."""

    kind = "error-type"


class ErrorTextDiscrepancy(Discrepancy):
    """Both refuse with the same type of exception and different words."""

    kind = "error-text"


class ReturnedDiscrepancy(Discrepancy):
    """An instruction returned another value, and it is not a tensor: a number, a tuple, None, a name."""

    kind = "returned"


class ShapeDiscrepancy(Discrepancy):
    """A tensor has another shape."""

    kind = "shape"


class DtypeDiscrepancy(Discrepancy):
    """A tensor has another dtype."""

    kind = "dtype"


class NonFiniteDiscrepancy(Discrepancy):
    """NaNs or infinities stand in other places."""

    kind = "non-finite"


class TangentDiscrepancy(Discrepancy):
    """A tensor has another tangent when its dual level ends, or has one on one side only."""

    kind = "tangent"


class ZeroSignDiscrepancy(Discrepancy):
    """Equal but for the sign of a zero."""

    kind = "zero-sign"


class ValueDiscrepancy(Discrepancy):
    """A tensor has other elements, beyond what its precision explains."""

    kind = "value"


class GradientReturnedDiscrepancy(Discrepancy):
    """A gradient returned by `autograd.grad` has other elements."""

    kind = "gradient"


class GradPresenceDiscrepancy(Discrepancy):
    """`.grad` is None on one side only."""

    kind = "grad-presence"


class GradDiscrepancy(Discrepancy):
    """`.grad` has other elements, another shape or dtype."""

    kind = "grad"


class RequiresGradDiscrepancy(Discrepancy):
    """`requires_grad` differs."""

    kind = "requires-grad"


class LeafDiscrepancy(Discrepancy):
    """`is_leaf` differs."""

    kind = "leaf"


class GradFnDiscrepancy(Discrepancy):
    """The type name of `grad_fn` differs, or it is None on one side."""

    kind = "grad-fn"


class OutputNrDiscrepancy(Discrepancy):
    """`output_nr` differs."""

    kind = "output-nr"


class VersionDiscrepancy(Discrepancy):
    """`_version` differs."""

    kind = "version"


class ViewDiscrepancy(Discrepancy):
    """`_is_view()` or `_base` differs."""

    kind = "view"


class AliasDiscrepancy(Discrepancy):
    """Other tensors share one storage."""

    kind = "alias"


class IdentityDiscrepancy(Discrepancy):
    """Two names hold one object on one side and two on the other."""

    kind = "identity"


class StridesDiscrepancy(Discrepancy):
    """`stride()` differs in a dimension of more than one element."""

    kind = "strides"


class RetainsGradDiscrepancy(Discrepancy):
    """`retains_grad` differs."""

    kind = "retains-grad"


class GraphDiscrepancy(Discrepancy):
    """The backward graph has other nodes, edges or leaves."""

    kind = "graph"


class SavedDiscrepancy(Discrepancy):
    """A node shows other names or values of what it saved."""

    kind = "saved"


class HookDiscrepancy(Discrepancy):
    """Hooks were called in another order, another number of times, or with other values."""

    kind = "hook"


class WarningDiscrepancy(Discrepancy):
    """Other warnings were given."""

    kind = "warning"


class ReprDiscrepancy(Discrepancy):
    """A tensor prints otherwise."""

    kind = "repr"


class CrashDiscrepancy(Discrepancy):
    """The engine's process died."""

    kind = "crash"


class HangDiscrepancy(Discrepancy):
    """The engine did not come to an end in time."""

    kind = "hang"


class MemoryDiscrepancy(Discrepancy):
    """The engine took more memory than it was allowed."""

    kind = "memory"


KINDS: dict[str, type[Discrepancy]] = {cls.kind: cls for cls in Discrepancy.__subclasses__()}
"""Every kind by its word, as tables, reports and signatures use it."""


@dataclass(slots=True)
class Verdict:
    """Who is wrong: "subject", "reference", "convention" or "undetermined", with the evidence in words."""

    side: str
    evidence: tuple[str, ...] = ()


@dataclass(slots=True)
class Finding:
    """All discrepancies with the same signature, its smallest program, its verdict."""

    signature: str
    kind: str
    op: str
    detail: str
    where: str
    program: Program  # the smallest known
    original: Program  # as first composed
    line: int | None = None  # 1-based line of `program.source` where they part
    count: int = 1
    verdict: Verdict | None = None
    subject: Observation | None = None  # of `program`
    reference: Observation | None = None
    state: str = "new"  # new, known, fixed, back
    first_seen: str = ""  # ISO 8601, UTC
    last_seen: str = ""
    flaky: bool = False
    extra: dict[str, Any] = field(default_factory=dict)
