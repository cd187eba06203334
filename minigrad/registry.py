"""Where ops are declared: `@op` for a kernel on arrays, `derivative` for its formulas.

What may live here: declarations and their checks. How a declaration becomes fast code is in `codegen`; what
runs when no fast path applies is in `dispatch`.

Note [Reading a declaration]: parameters of a kernel without annotation are tensors (with default None:
optional ones); annotated ones are plain values, `Tensors` a list of tensors. The names a formula takes
decide what the node saves: `grad` (or `grads`, for several outputs) is what arrives, a tensor parameter is
saved as input, `result` as output, `NAME_shape` keeps only a shape, a plain parameter is kept as it is, and
`result_shape`/`result_dtype` describe the output. A name that the op lacks fails at import.

Note [Carriers]: formulas run on plain arrays when no graph is recorded and on Tensors under create_graph.
Every op function accepts both (on arrays it is its kernel), so a formula uses operators and op functions.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter
from typing import Any

from minigrad import codegen
from minigrad.declaration import Formula, Op, Param, Promotion, parameters
from minigrad.inner_records import RECORDS
from minigrad.inner_writes import WRITES
from minigrad.later import published
from minigrad.node import Node
from minigrad.refusals import FUNCTION, METHOD, guarded, unguarded
from minigrad.tensor import Tensor

OPS: dict[str, Op] = {}
"""Every op by overload name, `"mul.Tensor"`."""
FUNCTIONS = published
"""What the namespace offers as functions, by public name."""
METHODS: set[str] = set()
"""The names of methods that ops have put on Tensor."""
DERIVATIVES: dict[str, Op] = {}
"""The first op that was declared with a node of this name."""


class _Nodes(dict[str, type[Node]]):
    def __missing__(self, label: str) -> type[Node]:
        node = DERIVATIVES[label].node
        assert node is not None
        return node


NODES = _Nodes()
"""Every node class by its name, `"MulBackward0"`: those of declared ops are made when first asked for."""


def _params(kernel: Callable[..., Any]) -> tuple[Param, ...]:
    plain: Any = kernel
    while hasattr(plain, "__wrapped__"):
        plain = plain.__wrapped__
    names = parameters(plain)
    positional = names[: plain.__code__.co_argcount]
    defaults = dict(zip(reversed(positional), reversed(plain.__defaults__ or ()), strict=False))
    defaults.update(plain.__kwdefaults__ or {})
    out = []
    for name in names:
        default = defaults.get(name, Parameter.empty)
        if name in plain.__annotations__:
            kind = "tensors" if plain.__annotations__[name] == "Tensors" else "plain"
        else:
            kind = "tensor" if default is Parameter.empty else "optional"
        out.append(Param(name, kind, default, name not in positional))
    return tuple(out)


def op(
    overload: str,
    *,
    inplace: bool = False,
    view: bool = False,
    several: bool = False,
    outs: tuple[str, ...] = (),
    named: tuple[str, ...] = (),
    constant: int = 0,
    last_first: bool = False,
    lays_out: bool = False,
    reads_first: bool = False,
    overlaps: str = "",
    wide: bool = False,
    promote: Promotion = "arith",
    numbers: bool = True,
    check: Callable[..., None] | None = None,
    method: bool = True,
    function: bool = True,
    name: str | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declares an op by its kernel on arrays and returns its public function.

    overload   torch's name with overload, `"mul.Tensor"`; the part before the dot is the public name.
    inplace    whether `name_` exists. view: the kernel returns a view of `self`. several: it returns a list.
    outs       names of the results where the kernel returns several of which only the first has a derivative;
               formulas may ask for them by name.
    named      what formulas call the results where there are several; otherwise result0, result1, ...
    reads_first whether an operand may be part of what is written to in place, since it is read before.
    overlaps   of an in-place form that writes into expanded tensors, too: whether "all" or "some" elements (see
               `overlapping`).
    last_first whether torch's kernel takes the operands from the last on, which shows in how the result lies.
    lays_out   whether a pointwise kernel has a layout of its own for its result.
    wide       whether a number, or a tensor of one element, after halves keeps the precision of a float32.
    constant   how many of the last of several results have no derivative.
    promote    how operands come to one dtype before the kernel runs (`dispatch.PROMOTIONS`).
    numbers    whether Python numbers may stand for tensor operands.
    check      called with the kernel's arguments before the kernel when the fast path failed or did not
               apply; raises torch's errors for bad arguments.
    method, function   where the public function appears; names that start with "_" appear nowhere.
    """

    def declare(kernel: Callable[..., Any]) -> Callable[..., Any]:
        public = name or overload.split(".")[0]
        decl = Op(
            name=public,
            overload=overload,
            kernel=kernel,
            params=_params(kernel),
            promote=promote,
            view=view,
            inplace=inplace,
            several=several,
            outs=outs,
            named=named,
            constant=constant,
            last_first=last_first,
            lays_out=lays_out,
            reads_first=reads_first,
            overlaps=overlaps,
            wide=wide,
            steps=RECORDS.get(overload),
            writes=WRITES.get(overload, 0),
            numbers=numbers,
            check=check,
        )
        if overload in OPS:
            raise TypeError(f"op {overload!r} is declared twice")
        OPS[overload] = decl
        decl.function = codegen.public_function(decl)
        if inplace:
            decl.inplace_function = codegen.inplace_function(decl)
        if not public.startswith("_"):
            publish(public, decl.function, method=method, function=function)
            if decl.inplace_function is not None:
                publish(public + "_", decl.inplace_function, method=method, function=False)
        return decl.function

    return declare


def publish(name: str, fn: Callable[..., Any], *, method: bool = True, function: bool = True) -> None:
    """Makes `fn` a Tensor method and/or a function of the namespace (dotted names: of a submodule), guarded."""
    fn = unguarded(fn)
    if method:
        METHODS.add(name)
        setattr(Tensor, name, guarded(fn, METHOD, name))
    if function:
        FUNCTIONS[name] = guarded(fn, FUNCTION, name)


def composite(
    name: str, *, method: bool = True, function: bool = True, aliases: tuple[str, ...] = ()
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Publishes a function that is composed of other ops (its graph is theirs)."""

    def declare(fn: Callable[..., Any]) -> Callable[..., Any]:
        for public in (name, *aliases):
            publish(public, fn, method=method, function=function)
        return fn

    return declare


def decl_of(fn: Callable[..., Any]) -> Op:
    """The declaration behind a public function."""
    return unguarded(fn).__globals__["OP"]  # type: ignore[no-any-return]


def inplace_of(fn: Callable[..., Any]) -> Callable[..., Any]:
    """The in-place form of a declared op. TypeError where it was declared without one."""
    found = decl_of(fn).inplace_function
    if found is None:
        raise TypeError(f"{decl_of(fn).overload} was declared without an in-place form")
    return found


def derivative(
    label: str,
    *,
    of: Callable[..., Any],
    forward: Any = "transposed",
    onto: Any = None,
    joint: Any = None,
    on_tensors: bool = False,
    shows: dict[str, dict[str, Any]] | None = None,
    unreal: bool = False,
    guarded: bool = False,
    **formulas: Formula,
) -> None:
    """Gives an op its backward node `label` and one formula per differentiable tensor parameter.

    `forward` is the tangent rule: "linear" (the op applied to the tangents), "elementwise" (the backward
    formula applied to the tangent, for real elementwise ops), "transposed" (the gradient of the backward formula,
    which every formula has), a function of tangents and saved names, or None where torch has no such rule.
    For ops of backward formulas, whose derivatives torch writes out, "terms" sums what the formulas make of the
    tangents, zeros where there are none, and "along" applies the op to the tangent of its first operand alone.
    `onto` is for ops that in place write what the tangent of their target is, too: a function of the tangents, the
    first of which it writes, or True for a linear op, which does it itself.
    `joint` is for gradients that torch makes all at once: the operands, and one formula for a list of their
    gradients, which may ask for `wanted`: per operand, whether there is use for its gradient.
    `shows` is for what a node keeps and torch's node shows by other names, or none (of a shape, single sizes): those,
    and which item each is, or a function that gives it.
    `unreal` says that torch's formulas forget to drop the imaginary part where the operand is real: a refusal.
    `guarded` says that torch, too, saves what several formulas name only if one of them is needed; its generated nodes
    save that whichever edge is alive.
    `on_tensors` says that the formulas are composed of what arrays cannot do, so that they always run on Tensors.
    """
    decl = decl_of(of)
    if decl.label is not None:
        raise TypeError(f"{decl.overload} has a derivative already ({decl.label})")
    names = {p.name: p for p in decl.params}
    if joint is not None:
        decl.joint = joint[1]
        formulas = dict.fromkeys(joint[0], joint[1])
    for param, formula in formulas.items():
        if param not in names or not names[param].is_tensor:
            raise TypeError(f"{label}: {decl.overload} has no tensor parameter {param!r}")
        wants = parameters(formula)
        for want in wants:
            _check_want(label, decl, want)
        decl.wants[param] = tuple(w for w in wants if w not in ("grad", "grads", "wanted"))
    # operands in the order of the kernel, whatever the order of the formulas
    decl.formulas = {p.name: formulas[p.name] for p in decl.params if p.name in formulas}
    decl.wants = {k: decl.wants[k] for k in decl.formulas}
    decl.label = label
    decl.shows, decl.unreal, decl.guarded = shows or {}, unreal, guarded
    decl.forward, decl.onto, decl.on_tensors = forward, onto, on_tensors
    decl.settle()
    DERIVATIVES.setdefault(label, decl)
    codegen.forget(decl)


def _check_want(label: str, decl: Op, want: str) -> None:
    if want == "grads" if decl.several else want == "grad":
        return
    if want == "wanted" and decl.joint is not None:
        return
    if want in decl.numbered or (want == "result" and not decl.outs):
        return
    if want in decl.outs or decl.param(want) is not None:
        return
    if want in ("result_shape", "result_dtype") and not decl.several:
        return
    base = want.rsplit("_", 1)[0]
    if want.endswith(("_shape", "_dtype", "_strides")) and decl.param(base) is not None:
        return
    raise TypeError(f"{label}: a formula asks for {want!r}, which {decl.overload} does not have")
