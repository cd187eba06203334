"""From a declaration to its node class: slots for what is saved, and the methods `raw`, `ten`, `sweep`, `release`.

What may live here: the templates of nodes. What a node does when no template can say it is in HOOKS.

Note [Written when first used]: compiling source is most of what importing minigrad would cost, so the methods of a
node class (and the function of an op, see `codegen`) are stubs that write the real ones when they are first called.
"""

from __future__ import annotations

from inspect import Parameter
from operator import attrgetter
from typing import Any

from minigrad.declaration import Op, parameters
from minigrad.deposits import place, spread, spread_buffer
from minigrad.modes import no_grad
from minigrad.node import ZEROS, Node, ReadOnly, wanted_edges
from minigrad.saved_variable import SavedTensor, shown, unpack
from minigrad.templates import COMMON, HOOKS
from minigrad.tracing import NAMES, Trace, traced

METHODS = ("raw", "ten", "sweep", "release")


def node_class(decl: Op) -> type[Node]:
    """The Node subclass of an op: slots for what it saves, and its methods."""
    assert decl.label is not None
    saved, plain = _kept(decl)
    body: dict[str, Any] = {
        "__slots__": tuple(f"{k}_{n}" for n in saved for k in "sv") + tuple(f"p_{n}" for n in plain),
        "__module__": "builtins",  # as types that are written in C show themselves
        "label": decl.label,
        "edges": tuple(decl.formulas),
        "several": decl.several,
        "declaration": decl,
        **STUBS,
    }
    for name in saved:
        body[f"_saved_{name}"] = _saved_property(name)
        body[f"_raw_saved_{name}"] = _raw_saved_property(name)
    for name in plain:
        if name in decl.shows:
            body.update((f"_saved_{shown}", _part_property(name, part)) for shown, part in decl.shows[name].items())
        elif not _is_hidden(decl, name):
            base, _, what = name.rpartition("_")
            of_operand = what in _SHOWN and decl.param(name) is None
            shown = f"{base}_{_SHOWN[what]}" if of_operand else name
            body[f"_saved_{shown}"] = _plain_property(name, of_operand or name in SCALARS)
        if name in decl.freed:
            body[f"_raw_saved_{name}"] = _raw_list_property(name)
    return type(decl.label, (Node,), body)


def mixed_class(cls: Any) -> Any:
    """The class of nodes like those of `cls` for operands of several dtypes."""
    if "Mixed" not in cls.__dict__:
        generic = {"__slots__": (), "__module__": "builtins", "raw": _raw_via_tensors, "sweep": spread}
        cls.Mixed = type(cls.label, (cls,), generic)
    return cls.Mixed


Op.make_node_class = node_class


def _kept(decl: Op) -> tuple[list[str], list[str]]:
    """The names of what a node keeps: tensors, and plain values."""
    tensors = {p.name for p in decl.params if p.is_tensor} | {"result", *decl.numbered, *decl.outs}
    return [n for n in decl.saved if n in tensors], [n for n in decl.saved if n not in tensors]


def _is_hidden(decl: Op, name: str) -> bool:
    """Whether torch keeps it to itself: dtypes, facts of lists of tensors, and sizes where the dtype belongs to them
    (its TypeAndSize, which zeros are made of)."""
    if decl.param(name) is not None:
        return False
    base, _, what = name.rpartition("_")
    operand = decl.param(base)
    if what == "dtype" or (operand is not None and operand.kind == "tensors"):
        return True
    users = [wants for wants in decl.wants.values() if name in wants]
    return what == "shape" and all(f"{base}_dtype" in wants for wants in users)


_SHOWN = {"shape": "sym_sizes", "strides": "sym_strides"}
"""How torch calls what a node keeps of an operand."""


SCALARS = frozenset(
    ("alpha", "beta", "correction", "exponent", "lambd", "max", "max_val", "maxnorm", "min", "min_val", "ord", "other",
     "p", "self", "threshold", "value")
)  # fmt: skip
"""Plain values that torch keeps as numbers of any kind; other integers it shows as if they had no sign."""


def _plain_property(name: str, as_it_is: bool) -> ReadOnly:
    read = attrgetter("p_" + name)
    return ReadOnly(read if as_it_is else lambda node: _unsigned(read(node)))


def _part_property(name: str, part: Any) -> ReadOnly:
    def read(node: Any) -> Any:
        value = getattr(node, "p_" + name)
        if callable(part):
            return _unsigned(part(value))
        return None if value is None else _unsigned(value[part])

    return ReadOnly(read)


def _unsigned(value: Any) -> Any:
    kind = type(value)
    if kind is int:
        return value % 2**64
    if kind is tuple or kind is list:
        return tuple(map(_unsigned, value))
    return tuple(value.unchanged()) if hasattr(value, "unchanged") else value  # a list of index tensors


def write(decl: Op) -> None:
    """Gives the node class of `decl` its methods, as its formulas are now."""
    source = source_of(decl)
    scope: dict[str, Any] = {**COMMON, **NAMES, "spread_buffer": spread_buffer, "place": place}
    scope["wanted_edges"] = wanted_edges
    scope["NRS"] = ZEROS[len(decl.formulas)]  # what says that all edges lead to first outputs
    scope.update({f"F_{name}": formula for name, formula in decl.formulas.items()})
    scope.update({f"freed_{name}": value for name, value in decl.freed.items()})
    scope.update({f"default_{p.name}": p.default for p in decl.params})
    made: dict[str, Any] = {}
    exec(compile(source, f"<node {decl.label}>", "exec"), scope, made)
    if decl.around_raw is not None:
        made.update(raw=decl.around_raw(made["raw"]), sweep=spread)
    if decl.on_tensors:
        made.update(raw=_raw_via_tensors, sweep=spread)
    for name in METHODS:
        setattr(decl.node, name, made.get(name, spread))


def forget(decl: Op) -> None:
    """Has the methods of the node class of `decl` written anew when they are next called."""
    for name, stub in STUBS.items():
        setattr(decl.node, name, stub)


def _stub(method: str) -> Any:
    def first(self: Any, *args: Any) -> Any:
        write(self.declaration)
        return getattr(self, method)(*args)

    return first


def _first_sweep(self: Any, grad: Any, buffers: Any, keep: bool, raw: Any) -> None:
    write(self.declaration)
    buffers[self] = grad
    del grad  # or this frame would count as somebody who holds it, see carriers.Note [Last reference]
    self.sweep(buffers.pop(self), buffers, keep, raw)


STUBS = {**{name: _stub(name) for name in METHODS}, "sweep": _first_sweep}


def _raw_saved_property(name: str) -> ReadOnly:
    def handle(self: Any) -> SavedTensor:
        return SavedTensor(self, name)

    return ReadOnly(handle)


def _raw_list_property(name: str) -> ReadOnly:
    def handles(self: Any) -> tuple[SavedTensor, ...]:
        return getattr(self, "p_" + name).handles(self)  # type: ignore[no-any-return]

    return ReadOnly(handles)


def _saved_property(name: str) -> ReadOnly:
    def read(self: Any) -> Any:
        saved = getattr(self, "s_" + name)
        if type(saved) is list:
            return tuple(unpack(self, one, 0) for one in saved)
        return shown(self, saved, getattr(self, "v_" + name))

    return ReadOnly(read)


def _raw_via_tensors(self: Any, grad: Any) -> tuple[Any, ...]:
    """`raw` on Tensors: for operands of several dtypes, which promote as torch does, and formulas that ask for it."""
    return HOOKS["raw_via_tensors"](self, grad)  # type: ignore[no-any-return]


# -- source ---------------------------------------------------------------------------------------------


def source_of(decl: Op) -> str:
    """The source of the methods of an op's node."""
    saved, plain = _kept(decl)
    inline = {name: _inline(decl, name) for name in decl.formulas}
    methods = [_one_method(decl, saved, plain, "raw", inline), _one_method(decl, saved, plain, "ten", {})]
    if decl.joint is None and all(p.kind != "tensors" for p in decl.params):
        methods.append(_sweep(decl, saved, plain, inline))
    release = ["def release(node):", *(f"    {line}" for line in _release(decl, saved)), "    return"]
    return "\n\n".join(["\n".join(lines) for lines in [*methods, release]]) + "\n"


def _release(decl: Op, saved: list[str]) -> list[str]:
    return [
        *(f"if node.s_{name} is not None: node.s_{name} = FREED" for name in saved),
        *(f"node.p_{name} = freed_{name}" for name in decl.freed),
    ]


def _one_method(
    decl: Op, saved: list[str], plain: list[str], method: str, inline: dict[str, Trace | None]
) -> list[str]:
    """`raw` or `ten`: a list with one gradient (or None) per edge."""
    lines = [f"def {method}(node, grad{'s' if decl.several else ''}):"]
    for name in saved:
        lines += ["    " + line for line in _unpack(decl, name, "unpack_raw" if method == "raw" else "unpack")]
    lines += ["    " + line for line in _plain(decl, plain)]
    if any(p.kind == "tensors" for p in decl.params):
        (name,) = decl.formulas
        return [
            *lines,
            "    if grad is None: return [None] * len(node.fns)",
            f"    return list({_formula_call(decl, name)})",
        ]
    undefined = "all(g is None for g in grads)" if decl.several else "grad is None"
    lines.append(f"    if {undefined}: return [{'None, ' * len(decl.formulas)}]")
    if decl.joint is not None:
        lines.append("    wanted = tuple(fn is not None for fn in wanted_edges(node))")
        return [*lines, f"    return list({_formula_call(decl, next(iter(decl.formulas)))})"]
    values = {name: _formula_call(decl, name) for name in decl.formulas}
    straight = {name: trace for name, trace in inline.items() if trace is not None}
    if straight and not decl.several:
        usual = [f"{name} is default_{name}" for name in plain if _has_default(decl, name)]
        lines.append(f"    usual = {' and '.join(['(node.dt is F32 or node.dt is F64)', *usual])}")
        values.update((name, f"({trace.call} if usual else {values[name]})") for name, trace in straight.items())
    if len(decl.formulas) == 1:
        return [*lines, f"    return [{values.popitem()[1]}]"]
    places = {name: i for i, name in enumerate(decl.formulas)}
    lines.append("    fns = wanted_edges(node)")
    for name in sorted(places):  # torch's generated code goes by name, and what is made last is differentiated first
        at = places[name]
        lines.append(f"    _g{at} = {values[name]} if fns[{at}] is not None else None")
    return [*lines, "    return [" + ", ".join(f"_g{i}" for i in places.values()) + "]"]


def _plain(decl: Op, names: list[str]) -> list[str]:
    """Lines that read plain values; lists of index tensors are looked at as other saved tensors are."""
    return [f"{name} = node.p_{name}{'.unchanged()' if name in decl.freed else ''}" for name in names]


def _unpack(decl: Op, name: str, unpacker: str, numbers: bool = False) -> list[str]:
    """Lines that unpack one saved value; `numbers` says that a number may stand there as an array."""
    p = decl.param(name)
    if (name == "result" and decl.several) or (p is not None and p.kind == "tensors"):
        return [
            f"if node.s_{name} is FREED: FREED.unpack(node)",
            f"{name} = [{unpacker}(node, one, 0) for one in node.s_{name}]",
        ]
    if unpacker == "unpack":
        return [
            f"{name} = node.s_{name}",
            f"if type({name}) is not Tensor or ({name}._vc is not None and {name}._vc[0] != node.v_{name}):",
            f"    {name} = unpack(node, {name}, node.v_{name}, {name!r})",
        ]
    if name in ("result", *decl.numbered, *decl.outs[:1]):
        return [
            f"{name} = node.s_{name}",
            f"if type({name}) is SavedOutput and {name}.counter[0] == {name}.version: {name} = {name}.array",
            f"else: {name} = unpack_raw(node, {name}, node.v_{name})",
        ]
    return [
        f"{name} = node.s_{name}",
        f"if type({name}) is Tensor:",
        f"    c = {name}._vc",
        f"    if c is not None and c[0] != node.v_{name}: raise input_modified({name}, node.v_{name}, node, {name!r})",
        f"    {name} = {name}._a",
        *([f"elif type({name}) is float or type({name}) is int: {name} = number({name}, _dt)"] if numbers else []),
        f"elif {name} is not None: {name} = unpack_raw(node, {name}, node.v_{name})",
    ]


def _formula_call(decl: Op, name: str) -> str:
    return f"F_{name}({', '.join(parameters(decl.formulas[name]))})"


def _sweep(decl: Op, saved: list[str], plain: list[str], inline: dict[str, Trace | None]) -> list[str]:
    """`sweep`: computes what is needed and puts it into the buffers, for real floats that lie as usual."""
    n = len(decl.formulas)
    otherwise = "_buffers[node] = grad; grad = None; return spread_buffer(node, _buffers, _keep, _raw)"
    lines = ["_shape = node.shape", "_dt = node.dt"]
    if decl.several:
        lines += [
            "grads = grad if type(grad) is list else [grad, *[None] * len(node.more)]",
            "for _g in grads:",
            "    if _g is not None: break",
            f"else: {otherwise}",
            "_g = None",
        ]
    else:
        lines += [
            f"if grad is None or not (_dt is F32 or _dt is F64): {otherwise}",
            f"if len(_shape) > 1 and not grad.flags.c_contiguous and 0 not in grad.strides: {otherwise}",
        ]
    lines += _plain(decl, plain)
    straight = [trace is not None for trace in inline.values()]
    if any(straight):
        lines += [f"if {name} is not default_{name}: {otherwise}" for name in plain if _has_default(decl, name)]
    for name in saved:
        lines += _unpack(decl, name, "unpack_raw", numbers=all(straight))
    lines += ["".join(f"_f{i}, " for i in range(n)) + "= node.fns", "_nrs = node.nrs"]
    for i, name in enumerate(decl.formulas):
        trace = inline[name]
        value = _formula_call(decl, name) if trace is None else f"({trace.text} if _shape else {trace.call})"
        lines.append(f"_g{i} = {value} if _f{i} in _buffers else None")
    lines += ["if not _keep:", *("    " + line for line in _release(decl, saved))] if saved or decl.freed else []
    # or this frame would count as somebody who holds what was passed through, here or by those before
    lines.append("grads = grad = None" if decl.several else "grad = None")
    for i, name in enumerate(decl.formulas):
        # what a pointwise formula computes has the shape and dtype of the op's result
        known = inline[name] is not None and decl.promote != "keep"
        shape, dt = ("_shape", "_dt") if known else (f"_g{i}.shape", f"_g{i}.dtype")
        lines += [
            f"if _g{i} is not None:",
            f"    if _nrs is not NRS and _nrs[{i}]: place(node, {i}, _nrs[{i}], _g{i}, _buffers, _raw)",
            "    else:",
            f"        if {shape} != _f{i}.shape or {dt} is not _f{i}.dt:",
            f"            _g{i} = fit(node, {i}, _g{i}, _f{i}.shape, _f{i}.dt)",
            f"        if _buffers[_f{i}] is None: _buffers[_f{i}] = _g{i}",
            f"        else: _raw.add_into(_buffers, _f{i}, _g{i})",
            *([f"    _g{i} = None"] if i + 1 < n else []),
        ]
    return ["def sweep(node, grad, _buffers, _keep, _raw):", *("    " + line for line in lines)]


def _has_default(decl: Op, name: str) -> bool:
    p = decl.param(name)
    return p is not None and p.default is not Parameter.empty


NUMBER = 3.25


def _inline(decl: Op, name: str) -> Trace | None:
    """A formula as an expression, None where it cannot be written as one (see tracing.Note [Traces])."""
    formula = decl.formulas[name]
    given: dict[str, Any] = {}
    for want in parameters(formula):
        p = decl.param(want)
        if want in ("grad", "result") or (p is not None and p.is_tensor):
            given[want] = Trace(want)
        elif p is not None and p.default is not Parameter.empty:
            given[want] = p.default
        else:
            return None
    trace = _unrecorded(formula, given)
    if trace is None or not decl.numbers:
        return trace
    for want in given:
        p = decl.param(want)
        if want != "grad" and p is not None and p.is_tensor:  # a number may stand there, and must not matter
            with_number = _unrecorded(formula, {**given, want: NUMBER})
            if with_number is None or with_number.text.replace(f"({NUMBER})", want) != trace.text:
                return None
    return trace


def _unrecorded(formula: Any, given: dict[str, Any]) -> Trace | None:
    """The formula traced as it is run, where nothing is recorded, whatever the pass that asks for it first."""
    with no_grad():
        return traced(formula, *given.values())
