"""From a declaration to its node class: slots for what is saved, `raw`, `ten` and `release`.

What may live here: the templates of nodes. What a node does when no template can say it is in HOOKS.
"""

from __future__ import annotations

import inspect
from operator import attrgetter
from typing import Any

from minigrad.declaration import Op
from minigrad.node import Node
from minigrad.saved_variable import SavedTensor, shown, unpack
from minigrad.templates import COMMON, HOOKS


def node_class(decl: Op) -> type[Node]:
    """The Node subclass of an op: slots for what it saves, `raw`, `ten` and `release`."""
    assert decl.label is not None
    tensor_names = {p.name: p for p in decl.params if p.is_tensor}
    saved = [n for n in decl.saved if n in tensor_names or n in ("result", "result0") or n in decl.outs]
    plain = [n for n in decl.saved if n not in saved]
    slots = tuple(f"{k}_{n}" for n in saved for k in "sv") + tuple(f"p_{n}" for n in plain)
    scope: dict[str, Any] = dict(COMMON)
    scope.update({f"F_{name}": formula for name, formula in decl.formulas.items()})
    source = _methods_source(decl, saved, plain)
    exec(compile(source, f"<node {decl.label}>", "exec"), scope)
    body: dict[str, Any] = {
        "__slots__": slots,
        "__module__": "minigrad",
        "label": decl.label,
        "edges": tuple(decl.formulas),
        "several": decl.several,
        "raw": scope["raw"],
        "ten": scope["ten"],
        "release": scope["release"],
        "source": source,
    }
    for name in saved:
        body[f"_saved_{name}"] = _saved_property(name)
        body[f"_raw_saved_{name}"] = _raw_saved_property(name)
    for name in plain:
        base, _, what = name.rpartition("_")
        shown = f"{base}_{_SHOWN[what]}" if what in _SHOWN else name
        body[f"_saved_{shown}"] = property(attrgetter("p_" + name))
    cls = type(decl.label, (Node,), body)
    mixed = type(decl.label, (cls,), {"__slots__": (), "__module__": "minigrad", "raw": _raw_via_tensors})
    cls.Mixed = mixed  # type: ignore[attr-defined]
    return cls


_SHOWN = {"shape": "sym_sizes", "strides": "sym_strides"}
"""How torch calls what a node keeps of an operand."""


def _raw_saved_property(name: str) -> property:
    def handle(self: Any) -> SavedTensor:
        return SavedTensor(self, name)

    return property(handle)


def _saved_property(name: str) -> property:
    def read(self: Any) -> Any:
        saved = getattr(self, "s_" + name)
        if type(saved) is list:
            return tuple(unpack(self, one, 0) for one in saved)
        return shown(self, saved, getattr(self, "v_" + name))

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
            if (name == "result" and decl.several) or (p is not None and p.kind == "tensors"):
                lines.append(f"    {name} = [{unpacker}(node, one, 0) for one in node.s_{name}]")
            elif method == "raw" and name not in ("result", "result0", *decl.outs[:1]):
                lines += [
                    f"    {name} = node.s_{name}",
                    f"    if type({name}) is Tensor:",
                    f"        c = {name}._vc",
                    f"        if c is not None and c[0] != node.v_{name}: raise input_modified({name}, "
                    f"node.v_{name}, node, {name!r})",
                    f"        {name} = {name}._a",
                    f"    elif {name} is not None: {name} = unpack_raw(node, {name}, node.v_{name})",
                ]
            else:
                named = f", {name!r}" * (method == "ten")
                lines.append(f"    {name} = {unpacker}(node, node.s_{name}, node.v_{name}{named})")
        lines += [f"    {name} = node.p_{name}" for name in plain]
        n = len(decl.formulas)
        if tensors_param is not None:
            lines.append("    if grad is None: return [None] * len(node.fns)")
            (name,) = decl.formulas
            lines.append(f"    return list({_formula_call(decl, name)})")
        else:
            undefined = "all(g is None for g in grads)" if decl.several else "grad is None"
            lines.append(f"    if {undefined}: return [{'None, ' * n}]")
            if decl.joint is not None:
                lines.append("    wanted = tuple(fn is not None for fn in node.fns)")
                lines.append(f"    return list({_formula_call(decl, next(iter(decl.formulas)))})")
            elif n == 1:
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
    return f"F_{name}({', '.join(inspect.signature(decl.formulas[name]).parameters)})"
