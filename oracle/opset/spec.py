"""How an op is declared: `OpSpec` (one line per op), its `Rule` (signature and inference), parameter kinds.

What may live here: the vocabulary of the table and nothing about single ops, engines or drawing.

To add an op, write one line in its family file, e.g. `OpSpec("log", infer=floating, domain="positive")`.
If no rule fits, add one beside the others: a function from operand Metas and argument values to the Meta of
the result (a tuple of Metas for several results, None where torch would refuse the call), under `@rule(...)`
with the parameters in torch's order. What backward cannot do, the rule leaves out, or the line says
`grad="refused"`. The composer draws the op from its line alone, in every form, and
`pytest tests/opset tests/strategies -k NAME` holds line and composer against torch: no new test is needed.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import chain
from typing import Any, Final, Literal

from oracle.errors import HarnessError
from oracle.opset.metas import Meta, can_cast


class _Marker:
    """A unique value that is no argument."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


OMIT: Final = _Marker("OMIT")
"""Among the choices of a parameter: it is left out of the call and the rule sees its default."""
REQUIRED: Final = _Marker("REQUIRED")

Outcome = Meta | tuple[Meta, ...] | None


@dataclass(frozen=True, slots=True)
class Operand:
    """A tensor parameter. What a live tensor must be like to stand here is for the rule to say.

    likes     for an operand after the first: from the Metas before it, Metas that fit, the best one first;
              a tensor is made if no live one fits. None: the first operand itself fits (x * x).
    fresh     for a first operand that not every tensor can be: a Meta to make if no live one fits.
    numbers   whether a Python number may stand here: False, True, or the numbers themselves.
    many      a list of tensors (cat, stack, ...).
    optional  None may stand here.
    made      a new tensor for every call: from the Metas before it, those it may have. Its values are in the op's
              domain whatever the profile, so that nobody has to ask how well conditioned a matrix is.
    tracked   False: no gradient flows to it, so that it gives the result no history (an index, view_as).
    """

    name: str = "self"
    likes: Callable[..., Sequence[Meta]] | None = None
    fresh: Meta | None = None
    numbers: bool | tuple[Any, ...] = False
    many: bool = False
    optional: bool = False
    made: Callable[..., Sequence[Meta]] | None = None
    tracked: bool = True


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter that is no tensor of the program; the kinds (`dim`, `shape`, ...) are in `params`.

    choices   from the operand Metas, the values it may take, the simplest first; OMIT leaves it out; a
              `Const` is a tensor made for this call; `Joint` stands for several arguments in a row.
    default   what the rule sees for OMIT.
    wrong     values that torch refuses, for calls that are to be refused.
    star      a tuple that methods also take spread out (`v0.view(2, 3)`).
    """

    name: str
    choices: Callable[..., Sequence[Any]]
    default: Any = REQUIRED
    keyword: Literal["may", "must", "never"] = "may"
    wrong: Callable[..., Sequence[Any]] | None = None
    star: bool = False


@dataclass(frozen=True, slots=True)
class Const:
    """A tensor written into the program for one call, such as an index: nested data and its Meta."""

    data: Any
    meta: Meta


@dataclass(frozen=True, slots=True)
class Joint:
    """Values of several consecutive arguments that must fit together (dim, start and length of narrow)."""

    values: tuple[Any, ...]


Parameter = Operand | Param


@dataclass(frozen=True, eq=False)
class Rule:
    """A call signature in torch's order and the inference over it. Ops that share a rule share its cases."""

    parameters: tuple[Parameter, ...]
    infer: Callable[..., Outcome]
    written: Rule | None = None  # of an in-place form, the rule of the op itself

    @classmethod
    def of(cls, infer: Callable[..., Outcome]) -> Rule:
        """A rule without parameters."""
        return cls((), infer)

    @cached_property
    def operands(self) -> tuple[Operand, ...]:
        """The tensor parameters alone."""
        return tuple(p for p in self.parameters if isinstance(p, Operand))

    @cached_property
    def operands_first(self) -> bool:
        """Whether all tensor parameters stand before the others."""
        return self.parameters == (*self.operands, *self.params)

    @cached_property
    def defaults(self) -> tuple[Any, ...]:
        """The default of each Param."""
        return tuple(param.default for param in self.params)

    @cached_property
    def params(self) -> tuple[Param, ...]:
        """The other parameters."""
        return tuple(p for p in self.parameters if isinstance(p, Param))


def rule(*parameters: Parameter) -> Callable[[Callable[..., Outcome]], Rule]:
    """Makes the decorated inference function a Rule with these parameters, which it takes in this order."""

    def declare(infer: Callable[..., Outcome]) -> Rule:
        return Rule(parameters, infer)

    return declare


Form = Literal["call", "method", "operator", "get", "index", "setindex"]


@dataclass(frozen=True, slots=True)
class OpSpec:
    """One op of torch.

    name        torch's, dotted below T: "mul", "linalg.det", "nn.functional.relu"
    infer       its Rule
    family      the file it stands in, set there
    forms       how it may be called, the simplest first ("get": `v0.T`); `operator` is its symbol, if any
    number_first  a call may begin with a Python number (`T.pow(2, v0)`); "refused": backward then raises
    inplace     a method of the same name with "_" exists and follows the same rule; "refused": backward
                through it raises, though not through the op itself
    writes      the call writes into its first operand and returns it (`copy_`)
    view        True, False, "maybe" (reshape), "detached" (shares storage, but is no view), or "each" (every result is
                a view of the operand in its place)
    outs        "one", or "many" for a tuple of tensors
    constant    places of results that never require grad though their dtype could
    grad        whether the result can require grad; "refused": it does, and backward through it may raise
    saves       whether its backward looks at tensors saved in forward; "noise": and one may be memory that nobody
                wrote, which hooks on saved tensors must not be shown
    overlap     the result may have several elements in one place of memory (expand)
    dense       whether a result of contiguous operands is contiguous: True, False, or "always" (contiguous)
    needs_dense the first operand must be contiguous (view)
    tolerance   "exact", "ulps" (correctly rounded or nearly so), "sum" (error grows with the sum), "loose",
                "unordered" (a sum in an order that torch leaves to a library, see `Pair._in_doubt`), "root" (the
                square root of such a sum, whose terms may cancel), "lapack"
                (such sums all along; errors are bounded by the norm of a matrix) or "cancelling" (the same, less
                its mean; errors are those of what was taken off; or such sums with signs: transforms)
    domain      where it is smooth: "any", "positive", "nonnegative", "unit" (-1, 1), "above_one", "nonzero",
                "probability" (0, 1); of matrices: "regular" (well-conditioned, all values apart), "definite"
                (symmetric positive definite)
    checked     values outside of the domain are refused, so that it is called with new tensors inside of it
    edges       points at which something happens: ties, branch cuts, zeros, infinities
    halves      whether torch's kernels take float16; what LAPACK does, they never do
    forward     False: forward mode refuses it, or may, as it does where `grad` says "refused"
    ready       whether subjects are expected to have it by now
    overload    tells lines of one name apart: `max` over everything and along a dim ("max.dim" in the table)
    """

    name: str
    infer: Rule
    family: str = ""
    forms: tuple[Form, ...] = ("call", "method")
    operator: str | None = None
    number_first: bool | Literal["refused"] = False
    inplace: bool | Literal["refused"] = False
    writes: bool = False
    view: bool | Literal["maybe", "detached", "each"] = False
    outs: Literal["one", "many"] = "one"
    constant: tuple[int, ...] = ()
    grad: bool | Literal["refused"] = True
    saves: bool | Literal["noise"] = True
    overlap: bool = False
    dense: bool | Literal["always"] = True
    needs_dense: bool = False
    tolerance: Literal["exact", "ulps", "sum", "unordered", "root", "lapack", "cancelling", "loose"] = "ulps"
    domain: str = "any"
    checked: bool = False
    edges: tuple[float, ...] = ()
    halves: bool = True
    forward: bool = True
    ready: bool = True
    overload: str = ""

    @property
    def key(self) -> str:
        """What the line is called in the table."""
        return f"{self.name}.{self.overload}" if self.overload else self.name

    def __post_init__(self) -> None:
        if self.domain not in DOMAINS:
            raise HarnessError(f"op {self.name}: domain {self.domain!r} is not one of {', '.join(DOMAINS)}")

    @property
    def in_place(self) -> OpSpec:
        """The spec of its in-place form. HarnessError if it has none."""
        if not self.inplace:
            raise HarnessError(f"op {self.name} is not declared with an in-place form")
        head, dot, tail = self.name.rpartition(".")
        return replace(
            self,
            name=f"{head}{dot}{tail}_",
            infer=_written(self.infer),
            forms=("method",),
            operator=None,
            number_first=False,
            inplace=False,
            grad=self.grad if self.inplace is True else "refused",
            writes=True,
        )


MATRICES: Final = ("regular", "definite")
DOMAINS: Final = ("any", "positive", "nonnegative", "unit", "above_one", "nonzero", "probability", *MATRICES)


@cache
def _written(rule: Rule) -> Rule:
    """The rule of the in-place form: the result must fit into the first operand."""

    castable = operator.eq if any(p.name == "dtype" for p in rule.params) else can_cast

    def written(x: Meta, *rest: Any) -> Outcome:
        result = rule.infer(x, *rest)
        fits = isinstance(result, Meta) and result.shape == x.shape and castable(result.dtype, x.dtype)
        return x if fits else None

    return Rule(rule.parameters, written, rule)


@cache
def _without_halves(rule: Rule) -> Rule:
    """The rule where halves are refused."""

    def of_others(*given: Any) -> Outcome:
        metas = chain.from_iterable(one if isinstance(one, tuple) else (one,) for one in given)
        return None if any(isinstance(one, Meta) and one.dtype == "float16" for one in metas) else rule.infer(*given)

    return Rule(rule.parameters, of_others, rule.written)


@dataclass(slots=True)
class Opset:
    """The table: OpSpecs by name, in declaration order."""

    specs: dict[str, OpSpec] = field(default_factory=dict)

    def add(self, family: str, *specs: OpSpec) -> None:
        """Enters the lines of one family; HarnessError if a name is there already."""
        for spec in specs:
            if spec.key in self.specs:
                raise HarnessError(f"op {spec.key} is declared twice in the opset")
            if not spec.halves or spec.tolerance == "lapack":
                spec = replace(spec, halves=False, infer=_without_halves(spec.infer))
            self.specs[spec.key] = replace(spec, family=family)
