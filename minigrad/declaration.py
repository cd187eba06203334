"""What an op declares: its kernel, parameters, flags and formulas, as data.

What may live here: the data types that `registry` fills and `codegen`, `nodegen` and `dispatch` read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from typing import Any, ClassVar

from minigrad.inner_writes import Count
from minigrad.node import Node

Formula = Callable[..., Any]
Promotion = str  # see dispatch.PROMOTIONS


class Param:
    """One parameter of a kernel; `kind` is tensor, optional, tensors or plain."""

    __slots__ = ("default", "is_tensor", "keyword_only", "kind", "name")

    def __init__(self, name: str, kind: str, default: Any, keyword_only: bool) -> None:
        self.name = name
        self.kind = kind
        self.default = default
        self.keyword_only = keyword_only
        self.is_tensor = kind != "plain"


Kept = tuple[str, int, str, frozenset[str]]
"""Something of an argument that a node keeps: its name; the argument's position; which fact of it ("shape", "dtype",
"strides"), "" for the whole; and the operands whose formulas ask for it."""


class Op:
    """A declared op. `function` is the public function made from it, `inplace_function` its `name_`."""

    make_node_class: ClassVar[Callable[[Op], type[Node]]]  # `nodegen` knows how

    name: str
    overload: str
    kernel: Callable[..., Any]
    params: tuple[Param, ...]
    promote: Promotion
    view: bool
    inplace: bool
    several: bool
    outs: tuple[str, ...]
    numbers: bool
    check: Callable[..., None] | None
    named: tuple[str, ...] = ()  # what formulas call the results of an op that has several
    steps: Any = None  # what torch's kernel does by ops that are recorded of inference tensors which require grad
    writes: Count = 0  # how often torch's kernel writes to its results: seen of inference tensors, which autograd skips
    constant: int = 0  # how many of the last of these have no derivative
    reads_first: bool = False  # whether an operand that is part of what is written to is read before
    overlaps: str = ""  # what it writes of a target expanded in memory, "all" or "some" of it; "" refuses such
    last_first: bool = False  # whether the last operand comes first in what decides how the result lies
    lays_out: bool = False  # whether the kernel says how the result lies, other than pointwise ones do
    wide: bool = False  # whether a number after halves keeps the precision of a float32
    operator: bool = False  # its functions are Tensor's operators: of what is no operand they leave it to the other
    out_dtype: Any = None
    label: str | None = None
    formulas: dict[str, Formula]
    wants: dict[str, tuple[str, ...]]
    joint: Formula | None = None  # the one formula of all operands, where there is one
    forward: Any = None
    onto: Any = None  # writes the tangent of what the op overwrites; True: the op itself does, linear as it is
    shows: dict[str, dict[str, Any]]  # by what is kept, what torch's node shows of it instead
    on_tensors: bool = False
    guarded: bool = False
    unreal: bool = False  # formulas that leave gradients of real operands complex, which the engine refuses
    function: Callable[..., Any]
    inplace_function: Callable[..., Any] | None = None
    differentiable: tuple[int, ...] = ()  # positions of the operands with an edge, in order
    freed: dict[str, Any]  # what stands for plain values that go with the graph
    around_raw: Callable[[Any], Any] | None = None  # makes another `raw` of the one that its node would have
    saved: tuple[str, ...] = ()  # everything a node keeps, in the order of first use

    def __init__(self, **declared: Any) -> None:
        self.__dict__.update(declared, formulas={}, wants={}, freed={}, shows={})

    @cached_property
    def node(self) -> type[Node] | None:
        """The class of its nodes, made when first asked for; None for what has no derivative."""
        return None if self.label is None else type(self).make_node_class(self)

    def param(self, name: str) -> Param | None:
        return next((p for p in self.params if p.name == name), None)

    @cached_property
    def operands(self) -> tuple[int, ...]:
        """The positions of the parameters that tensors stand for."""
        return tuple(i for i, p in enumerate(self.params) if p.is_tensor)

    @cached_property
    def pointwise(self) -> bool:
        """Whether each element of the result is made of those at its place alone, as far as declarations tell."""
        return self.promote != "keep" or self.forward == "elementwise" or self.overload.endswith(".written")

    @cached_property
    def formats(self) -> bool:
        """Whether the result lies as the kernel made it, of which the layout may be asked for."""
        return self.lays_out or self.param("memory_format") is not None

    @cached_property
    def lists(self) -> bool:
        """Whether some operand is a list of tensors."""
        return any(p.kind == "tensors" for p in self.params)

    @cached_property
    def keyword_only(self) -> bool:
        """Whether some argument can only be given by its name."""
        return any(p.keyword_only for p in self.params)

    @cached_property
    def kept(self) -> tuple[Kept, ...]:
        """What a node keeps of the arguments, in the order in which it does."""
        at = {p.name: i for i, p in enumerate(self.params)}
        found = []
        for name in self.saved:
            if name in self.of_results:
                continue
            base, _, fact = (name, "", "") if name in at else name.rpartition("_")
            users = frozenset(user for user, wants in self.wants.items() if name in wants)
            found.append((name, at[base], fact, users))
        return tuple(found)

    @cached_property
    def of_results(self) -> frozenset[str]:
        """What formulas call the results and the facts of them."""
        return frozenset(("result", "result_shape", "result_dtype", *self.numbered, *self.outs))

    @cached_property
    def keeps_results(self) -> bool:
        """Whether a node keeps something of the results."""
        return not self.of_results.isdisjoint(self.saved)

    @cached_property
    def kept_results(self) -> tuple[tuple[int, str], ...]:
        """Which of several results a node keeps, by number and name, in the order in which it does."""
        places = {name: i for i, name in enumerate(self.numbered or self.outs)}
        return tuple((places[name], name) for name in self.saved if name in places)

    @cached_property
    def numbered(self) -> tuple[str, ...]:
        """What formulas call the first results, one by one, of an op that has several."""
        return self.named or (("result0", "result1", "result2") if self.several else ())

    @cached_property
    def computes_with(self) -> bool:
        """Whether formulas compute element by element with tensors that were saved, not with the gradient alone."""
        tensors = [p.name for p in self.params if p.is_tensor]
        return any(n in (*tensors, "result") for n in self.saved)

    def derived(self, outs: Sequence[Any]) -> int:
        """How many of the results, the first ones, have a derivative."""
        return 1 if self.outs else len(outs) - self.constant

    @cached_property
    def keeps_all(self) -> bool:
        """Whether a node saves what its formulas name, also for edges that lead nowhere: torch has it so for
        ops whose name says that they compute a gradient."""
        return "backward" in self.name

    def asks_for(self, users: Collection[Any]) -> bool:
        """Whether a node saves what these operands' formulas name only where there is use for one of them: torch asks
        of one formula, and of several in ops that say so (its code generator's `guard_for`)."""
        return not self.keeps_all and (len(users) == 1 or self.guarded)

    def settle(self) -> None:
        """Works out, once the formulas stand, what follows from them."""
        for name in ("node", "kept", "keeps_results", "kept_results", "computes_with"):
            self.__dict__.pop(name, None)
        self.differentiable = tuple(i for i, p in enumerate(self.params) if p.name in self.formulas)
        # in the order in which torch saves, which packing hooks see: operands before the results, each by name
        wanted = {name for names in self.wants.values() for name in names}
        results = {"result", *self.numbered, *self.outs}
        self.saved = (*sorted(wanted - results), *sorted(wanted & results))


def parameters(fn: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a plain function's parameters (reading a whole signature takes ten times as long)."""
    code = getattr(fn, "__wrapped__", fn).__code__
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
