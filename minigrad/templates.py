"""What the templates of ops and nodes share: their common names, signatures, and the lines that make a node.

What may live here: pieces of source. `codegen` and `nodegen` put them together.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from minigrad import modes
from minigrad.accumulate_grad import accumulator
from minigrad.declaration import Op
from minigrad.dtypes import check_integer
from minigrad.layout import idle_as, laid_out
from minigrad.memory import strides_of
from minigrad.node import ZEROS, next_seq
from minigrad.saved_variable import FREED, SavedOutput, input_modified, saved_result, unpack, unpack_raw
from minigrad.tensor import DEFAULT, MULTI_OUTPUT_NODE, NO_GRAD_MODE, Meta, Tensor, _new
from minigrad.tracing import Trace
from minigrad.validate import fit_raw
from minigrad.windows import meets_itself

F32, F64 = np.dtype("float32"), np.dtype("float64")
FLOATS = frozenset((F32, F64))
INEXACT = frozenset(map(np.dtype, ("float16", "float32", "float64", "complex64", "complex128")))

_arrays: dict[Any, dict[float, Any]] = {F32: {}, F64: {}}


def number(value: float, dt: Any) -> Any:
    """A number as an operand beside arrays of `dt`: as a 0-d array, which ufuncs are quicker with."""
    known = _arrays[dt].get(value)
    return _as_operand(value, dt) if known is None else known


def _as_operand(value: float, dt: Any) -> Any:
    if not 2.0**-60 < abs(value) < 2.0**24:  # 0 has two signs, and what is huge may not fit
        if type(value) is int:
            check_integer(value)
        return value
    made = np.array(value, dt)
    made.flags.writeable = False
    if len(_arrays[dt]) < 1000:
        _arrays[dt][value] = made
    return made


# filled by `dispatch` and `views`, which know the rest of the story
HOOKS: dict[str, Any] = {}

COMMON = {
    "Tensor": Tensor,
    "Meta": Meta,
    "DEFAULT": DEFAULT,
    "MULTI_OUTPUT_NODE": MULTI_OUTPUT_NODE,
    "NO_GRAD_MODE": NO_GRAD_MODE,
    "ndarray": np.ndarray,
    "CARRIERS": (np.ndarray, np.generic, Trace),
    "F32": F32,
    "F64": F64,
    "ZEROS": ZEROS,
    "fit": fit_raw,
    "number": number,
    "asarray": np.asarray,
    "new": _new,
    "state": modes.state,
    "next_seq": next_seq,
    "accumulator": accumulator,
    "FLOATS": FLOATS,
    "INEXACT": INEXACT,
    "SavedOutput": SavedOutput,
    "saved_result": saved_result,
    "FREED": FREED,
    "unpack": unpack,
    "unpack_raw": unpack_raw,
    "input_modified": input_modified,
    "idle_as": idle_as,
    "laid_out": laid_out,
    "strides_of": strides_of,
    "meets_itself": meets_itself,
}


def signature(decl: Op, scope: dict[str, Any]) -> str:
    parts, star = [], False
    for p in decl.params:
        if p.keyword_only and not star:
            parts.append("*")
            star = True
        if p.default is inspect.Parameter.empty:
            parts.append(p.name)
        else:
            scope["default_" + p.name] = p.default
            parts.append(f"{p.name}=default_{p.name}")
    return ", ".join(parts)


def kernel_args(decl: Op, replace: dict[str, str]) -> str:
    return ", ".join(
        f"{p.name}={replace.get(p.name, p.name)}" if p.keyword_only else replace.get(p.name, p.name)
        for p in decl.params
    )


def all_args(decl: Op) -> str:
    return "(" + "".join(p.name + ", " for p in decl.params) + ")"


def _requirement(p: Any, i: int, tensors: list[Any], decl: Op) -> str:
    test = f"{p.name}._rg or ({p.name}._meta is not None and {p.name}.requires_grad)"
    return f"t{i} is Tensor and ({test})" if i and decl.numbers and len(tensors) == 2 else test


def new_out(value: str) -> list[str]:
    return [
        "out = new(Tensor)",
        f"out._a = {value}",
        "out._nr = 0",
        "out._grad = out._acc = out._vc = out._meta = None",
    ]


def view_lines(base: str, several: bool) -> tuple[list[str], list[str]]:
    """Lines that prepare for views of `base`, and lines that make `out` one: `views.attach_view` for bases
    of which nothing is known but that they are looked into."""
    creation = "MULTI_OUTPUT_NODE" if several else "DEFAULT"
    before = [
        f"_root = {base}._meta is None",
        f"_c = {base}._vc",
        f"if _root and _c is None: {base}._vc = _c = [0]",
    ]
    each = [
        "if _root:",
        "    out._meta = _m = Meta()",
        f"    _m.base = {base}",
        f"    _m.creation = {creation} if fast else NO_GRAD_MODE",
        "    _m.attr_version = _c[0]",
        "    out._vc = _c",
        f"else: HOOKS['view'](out, {base}, fast, {several})",
    ]
    return before, each


def make_node(decl: Op, tensors: list[Any], *, written: bool = False) -> list[str]:
    """Lines that make `node` with edges and saved values; `q{i}` say which operands require grad.

    `written` says that the first operand is about to be written to, so that a copy of it is saved.
    """
    lines = ["node = Backward()", "node.x = None"]
    position = {p.name: i for i, p in enumerate(tensors)}
    edges = [position[name] for name in decl.formulas]
    for i in edges:
        p = tensors[i].name
        edge = [
            f"f{i} = {p}._fn",
            f"_m = {p}._meta",  # a view's node is what it was as long as nobody wrote, see views.Note [Stale views]
            f"if _m is not None and (f{i} is None or {p}._vc is None or {p}._vc[0] != _m.attr_version):",
            f"    f{i} = {p}.grad_fn",
            f"if f{i} is None:",
            f"    f{i} = {p}._acc",
            f"    f{i} = (f{i} is not None and {p}._rg and f{i}()) or accumulator({p})",
            f"n{i} = {p}._nr",
        ]
        lines += edge if len(edges) == 1 else _either(f"q{i}", edge, [f"f{i} = None", f"n{i} = 0"])
    lines.append("node.seq = next_seq()")  # after the edges: asking for a stale view's grad_fn makes a node
    lines.append("node.fns = (" + "".join(f"f{i}, " for i in edges) + ")")
    first = " or ".join(f"n{i}" for i in edges)
    lines.append(f"node.nrs = ({''.join(f'n{i}, ' for i in edges)}) if {first} else ZEROS[{len(edges)}]")
    for name in decl.saved:
        lines += save_line(decl, name, position, written)
    return lines


def _either(condition: str, yes: list[str], no: list[str]) -> list[str]:
    return [f"if {condition}:", *("    " + line for line in yes), "else:", *("    " + line for line in no)]


def save_line(decl: Op, name: str, position: dict[str, int], written: bool) -> list[str]:
    if name in position:
        i = position[name]
        users = [position[k] for k, wants in decl.wants.items() if name in wants]
        asked = len(decl.formulas) > 1 and decl.asks_for(users)
        cond = " or ".join(f"f{user} is not None" for user in users) if asked else ""
        kind = f"t{i} is Tensor" if i and decl.numbers and len(position) == 2 else ""
        save = [
            f"_m = {name}._meta",
            f"node.s_{name} = {name} if _m is None or not _m.inference else HOOKS['savable']({name})",
            f"_c = {name}._vc",
            f"node.v_{name} = 0 if _c is None else _c[0]",
        ]
        if written and i == 0:
            save = [f"node.s_{name} = HOOKS['original']({name}, f0, n0)", f"node.v_{name} = 0"]
        if kind:
            save = _either(kind, save, [f"node.s_{name} = {name}", f"node.v_{name} = 0"])
        return _either(cond, save, [f"node.s_{name} = None", f"node.v_{name} = 0"]) if cond else save
    if name in ("result", *decl.numbered):
        return []  # saved once `out` exists
    if name in ("result_shape", "result_dtype"):
        return [f"node.p_{name} = {'r.shape' if name == 'result_shape' else 'r.dtype'}"]
    base, _, what = name.rpartition("_")
    if base in position and what == "strides":  # unlike sizes only of what requires grad, edge or not
        guard = f" if q{position[base]} else ()" if len(decl.formulas) > 1 and base in decl.formulas else ""
        return [f"node.p_{name} = strides_of(a{position[base]}){guard}"]
    if base in position and what in ("shape", "dtype"):
        return [f"node.p_{name} = getattr(a{position[base]}, '{what}', ())"]
    return [f"node.p_{name} = {name}"]


def needs(decl: Op, tensors: list[Any]) -> list[str]:
    """Lines that compute `q{i}` per differentiable operand; returns with the name of the test last."""
    position = {p.name: i for i, p in enumerate(tensors)}
    edges = [position[name] for name in decl.formulas]
    return [f"q{i} = {_requirement(tensors[i], i, tensors, decl)}" for i in edges]


def any_needs(decl: Op, tensors: list[Any]) -> str:
    position = {p.name: i for i, p in enumerate(tensors)}
    return " or ".join(f"q{position[name]}" for name in decl.formulas)
