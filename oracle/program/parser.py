"""Text to Program: the inverse of `printer`. Reads Python's syntax tree and never executes anything.

What may live here: how each statement of the language is recognised, and for everything else an error that
names the line and says what would be right. The text may come from anybody: size and depth are limited, and
a name outside the `vocabulary` is refused before an engine sees it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from oracle.errors import BadProgramError
from oracle.program import functions, validity
from oracle.program.expressions import BAD_SYNTAX, DEEPEST_VALUE, keywords, name_of, path_of, refuse, value_of
from oracle.program.language import BUILTINS, Fn, Form, Instruction, Ref, Slice
from oracle.program.printer import argument, shared_depth
from oracle.program.program import Program

LONGEST_TEXT = 4_000_000  # characters

_BINARY: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_UNARY: dict[type[ast.AST], str] = {ast.USub: "neg", ast.UAdd: "pos", ast.Invert: "invert"}


def parse(text: str) -> Program:
    """The program that `text` is; comments, blank lines and one `import ... as T` are passed over.

    Raises BadProgramError, naming the line, for a text that is no legal program.
    """
    if len(text) > LONGEST_TEXT:
        raise BadProgramError(f"the text has {len(text)} characters; a program has at most {LONGEST_TEXT}")
    try:
        tree = ast.parse(text)
    except BAD_SYNTAX as error:
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


def _syntax_message(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        line = f"line {error.lineno}: " if error.lineno else ""
        return f"{line}this is not Python: {error.msg}. A program is plain statements, one to a line"
    if isinstance(error, ValueError):
        return f"this is not Python: {error}. A program is plain text, one statement to a line"
    return "this nests too deeply to be read. A program is plain statements, one to a line"


def _body(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements after the header: docstring, the import of T, and classes of the library."""
    started = imported = False
    for position, node in enumerate(tree.body):
        if isinstance(node, ast.Import):
            if started or imported or [alias.asname for alias in node.names] != ["T"]:
                raise refuse(node, "only one import may stand, before everything else: `import torch as T`")
            imported = True
        elif isinstance(node, ast.ClassDef):
            if functions.find(node) is None:
                raise refuse(node, f"class {node.name} is not in the library of the language, program/functions.py")
        elif position == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            if not isinstance(node.value.value, str):
                raise refuse(node, "a value alone does nothing; bind a result to a name, as `v0 = T.ones(2)`")
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
                raise refuse(node, "a `with` may stand around a `try`, not inside one")
            yield from _statements(node.body, blocks + tuple(node.items), caught=False)
        elif isinstance(node, ast.Try):
            if caught:
                raise refuse(node, "a `try` may not stand inside a `try`")
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
                raise refuse(node, f"neighbouring blocks `with T.{after.modes[depth]}:` are one; write them as one")


def _mode(item: ast.withitem) -> str:
    call = item.context_expr
    path = path_of(call.func) if isinstance(call, ast.Call) else None
    if item.optional_vars is not None or path is None or not isinstance(call, ast.Call):
        raise refuse(call, "a block is entered by a call below T without `as`, as in `with T.no_grad():`")
    texts = [argument(value_of(arg)) for arg in call.args]
    texts += [f"{name}={argument(value)}" for name, value in keywords(call)]
    return f"{path}({', '.join(texts)})"


def _check_try(node: ast.Try) -> None:
    right = "write `except Exception as error:` and under it `print(error)`"
    if len(node.body) != 1:
        raise refuse(node, "a `try` holds exactly one statement, since each is caught by itself")
    if len(node.handlers) != 1 or node.orelse or node.finalbody:
        raise refuse(node, f"a `try` has exactly one `except`, no `else`, no `finally`: {right}")
    handler = node.handlers[0]
    expected = ast.parse("try:\n    pass\nexcept Exception as error:\n    print(error)").body[0]
    if not isinstance(expected, ast.Try) or ast.dump(handler) != ast.dump(expected.handlers[0]):
        raise refuse(handler, f"every exception is caught in one way: {right}")


_Parts = tuple[tuple[str, ...], bool, Form, str, tuple[Any, ...], tuple[tuple[str, Any], ...]]


def _simple(node: ast.stmt) -> _Parts:
    """The parts of a statement that is no block: outs, unpack, form, op, args, kwargs."""
    if isinstance(node, ast.Expr):
        if not isinstance(node.value, ast.Call):
            raise refuse(node, "a value alone does nothing; bind it to a name, as `v1 = v0.grad`")
        return (), False, *_right(node.value)
    if isinstance(node, ast.Delete) and len(node.targets) == 1:
        return (), False, "del", "", (_receiver(node.targets[0]),), ()
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        raise refuse(
            node,
            f"a program has calls, assignments, `with T....():`, `try:` and print, no {type(node).__name__}",
        )
    target = node.targets[0]
    if isinstance(target, ast.Name):
        return (target.id,), False, *_right(node.value)
    if isinstance(target, ast.Tuple | ast.List):
        names = tuple(item.id for item in target.elts if isinstance(item, ast.Name))
        if len(names) != len(target.elts) or not names:
            raise refuse(node, "a result is unpacked into plain names, as `v1, v2 = v0.unbind(0)`")
        return names, True, *_right(node.value)
    if isinstance(target, ast.Attribute):
        return (), False, "set", target.attr, (_receiver(target.value), value_of(node.value)), ()
    if isinstance(target, ast.Subscript):
        place = (_receiver(target.value), _index(target.slice))
        return (), False, "setindex", "", (*place, value_of(node.value)), ()
    raise refuse(node, "the left side is a name, names, `v0.attribute` or `v0[index]`")


_Right = tuple[Form, str, tuple[Any, ...], tuple[tuple[str, Any], ...]]


def _right(node: ast.expr) -> _Right:
    """The right side of an assignment, or a call that stands alone."""
    if isinstance(node, ast.Call):
        return _call(node)
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        return "operator", _BINARY[type(node.op)], (value_of(node.left), value_of(node.right)), ()
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _BINARY:
        return (
            "operator",
            _BINARY[type(node.ops[0])],
            (value_of(node.left), value_of(node.comparators[0])),
            (),
        )
    if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
        return "operator", _UNARY[type(node.op)], (_receiver(node.operand),), ()
    if isinstance(node, ast.Attribute) and path_of(node) is None:
        return "get", node.attr, (_receiver(node.value),), ()
    if isinstance(node, ast.Subscript):
        return "index", "", (_receiver(node.value), _index(node.slice)), ()
    raise refuse(node, "the right side is one call, operator, attribute or index, as `v2 = T.mul(v0, v1)`")


def _call(node: ast.Call) -> _Right:
    args, kwargs = tuple(value_of(arg) for arg in node.args), keywords(node)
    path = path_of(node.func)
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
    raise refuse(node, f"what is called is `T.name`, a method of a name, print, or, without keywords, one of {known}")


def _receiver(node: ast.expr) -> Ref | Fn:
    if isinstance(node, ast.Name):
        value = name_of(node)
        if type(value) in (Ref, Fn):
            return value
    raise refuse(node, "one step to a line: bind what stands left of the dot or bracket to a name first")


def _index(node: ast.expr) -> Any:
    if isinstance(node, ast.Tuple):
        return tuple(_index_part(item) for item in node.elts)
    return _index_part(node)


def _index_part(node: ast.expr) -> Any:
    if isinstance(node, ast.Slice):
        parts = (node.lower, node.upper, node.step)
        return Slice(*(None if part is None else value_of(part) for part in parts))
    return value_of(node)
