"""Text to Program: the inverse of `printer`. Reads Python's syntax tree and never executes anything.

What may live here: how each statement of the language is recognised, and for everything else an error that
names the line and says what would be right. The text may come from anybody: size and depth are limited, and
a name outside the `vocabulary` is refused before an engine sees it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NoReturn

from oracle.errors import BadProgramError
from oracle.program import functions, validity
from oracle.program.language import BUILTINS, Attr, Fn, Form, Instruction, ListArg, Program, Ref, Slice
from oracle.program.printer import argument, shared_depth

LONGEST_TEXT = 4_000_000  # characters
DEEPEST_VALUE = 64  # brackets within brackets; no tensor has more dimensions

_BINARY: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_UNARY: dict[type[ast.AST], str] = {ast.USub: "neg", ast.UAdd: "pos", ast.Invert: "invert"}
_BAD_SYNTAX = (SyntaxError, ValueError, MemoryError, RecursionError, OverflowError)


def parse(text: str) -> Program:
    """The program that `text` is; comments, blank lines and one `import ... as T` are passed over.

    Raises BadProgramError, naming the line, for a text that is no legal program.
    """
    if len(text) > LONGEST_TEXT:
        raise BadProgramError(f"the text has {len(text)} characters; a program has at most {LONGEST_TEXT}")
    try:
        tree = ast.parse(text)
    except _BAD_SYNTAX as error:
        raise BadProgramError(_syntax_message(error)) from None
    try:
        found = list(_statements(_body(tree), (), caught=False))
        _check_blocks(found)
    except RecursionError:
        raise BadProgramError(f"a value is nested more than {DEEPEST_VALUE} deep; write it flatter") from None
    program = Program(tuple(instruction for instruction, _, _ in found))
    for index, complaint in validity.violations(program):
        raise BadProgramError(f"line {found[index][1].lineno}: {complaint}")
    return program


def parse_mode(mode: str) -> tuple[str, tuple[Any, ...], tuple[tuple[str, Any], ...]]:
    """The dotted name, arguments and keywords of a mode's text, as "set_grad_enabled(False)"."""
    try:
        call = ast.parse(f"T.{mode}", mode="eval").body
    except _BAD_SYNTAX:
        call = None
    path = _path(call.func) if isinstance(call, ast.Call) else None
    if path is None or not isinstance(call, ast.Call):
        raise BadProgramError(f"mode {mode!r} is not a call below T, as 'no_grad()'")
    return path, tuple(_value(arg) for arg in call.args), _keywords(call)


def _syntax_message(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        line = f"line {error.lineno}: " if error.lineno else ""
        return f"{line}this is not Python: {error.msg}. A program is plain statements, one to a line"
    if isinstance(error, ValueError):
        return f"this is not Python: {error}. A program is plain text, one statement to a line"
    return "this nests too deeply to be read. A program is plain statements, one to a line"


def _refuse(node: ast.AST, complaint: str) -> NoReturn:
    raise BadProgramError(f"line {getattr(node, 'lineno', '?')}: {complaint}")


def _body(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements after the header: docstring, the import of T, and classes of the library."""
    started = imported = False
    for position, node in enumerate(tree.body):
        if isinstance(node, ast.Import):
            if started or imported or [alias.asname for alias in node.names] != ["T"]:
                _refuse(node, "only one import may stand, before everything else: `import torch as T`")
            imported = True
        elif isinstance(node, ast.ClassDef):
            if functions.find(node) is None:
                _refuse(
                    node, f"class {node.name} is not in the library of the language, program/functions.py"
                )
        elif position == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            if not isinstance(node.value.value, str):
                _refuse(node, "a value alone does nothing; bind a result to a name, as `v0 = T.ones(2)`")
        else:
            started = True
            yield node


_Found = tuple[Instruction, ast.stmt, tuple[ast.AST, ...]]
"""An instruction, its statement, and the parts of `with` statements around it, outermost first."""


def _statements(
    nodes: Iterator[ast.stmt] | Sequence[ast.stmt], blocks: tuple[ast.withitem, ...], *, caught: bool
) -> Iterator[_Found]:
    for node in nodes:
        if isinstance(node, ast.With):
            if caught:
                _refuse(node, "a `with` may stand around a `try`, not inside one")
            yield from _statements(node.body, blocks + tuple(node.items), caught=False)
        elif isinstance(node, ast.Try):
            if caught:
                _refuse(node, "a `try` may not stand inside a `try`")
            _check_try(node)
            yield from _statements(node.body, blocks, caught=True)
        else:
            outs, unpack, form, op, args, kwargs = _simple(node)
            modes = tuple(_mode(item) for item in blocks)
            yield Instruction(outs, form, op, args, kwargs, unpack, modes, caught), node, blocks


def _check_blocks(found: list[_Found]) -> None:
    """Neighbouring blocks that read the same are one block of the language, so they must be in the text."""
    for (before, _, outside), (after, node, inside) in pairwise(found):
        for depth in range(shared_depth(before.modes, after.modes)):
            if outside[depth] is not inside[depth]:
                _refuse(
                    node, f"neighbouring blocks `with T.{after.modes[depth]}:` are one; write them as one"
                )


def _mode(item: ast.withitem) -> str:
    call = item.context_expr
    path = _path(call.func) if isinstance(call, ast.Call) else None
    if item.optional_vars is not None or path is None or not isinstance(call, ast.Call):
        _refuse(call, "a block is entered by a call below T without `as`, as in `with T.no_grad():`")
    texts = [argument(_value(arg)) for arg in call.args]
    texts += [f"{name}={argument(value)}" for name, value in _keywords(call)]
    return f"{path}({', '.join(texts)})"


def _check_try(node: ast.Try) -> None:
    right = "write `except Exception as error:` and under it `print(error)`"
    if len(node.body) != 1:
        _refuse(node, "a `try` holds exactly one statement, since each is caught by itself")
    if len(node.handlers) != 1 or node.orelse or node.finalbody:
        _refuse(node, f"a `try` has exactly one `except`, no `else`, no `finally`: {right}")
    handler = node.handlers[0]
    expected = ast.parse("try:\n    pass\nexcept Exception as error:\n    print(error)").body[0]
    if not isinstance(expected, ast.Try) or ast.dump(handler) != ast.dump(expected.handlers[0]):
        _refuse(handler, f"every exception is caught in one way: {right}")


_Parts = tuple[tuple[str, ...], bool, Form, str, tuple[Any, ...], tuple[tuple[str, Any], ...]]


def _simple(node: ast.stmt) -> _Parts:
    """The parts of a statement that is no block: outs, unpack, form, op, args, kwargs."""
    if isinstance(node, ast.Expr):
        if not isinstance(node.value, ast.Call):
            _refuse(node, "a value alone does nothing; bind it to a name, as `v1 = v0.grad`")
        return (), False, *_right(node.value)
    if isinstance(node, ast.Delete) and len(node.targets) == 1:
        return (), False, "del", "", (_receiver(node.targets[0]),), ()
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        _refuse(
            node,
            f"a program has calls, assignments, `with T....():`, `try:` and print, no {type(node).__name__}",
        )
    target = node.targets[0]
    if isinstance(target, ast.Name):
        return (target.id,), False, *_right(node.value)
    if isinstance(target, ast.Tuple | ast.List):
        names = tuple(item.id for item in target.elts if isinstance(item, ast.Name))
        if len(names) != len(target.elts) or not names:
            _refuse(node, "a result is unpacked into plain names, as `v1, v2 = v0.unbind(0)`")
        return names, True, *_right(node.value)
    if isinstance(target, ast.Attribute):
        return (), False, "set", target.attr, (_receiver(target.value), _value(node.value)), ()
    if isinstance(target, ast.Subscript):
        place = (_receiver(target.value), _index(target.slice))
        return (), False, "setindex", "", (*place, _value(node.value)), ()
    _refuse(node, "the left side is a name, names, `v0.attribute` or `v0[index]`")


_Right = tuple[Form, str, tuple[Any, ...], tuple[tuple[str, Any], ...]]


def _right(node: ast.expr) -> _Right:
    """The right side of an assignment, or a call that stands alone."""
    if isinstance(node, ast.Call):
        return _call(node)
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        return "operator", _BINARY[type(node.op)], (_value(node.left), _value(node.right)), ()
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _BINARY:
        return "operator", _BINARY[type(node.ops[0])], (_value(node.left), _value(node.comparators[0])), ()
    if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
        return "operator", _UNARY[type(node.op)], (_receiver(node.operand),), ()
    if isinstance(node, ast.Attribute) and _path(node) is None:
        return "get", node.attr, (_receiver(node.value),), ()
    if isinstance(node, ast.Subscript):
        return "index", "", (_receiver(node.value), _index(node.slice)), ()
    _refuse(node, "the right side is one call, operator, attribute or index, as `v2 = T.mul(v0, v1)`")


def _call(node: ast.Call) -> _Right:
    args, kwargs = tuple(_value(arg) for arg in node.args), _keywords(node)
    path = _path(node.func)
    if path is not None:
        return "call", path, args, kwargs
    if isinstance(node.func, ast.Attribute):
        return "method", node.func.attr, (_receiver(node.func.value), *args), kwargs
    if isinstance(node.func, ast.Name) and not kwargs:
        if node.func.id == "print":
            return "print", "", args, ()
        if node.func.id in BUILTINS:
            return "builtin", node.func.id, args, ()
    known = ", ".join(BUILTINS)
    _refuse(
        node, f"what is called is `T.name`, a method of a name, print, or, without keywords, one of {known}"
    )


def _keywords(node: ast.Call) -> tuple[tuple[str, Any], ...]:
    if any(keyword.arg is None for keyword in node.keywords):
        _refuse(node, "`**` is not in the language; write each keyword out")
    return tuple((str(keyword.arg), _value(keyword.value)) for keyword in node.keywords)


def _receiver(node: ast.expr) -> Ref | Fn:
    if isinstance(node, ast.Name):
        value = _name(node)
        if type(value) in (Ref, Fn):
            return value
    _refuse(node, "one step to a line: bind what stands left of the dot or bracket to a name first")


def _index(node: ast.expr) -> Any:
    if isinstance(node, ast.Tuple):
        return tuple(_index_part(item) for item in node.elts)
    return _index_part(node)


def _index_part(node: ast.expr) -> Any:
    if isinstance(node, ast.Slice):
        parts = (node.lower, node.upper, node.step)
        return Slice(*(None if part is None else _value(part) for part in parts))
    return _value(node)


def _path(node: ast.expr) -> str | None:
    """The dotted name below T, or None for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if parts and isinstance(node, ast.Name) and node.id == "T":
        return ".".join(reversed(parts))
    return None


def _name(node: ast.Name) -> Ref | Fn:
    known = functions.LIBRARY.get(node.id)
    return Fn(node.id) if known is not None and known.is_class else Ref(node.id)


def _value(node: ast.expr, depth: int = 0) -> Any:
    """One argument."""
    if depth > DEEPEST_VALUE:
        _refuse(node, f"a value is nested more than {DEEPEST_VALUE} deep; write it flatter")
    if isinstance(node, ast.Constant) and not isinstance(node.value, bytes):
        return node.value
    if isinstance(node, ast.Name):
        return _name(node)
    if isinstance(node, ast.Tuple):
        return tuple([_value(item, depth + 1) for item in node.elts])
    if isinstance(node, ast.List):
        return ListArg(tuple([_value(item, depth + 1) for item in node.elts]))
    if isinstance(node, ast.UnaryOp | ast.BinOp):
        return _number(node, depth)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _constructed(node, depth)
    if isinstance(node, ast.Lambda):
        found = functions.find(node)
        if found is None:
            _refuse(node, "this lambda is not in the library of the language; see program/functions.py")
        return Fn(found)
    path = _path(node) if isinstance(node, ast.Attribute) else None
    if path is not None:
        return Attr(path)
    _refuse(
        node,
        "an argument is a name, a literal, `T.name` or a library function; bind anything else first",
    )


def _number(node: ast.UnaryOp | ast.BinOp, depth: int) -> Any:
    """`-1.0`, `-float('inf')` and `1+2j`: numbers that Python writes with operators."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _value(node.operand, depth + 1)
        if type(value) in (int, float, complex):
            return -value
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        left, right = _value(node.left, depth + 1), _value(node.right, depth + 1)
        if type(left) in (int, float) and type(right) is complex:
            return left + right if isinstance(node.op, ast.Add) else left - right
    _refuse(node, "an argument is not computed in place; bind the result of an operator to a name first")


def _constructed(node: ast.Call, depth: int) -> Any:
    """`float('nan')`, `complex(1.0, -0.0)` and `slice(1, 2, None)`: values that have no literal."""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    args = [_value(arg, depth + 1) for arg in node.args]
    if node.keywords:
        name = ""
    if name == "float" and len(args) == 1 and args[0] in ("nan", "inf", "-inf"):
        return float(args[0])
    if name == "complex" and len(args) == 2 and all(type(arg) in (int, float) for arg in args):
        return complex(*args)
    if name == "slice" and len(args) == 3:
        return Slice(*args)
    _refuse(node, "a call cannot stand as an argument; bind its result to a name first")
