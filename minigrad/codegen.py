"""From a declaration to fast code: the node class and the public function of each op, as specialised source.

What may live here: templates only. Semantics that a template leaves out are in `dispatch`, which every
generated function falls back to. The source of any generated function can be read with `source_of`.

Note [Why generate]: a generic `apply(op, *args)` costs half again as much as an unrolled function, so each op
gets a straight-line one for its common case: Tensors of one dtype in a plain mode. Everything else (numbers
where the template does not know them, promotion, other modes, errors) takes the general funnel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad import modes
from minigrad.accumulate_grad import accumulator
from minigrad.layout import laid_out
from minigrad.node import Node, next_seq
from minigrad.saved_variable import FREED, SavedOutput, SavedTensor, input_modified, unpack, unpack_raw
from minigrad.tensor import Tensor, _new

if TYPE_CHECKING:
    from minigrad.registry import Op

FLOATS = frozenset(map(np.dtype, ("float32", "float64")))
INEXACT = frozenset(map(np.dtype, ("float16", "float32", "float64", "complex64", "complex128")))

# filled by `dispatch` and `views`, which know the rest of the story
HOOKS: dict[str, Any] = {}

_COMMON = {
    "Tensor": Tensor,
    "ndarray": np.ndarray,
    "generic": np.generic,
    "asarray": np.asarray,
    "new": _new,
    "state": modes.state,
    "next_seq": next_seq,
    "accumulator": accumulator,
    "FLOATS": FLOATS,
    "INEXACT": INEXACT,
    "SavedOutput": SavedOutput,
    "FREED": FREED,
    "unpack": unpack,
    "unpack_raw": unpack_raw,
    "input_modified": input_modified,
    "laid_out": laid_out,
}


def _signature(decl: Op, scope: dict[str, Any]) -> str:
    parts, star = [], False
    for p in decl.params:
        if p.keyword_only and not star:
            parts.append("*")
            star = True
        if p.default is p.__class__ or p.default is _EMPTY:
            parts.append(p.name)
        else:
            scope["default_" + p.name] = p.default
            parts.append(f"{p.name}=default_{p.name}")
    return ", ".join(parts)


_EMPTY = __import__("inspect").Parameter.empty


def _kernel_args(decl: Op, replace: dict[str, str]) -> str:
    return ", ".join(
        f"{p.name}={replace.get(p.name, p.name)}" if p.keyword_only else replace.get(p.name, p.name)
        for p in decl.params
    )


def _all_args(decl: Op) -> str:
    return "(" + "".join(p.name + ", " for p in decl.params) + ")"


def public_function(decl: Op) -> Any:
    """A function object whose code `recompile` fills in; its globals are its own."""
    scope = dict(_COMMON, OP=decl, kernel=decl.kernel, HOOKS=HOOKS, __name__=f"minigrad.ops.{decl.name}")
    source = _fallback_source(decl, scope)
    exec(compile(source, f"<op {decl.overload}>", "exec"), scope)  # noqa: S102 - our own templates
    fn = scope["function"]
    fn.__name__ = fn.__qualname__ = decl.name
    fn.__doc__ = decl.kernel.__doc__
    decl.function = fn
    recompile(decl)
    return fn


def inplace_function(decl: Op) -> Any:
    scope: dict[str, Any] = {"OP": decl, "HOOKS": HOOKS, "__name__": f"minigrad.ops.{decl.name}_"}
    source = f"def function({_signature(decl, scope)}):\n    return HOOKS['inplace'](OP, {_all_args(decl)})\n"
    exec(compile(source, f"<op {decl.overload} in place>", "exec"), scope)  # noqa: S102
    fn = scope["function"]
    fn.__name__ = fn.__qualname__ = decl.name + "_"
    return fn


def _fallback_source(decl: Op, scope: dict[str, Any]) -> str:
    return f"def function({_signature(decl, scope)}):\n    return HOOKS['call'](OP, {_all_args(decl)})\n"


def recompile(decl: Op) -> None:
    """Gives the public function of `decl` its fast path, now that more of it is declared."""
    fn = decl.function
    scope = fn.__globals__
    source = function_source(decl, scope)
    decl_scope: dict[str, Any] = {}
    exec(compile(source, f"<op {decl.overload}>", "exec"), scope, decl_scope)  # noqa: S102
    made = decl_scope["function"]
    fn.__code__, fn.__defaults__, fn.__kwdefaults__ = made.__code__, made.__defaults__, made.__kwdefaults__


def source_of(decl: Op) -> str:
    """The generated source of an op's public function, for reading."""
    return function_source(decl, dict(decl.function.__globals__))


def function_source(decl: Op, scope: dict[str, Any]) -> str:
    """The public function: fast path first, then arrays (for formulas), then the general funnel."""
    tensors = [p for p in decl.params if p.is_tensor]
    if not tensors or decl.outs or any(p.kind != "tensor" for p in tensors):
        return _fallback_source(decl, scope)
    if decl.node is not None:
        scope["Backward"] = decl.node
        scope["RELEASED"] = FREED
    lines = [f"def function({_signature(decl, scope)}):"]
    add = lines.append
    first = tensors[0].name
    add(f"    if type({first}) is Tensor:")
    add("        fast = state.fast")
    add("        if fast is not None:")
    pad = " " * 12
    add(f"{pad}a0 = {first}._a")
    ok = [_dtype_guard(decl)]
    for i, p in enumerate(tensors[1:], 1):
        if decl.numbers and len(tensors) == 2:
            add(f"{pad}t{i} = type({p.name})")
            add(f"{pad}if t{i} is Tensor:")
            add(f"{pad}    a{i} = {p.name}._a")
            add(f"{pad}    ok = a{i}.dtype is a0.dtype" + _and(ok))
            add(f"{pad}elif t{i} is float or t{i} is int:")
            add(f"{pad}    a{i} = {p.name}")
            add(f"{pad}    ok = a0.dtype in FLOATS" + _and(ok))
            add(f"{pad}else:")
            add(f"{pad}    ok = False")
            ok = ["ok"]
        else:
            cond = " and ".join([f"type({p.name}) is Tensor", f"{p.name}._a.dtype is a0.dtype", *filter(None, ok)])
            ok = ["ok"]
            add(f"{pad}ok = {cond}")
            add(f"{pad}a{i} = {p.name}._a if ok else None")
    condition = " and ".join(filter(None, ok))
    if condition:
        add(f"{pad}if {condition}:")
        pad += "    "
    add(f"{pad}try:")
    args = _kernel_args(decl, {p.name: f"a{i}" for i, p in enumerate(tensors)})
    add(f"{pad}    r = kernel({args})")
    add(f"{pad}except Exception:")
    add(f"{pad}    return HOOKS['call'](OP, {_all_args(decl)})")
    if decl.several:
        lines.extend(pad + line for line in _several_outputs(decl, tensors))
    else:
        lines.extend(pad + line for line in _one_output(decl, tensors))
    add(f"    elif isinstance({first}, (ndarray, generic)) and type({tensors[-1].name}) is not Tensor:")
    add(f"        return kernel({_kernel_args(decl, {})})")
    add(f"    return HOOKS['call'](OP, {_all_args(decl)})")
    return "\n".join(lines) + "\n"


def _and(conditions: list[str]) -> str:
    return "".join(f" and {c}" for c in conditions if c)


def _dtype_guard(decl: Op) -> str:
    """What must hold of the first operand's dtype for the kernel to need no promotion."""
    return "a0.dtype in INEXACT" if decl.promote in ("float", "float_or_complex") else ""


def _requirement(p: Any, i: int, tensors: list[Any], decl: Op) -> str:
    test = f"{p.name}._rg or ({p.name}._meta is not None and {p.name}.requires_grad)"
    return f"t{i} is Tensor and ({test})" if i and decl.numbers and len(tensors) == 2 else test


def _new_out(value: str) -> list[str]:
    return [
        "out = new(Tensor)",
        f"out._a = {value}",
        "out._nr = 0",
        "out._grad = out._acc = out._vc = out._meta = None",
    ]


def _make_node(decl: Op, tensors: list[Any], shape_from: str) -> list[str]:
    """Lines that make `node` with edges and saved values; `q{i}` say which operands require grad."""
    lines = ["node = Backward()", "node.x = None"]
    position = {p.name: i for i, p in enumerate(tensors)}
    edges = [position[name] for name in decl.formulas]
    for i in edges:
        p = tensors[i].name
        lines += [
            f"if q{i}:",
            f"    f{i} = {p}._fn if {p}._meta is None else {p}.grad_fn",
            f"    if f{i} is None: f{i} = accumulator({p})",
            f"    n{i} = {p}._nr",
            "else:",
            f"    f{i} = None",
            f"    n{i} = 0",
        ] if len(edges) > 1 else [
            f"f{i} = {p}._fn if {p}._meta is None else {p}.grad_fn",
            f"if f{i} is None: f{i} = accumulator({p})",
            f"n{i} = {p}._nr",
        ]
    lines.append("node.seq = next_seq()")  # after the edges: asking for a stale view's grad_fn makes a node
    lines.append("node.fns = (" + "".join(f"f{i}, " for i in edges) + ")")
    lines.append("node.nrs = (" + "".join(f"n{i}, " for i in edges) + ")")
    for name in decl.saved:
        lines += _save_line(decl, name, position)
    return lines


def _save_line(decl: Op, name: str, position: dict[str, int]) -> list[str]:
    if name in position:
        i = position[name]
        users = [position[k] for k, wants in decl.wants.items() if name in wants]
        cond = " or ".join(f"q{u}" for u in users) if len(decl.formulas) > 1 else ""
        kind = f"t{i} is Tensor" if i and decl.numbers and len(position) == 2 else ""
        save = [
            f"node.s_{name} = {name} if {name}._meta is None else HOOKS['savable']({name})",
            f"node.v_{name} = 0 if {name}._vc is None else {name}._vc[0]",
        ]
        if kind:
            save = [f"if {kind}:", *("    " + s for s in save), "else:", f"    node.s_{name} = {name}", f"    node.v_{name} = 0"]
        if not cond:
            return save
        return [f"if {cond}:", *("    " + s for s in save), "else:", f"    node.s_{name} = None", f"    node.v_{name} = 0"]
    if name in ("result", "result0"):
        return []  # saved once `out` exists
    if name in ("result_shape", "result_dtype"):
        return [f"node.p_{name} = {'r.shape' if name == 'result_shape' else 'r.dtype'}"]
    base, _, what = name.rpartition("_")
    if base in position and what in ("shape", "dtype"):
        return [f"node.p_{name} = getattr(a{position[base]}, '{what}', ())"]
    return [f"node.p_{name} = {name}"]


def _needs(decl: Op, tensors: list[Any]) -> list[str]:
    """Lines that compute `q{i}` per differentiable operand; returns with the name of the test last."""
    position = {p.name: i for i, p in enumerate(tensors)}
    edges = [position[name] for name in decl.formulas]
    return [f"q{i} = {_requirement(tensors[i], i, tensors, decl)}" for i in edges]


def _any(decl: Op, tensors: list[Any]) -> str:
    position = {p.name: i for i, p in enumerate(tensors)}
    return " or ".join(f"q{position[name]}" for name in decl.formulas)


def _one_output(decl: Op, tensors: list[Any]) -> list[str]:
    lines = ["if type(r) is not ndarray: r = asarray(r)"]
    if len(tensors) > 1 and decl.promote != "keep":
        arrays = [f"a{i}" for i in range(len(tensors))]
        flat = " and ".join(f"{a}.flags.c_contiguous" for a in arrays)
        plain = "t1 is Tensor and " if decl.numbers and len(tensors) == 2 else ""
        lines.append(f"elif {plain}r.ndim > 1 and not ({flat}): r = laid_out(r, ({', '.join(arrays)}))")
    lines += _new_out("r")
    if decl.view:
        lines.append(f"HOOKS['view'](out, {tensors[0].name}, fast, False)")
    if decl.node is None:
        return [*lines, "out._rg = False", "out._fn = None", "return out"]
    lines.append("if fast:")
    lines += ["    " + s for s in _needs(decl, tensors)]
    lines.append(f"    if {_any(decl, tensors)}:")
    inner = _make_node(decl, tensors, "r")
    inner += ["node.shape = r.shape", "node.dt = r.dtype", "out._fn = node", "out._rg = True"]
    if "result" in decl.saved:
        inner += ["node.s_result = SavedOutput(out, 0)", "node.v_result = 0"]
    inner.append("return out")
    lines += ["        " + s for s in inner]
    return [*lines, "out._rg = False", "out._fn = None", "return out"]


def _several_outputs(decl: Op, tensors: list[Any]) -> list[str]:
    lines = ["node = None"]
    if decl.node is not None:
        lines.append("if fast:")
        lines += ["    " + s for s in _needs(decl, tensors)]
        lines.append(f"    if ({_any(decl, tensors)}) and r:")
        inner = [*_make_node(decl, tensors, "r"), "node.shape = r[0].shape", "node.dt = r[0].dtype"]
        inner.append("node.more = [(one.shape, one.dtype) for one in r[1:]]")
        lines += ["        " + s for s in inner]
    lines += ["outs = []", "nr = 0", "for one in r:"]
    body = ["if type(one) is not ndarray: one = asarray(one)", *_new_out("one")]
    if decl.view:
        body.append(f"HOOKS['view'](out, {tensors[0].name}, fast, True)")
    body += [
        "if node is not None and one.dtype.kind in 'fc':",
        "    out._fn = node",
        "    out._rg = True",
        "    out._nr = nr",
        "else:",
        "    out._fn = None",
        "    out._rg = False",
        "nr += 1",
        "outs.append(out)",
    ]
    lines += ["    " + s for s in body]
    if "result" in decl.saved:
        lines += ["if node is not None:", "    node.s_result = [SavedOutput(o, i) for i, o in enumerate(outs)]", "    node.v_result = 0"]
    if "result0" in decl.saved:
        lines += ["if node is not None: node.s_result0, node.v_result0 = SavedOutput(outs[0], 0), 0"]
    return [*lines, "return tuple(outs)"]


# -- node classes ---------------------------------------------------------------------------------------


def node_class(decl: Op) -> type[Node]:
    """The Node subclass of an op: slots for what it saves, `raw`, `ten` and `release`."""
    assert decl.label is not None
    tensor_names = {p.name: p for p in decl.params if p.is_tensor}
    saved = [n for n in decl.saved if n in tensor_names or n in ("result", "result0") or n in decl.outs]
    plain = [n for n in decl.saved if n not in saved]
    slots = tuple(f"{k}_{n}" for n in saved for k in "sv") + tuple(f"p_{n}" for n in plain)
    scope: dict[str, Any] = dict(_COMMON)
    scope.update({f"F_{name}": formula for name, formula in decl.formulas.items()})
    source = _methods_source(decl, saved, plain)
    exec(compile(source, f"<node {decl.label}>", "exec"), scope)  # noqa: S102
    body: dict[str, Any] = {
        "__slots__": slots,
        "__module__": "minigrad",
        "label": decl.label,
        "several": decl.several,
        "raw": scope["raw"],
        "ten": scope["ten"],
        "release": scope["release"],
        "source": source,
    }
    for name in saved:
        body[f"_saved_{name}"] = _saved_property(name)
        body[f"_raw_saved_{name}"] = property(lambda self, name=name: SavedTensor(self, name))
    for name in plain:
        shown = name.replace("_shape", "_sym_sizes") if name.endswith("_shape") else name
        body[f"_saved_{shown}"] = property(lambda self, name=name: getattr(self, "p_" + name))
    cls = type(decl.label, (Node,), body)
    mixed = type(decl.label, (cls,), {"__slots__": (), "__module__": "minigrad", "raw": _raw_via_tensors})
    cls.Mixed = mixed  # type: ignore[attr-defined]
    return cls


def _saved_property(name: str) -> property:
    def read(self: Any) -> Any:
        saved = getattr(self, "s_" + name)
        if type(saved) is list:
            return tuple(unpack(self, one, 0) for one in saved)
        return unpack(self, saved, getattr(self, "v_" + name))

    return property(read)


def _raw_via_tensors(self: Any, grad: Any) -> tuple[Any, ...]:
    """`raw` for operands of several dtypes: formulas run on Tensors, which promote as torch does."""
    return HOOKS["raw_via_tensors"](self, grad)  # type: ignore[no-any-return]


def _methods_source(decl: Op, saved: list[str], plain: list[str]) -> str:
    out = []
    tensors_param = next((p for p in decl.params if p.kind == "tensors"), None)
    for method, unpacker in (("raw", "unpack_raw"), ("ten", "unpack")):
        lines = [f"def {method}(node, grad{'s' if decl.several else ''}):"]
        for name in saved:
            p = decl.param(name)
            if name == "result" and decl.several or p is not None and p.kind == "tensors":
                lines.append(f"    {name} = [{unpacker}(node, one, 0) for one in node.s_{name}]")
            elif method == "raw" and name not in ("result", "result0", *decl.outs[:1]):
                lines += [
                    f"    {name} = node.s_{name}",
                    f"    if type({name}) is Tensor:",
                    f"        c = {name}._vc",
                    f"        if c is not None and c[0] != node.v_{name}: raise input_modified({name}, node.v_{name})",
                    f"        {name} = {name}._a",
                    f"    elif {name} is not None: {name} = unpack_raw(node, {name}, 0)",
                ]
            else:
                lines.append(f"    {name} = {unpacker}(node, node.s_{name}, node.v_{name})")
        lines += [f"    {name} = node.p_{name}" for name in plain]
        n = len(decl.formulas)
        if tensors_param is not None:
            lines.append("    if grad is None: return [None] * len(node.fns)")
            (name,) = decl.formulas
            lines.append(f"    return list({_formula_call(decl, name)})")
        else:
            undefined = "all(g is None for g in grads)" if decl.several else "grad is None"
            lines.append(f"    if {undefined}: return [{'None, ' * n}]")
            if n == 1:
                (name,) = decl.formulas
                lines.append(f"    return [{_formula_call(decl, name)}]")
            else:
                lines.append("    fns = node.fns")
                terms = [
                    f"{_formula_call(decl, name)} if fns[{i}] is not None else None"
                    for i, name in enumerate(decl.formulas)
                ]
                lines.append("    return [" + ", ".join(terms) + "]")
        out.append("\n".join(lines))
    release = ["def release(node):"]
    for name in saved:
        release += [f"    if node.s_{name} is not None: node.s_{name} = FREED"]
    out.append("\n".join([*release, "    return"]))
    return "\n\n".join(out) + "\n"


def _formula_call(decl: Op, name: str) -> str:
    import inspect

    return f"F_{name}({', '.join(inspect.signature(decl.formulas[name]).parameters)})"
