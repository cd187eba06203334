"""Expressions of program text: from Python's syntax tree to arguments of the language; modes to parts.

What may live here: how each kind of value is recognised; for everything else an error that names the line and
says what would be right. Nothing is executed or computed. Statements are the `parser`'s.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import Any

from oracle.errors import BadProgramError
from oracle.program import functions
from oracle.program.language import NAN, NEGATIVE_NAN, Attr, Fn, ListArg, Ref, Slice

DEEPEST_VALUE = 64  # brackets within brackets; no tensor has more dimensions
BAD_SYNTAX = (SyntaxError, ValueError, MemoryError, RecursionError, OverflowError)
"""What `ast.parse` raises for a text that it cannot read."""


@lru_cache(maxsize=1000)
def parse_mode(mode: str) -> tuple[str, tuple[Any, ...], tuple[tuple[str, Any], ...]]:
    """The dotted name, arguments and keywords of a mode's text, as "set_grad_enabled(False)"."""
    try:
        call = ast.parse(f"T.{mode}", mode="eval").body
    except BAD_SYNTAX:
        call = None
    path = path_of(call.func) if isinstance(call, ast.Call) else None
    if path is None or not isinstance(call, ast.Call):
        raise BadProgramError(f"mode {mode!r} is not a call below T, as 'no_grad()'")
    return path, tuple(value_of(arg) for arg in call.args), keywords(call)


def refuse(node: ast.AST, complaint: str) -> BadProgramError:
    """The error to raise for the line that `node` stands on."""
    return BadProgramError(f"line {getattr(node, 'lineno', '?')}: {complaint}")


def keywords(node: ast.Call) -> tuple[tuple[str, Any], ...]:
    """The keyword arguments of a call."""
    if any(keyword.arg is None for keyword in node.keywords):
        raise refuse(node, "`**` is not in the language; write each keyword out")
    return tuple((str(keyword.arg), value_of(keyword.value)) for keyword in node.keywords)


def path_of(node: ast.expr) -> str | None:
    """The dotted name below T, or None for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if parts and isinstance(node, ast.Name) and node.id == "T":
        return ".".join(reversed(parts))
    return None


def name_of(node: ast.Name) -> Ref | Fn:
    known = functions.LIBRARY.get(node.id)
    return Fn(node.id) if known is not None and known.is_class else Ref(node.id)


def value_of(node: ast.expr, depth: int = 0) -> Any:
    """One argument."""
    if depth > DEEPEST_VALUE:
        raise refuse(node, f"a value is nested more than {DEEPEST_VALUE} deep; write it flatter")
    if isinstance(node, ast.Constant) and not isinstance(node.value, bytes):
        return node.value
    if isinstance(node, ast.Name):
        return name_of(node)
    if isinstance(node, ast.Tuple):
        return tuple([value_of(item, depth + 1) for item in node.elts])
    if isinstance(node, ast.List):
        return ListArg(tuple([value_of(item, depth + 1) for item in node.elts]))
    if isinstance(node, ast.UnaryOp | ast.BinOp):
        return _number(node, depth)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _constructed(node, depth)
    if isinstance(node, ast.Lambda):
        found = functions.find(node)
        if found is None:
            raise refuse(node, "this lambda is not in the library of the language; see program/functions.py")
        return Fn(found)
    path = path_of(node) if isinstance(node, ast.Attribute) else None
    if path is not None:
        return Attr(path)
    raise refuse(
        node,
        "an argument is a name, a literal, `T.name` or a library function; bind anything else first",
    )


def _number(node: ast.UnaryOp | ast.BinOp, depth: int) -> Any:
    """`-1.0`, `-float('inf')` and `1+2j`: numbers that Python writes with operators."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = value_of(node.operand, depth + 1)
        if type(value) in (int, float, complex):
            return NEGATIVE_NAN if value is NAN else -value
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        left, right = value_of(node.left, depth + 1), value_of(node.right, depth + 1)
        if type(left) in (int, float) and type(right) is complex:
            return left + right if isinstance(node.op, ast.Add) else left - right
    raise refuse(node, "an argument is not computed in place; bind the result of an operator to a name first")


def _constructed(node: ast.Call, depth: int) -> Any:
    """`float('nan')`, `complex(1.0, -0.0)` and `slice(1, 2, None)`: values that have no literal."""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    args = [value_of(arg, depth + 1) for arg in node.args]
    if node.keywords:
        name = ""
    if name == "float" and len(args) == 1 and args[0] in ("nan", "inf", "-inf"):
        return NAN if args[0] == "nan" else float(args[0])
    if name == "complex" and len(args) == 2 and all(type(arg) in (int, float) for arg in args):
        return complex(*args)
    if name == "slice" and len(args) == 3:
        return Slice(*args)
    raise refuse(node, "a call cannot stand as an argument; bind its result to a name first")
