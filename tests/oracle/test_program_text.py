"""Printer and parser are inverse, the text runs under plain Python, and no text can do harm."""

from __future__ import annotations

import ast
import math
import struct

import pytest

from oracle.errors import BadProgramError
from oracle.program import (
    LIBRARY,
    Fn,
    Instruction,
    ListArg,
    Program,
    Ref,
    check,
    parse,
    statement,
)
from tests.oracle.random_programs import RandomPrograms


def call(*args: object, outs: tuple[str, ...] = ("v0",)) -> Instruction:
    return Instruction(outs, "call", "tensor", args)


@pytest.mark.parametrize("seed", range(8))
def test_what_is_printed_parses_back_equal(seed: int) -> None:
    programs = RandomPrograms(seed)
    for _ in range(500):
        program = programs.program()
        again = parse(program.source)
        assert again == program
        assert repr(again.instructions) == repr(program.instructions)  # structure too, not only the text


def test_what_is_printed_is_python() -> None:
    programs = RandomPrograms(99)
    for _ in range(300):
        ast.parse(programs.program().script("minigrad", "why\nand how"))


def test_every_bit_of_a_float_survives() -> None:
    programs = RandomPrograms(7)
    values = [programs.any_float() for _ in range(2000)] + [0.0, -0.0, math.inf, -math.inf, 5e-324]
    (instruction,) = parse(Program.of([call(*values)]).source).instructions
    assert [struct.pack("<d", value) for value in instruction.args] == [struct.pack("<d", v) for v in values]


def test_nan_and_complex_parts_survive() -> None:
    (instruction,) = parse(Program.of([call(math.nan, complex(-0.0, math.nan))]).source).instructions
    nan, both = instruction.args
    assert math.isnan(nan)
    assert math.copysign(1, both.real) == -1
    assert math.isnan(both.imag)


def test_equal_programs_are_those_that_print_the_same() -> None:
    assert Program.of([call(math.nan)]) == Program.of([call(float("nan"))])
    assert Program.of([call(1)]) != Program.of([call(1.0)])
    assert Program.of([call(1)]) != Program.of([call(True)])
    assert Program.of([call(0.0)]) != Program.of([call(-0.0)])
    assert Program.of([call((1,))]) != Program.of([call(ListArg((1,)))])
    assert len({Program.of([call(math.nan)]), Program.of([call(float("nan"))])}) == 1


def test_a_negative_base_keeps_its_power() -> None:
    power = Instruction(("v1",), "operator", "**", (-2.0, Ref("v0")))
    assert statement(power) == "v1 = (-2.0) ** v0"


def test_neighbours_in_one_mode_share_a_block() -> None:
    first, second = (call(1.0, outs=(name,))._replace(modes=("no_grad()",)) for name in ("v0", "v1"))
    assert Program.of([first, second]).source.count("with T.no_grad():") == 1


def test_neighbours_share_blocks_from_the_outside() -> None:
    modes: list[tuple[str, ...]] = [
        ("no_grad()",),
        ("no_grad()", "enable_grad()"),
        ("no_grad()",),
        ("enable_grad()", "no_grad()"),
    ]
    program = Program.of(call(1.0, outs=(f"v{index}",))._replace(modes=blocks) for index, blocks in enumerate(modes))
    assert program.source == (
        "with T.no_grad():\n    v0 = T.tensor(1.0)\n    with T.enable_grad():\n        v1 = T.tensor(1.0)\n"
        "    v2 = T.tensor(1.0)\nwith T.enable_grad():\n    with T.no_grad():\n        v3 = T.tensor(1.0)\n"
    )


def test_a_class_of_the_library_is_printed_before_its_use() -> None:
    apply = Instruction(("v1",), "method", "apply", (Fn("Double"), Ref("v0")))
    text = Program.of([call(1.0), apply]).source
    assert text.startswith("class Double(T.autograd.Function):")
    assert "v1 = Double.apply(v0)" in text
    assert parse(text).source == text


def test_every_function_of_the_library_is_found_by_its_text() -> None:
    for name, function in LIBRARY.items():
        use = Instruction((), "method", "register_hook", (Ref("v0"), Fn(name)))
        again = parse(Program.of([call(1.0), use]).source)
        assert again.instructions[1].args[1] == Fn(name), f"{function.source} is taken for another function"


def test_lines_are_where_the_statements_stand() -> None:
    programs = RandomPrograms(3)
    for _ in range(200):
        program = programs.program()
        lines = program.source.splitlines()
        for instruction, line in zip(program.instructions, program.lines, strict=True):
            assert lines[line - 1].strip() == statement(instruction)


def test_a_header_and_comments_are_passed_over() -> None:
    text = '"""What it shows."""\n# a comment\nimport minigrad as T\n\nv0 = T.ones(2)  # two ones\n'
    assert parse(text).source == "v0 = T.ones(2)\n"


BAD = {
    "v0 = T.ones(2)\nv0 = T.ones(3)\n": ("line 2", "bound twice"),
    "v1 = T.neg(v0)\n": ("line 1", "used before"),
    "v0 = T.ones(2)\nv1 = v0\n": ("line 2", "right side"),
    "v0 = T.ones(2)\nv1 = v0.grad.sum()\n": ("line 2", "one step to a line"),
    "v0 = T.ones(2) * 2\n": ("line 1", "bind"),
    "v0 = T.ones(2)\nv0 += 1\n": ("line 2", "AugAssign"),
    "v0 = T.ones(2\n": ("line 1", "not Python"),
    "for i in x:\n    pass\n": ("line 1", "For"),
    "import os\n": ("line 1", "import torch as T"),
    "v0 = T.ones(2)\nimport torch as T\n": ("line 2", "before everything"),
    "from torch import ones\n": ("line 1", "ImportFrom"),
    "v0 = T.ones(2)\nv0.register_hook(lambda g: g * 3)\n": ("line 2", "library"),
    "class Evil(T.autograd.Function):\n    pass\n": ("line 1", "library"),
    "try:\n    v0 = T.ones(2)\n    v1 = T.ones(2)\nexcept Exception as error:\n    print(error)\n": (
        "line 1",
        "exactly one statement",
    ),
    "try:\n    v0 = T.ones(2)\nexcept ValueError:\n    pass\n": ("line 3", "print(error)"),
    "with T.no_grad() as mode:\n    v0 = T.ones(2)\n": ("line 1", "without `as`"),
    "v0 = T.ones(*[2])\n": ("line 1", "argument"),
    "v0 = T.ones(**{})\n": ("line 1", "keyword"),
    "v0 = [x for x in y]\n": ("line 1", "right side"),
    "T = T.ones(2)\n": ("line 1", "cannot be bound"),
    "print = T.ones(2)\n": ("line 1", "cannot be bound"),
    "3\n": ("line 1", "does nothing"),
    "with T.no_grad():\n    v0 = T.ones(2)\nwith T.no_grad():\n    v1 = T.ones(2)\n": (
        "line 4",
        "write them as one",
    ),
    "del T\n": ("line 1", "used before"),
    "v0 = T.ones(2)\ndel v0.grad\n": ("line 2", "one step to a line"),
    "v0 = b'x'\n": ("line 1", "right side"),
    "v0 = T.f(b'x')\n": ("line 1", "argument"),
    "v0 = T.f(f'{v0}')\n": ("line 1", "argument"),
}


@pytest.mark.parametrize("text", BAD, ids=lambda text: text.replace("\n", " ")[:40])
def test_a_text_that_is_no_program_is_refused_with_its_line(text: str) -> None:
    line, word = BAD[text]
    with pytest.raises(BadProgramError) as caught:
        parse(text)
    assert line in str(caught.value)
    assert word in str(caught.value)


HOSTILE = {
    "an import hidden in an argument": "v0 = T.f(__import__('os').system('true'))",
    "eval": "v0 = eval('1')",
    "a shell through the namespace": "v0 = T.os.system('true')",
    "a file written through the namespace": "v0 = T.ones(2)\nT.save(v0, '/tmp/x')",
    "a pickle loaded": "v0 = T.load('/tmp/x')",
    "a library loaded": "T.ops.load_library('/tmp/x.so')",
    "code from the net": "v0 = T.hub.load('a/b', 'c')",
    "a compiler started": "v0 = T.utils.cpp_extension.load_inline('a', 'b')",
    "a path through builtins": "v0 = T.builtins.eval('1')",
    "a path through dunders": "v0 = T.ones(2)\nv1 = v0.__class__\n",
    "a path through globals": "v0 = T.ones(2)\nv1 = v0.register_hook\nv2 = v1.__globals__\n",
    "an array written to a file": "v0 = T.ones(2)\nv1 = v0.numpy()\nv1.tofile('/tmp/x')\n",
    "a class statement of its own": "class A:\n    x = __import__('os')\n",
    "a decorator": "@T.no_grad()\ndef f():\n    pass\n",
    "a mode that is no mode": "with T.os.popen('true'):\n    v0 = T.ones(2)\n",
    "a mode with a call inside": "with T.no_grad(__import__('os')):\n    v0 = T.ones(2)\n",
    "a function of the namespace given to a mode": (
        "with T.autograd.graph.saved_tensors_hooks(T.load, T.save):\n    v0 = T.ones(2)\n"
    ),
    "a name given to a mode": "v0 = T.ones(2)\nwith T.set_grad_enabled(v0):\n    v1 = T.ones(2)\n",
    "a walrus": "v0 = T.ones((x := 2))",
    "an f-string": "v0 = T.ones(f'{1}')",
    "a lambda of its own": "v0 = T.ones(2)\nv0.register_hook(lambda grad: __import__('os').system('true'))\n",
    "a default in a lambda": "v0 = T.ones(2)\nv0.register_hook(lambda grad=__import__('os'): grad * 2)\n",
    "deep brackets": "v0 = T.f(" + "[" * 5000 + "]" * 5000 + ")",
    "deep minus": "v0 = T.f(" + "-" * 100_000 + "1)",
    "deep attributes": "v0 = T" + ".a" * 100_000 + "()",
    "deep sums": "v0 = T.f(1" + "+1" * 100_000 + ")",
    "deep blocks": "".join("  " * i + "with T.no_grad():\n" for i in range(95)) + "  " * 95 + "x",
    "a null byte": "v0 = T.ones(2)\0",
    "a huge number": "v0 = T.ones(" + "9" * 100_000 + ")",
    "a huge text": "#" * 5_000_000,
    "a surrogate": "v0 = T.f('\ud800')",
    "unicode that looks like T": "v0 = 𝐓.os.system('true')",
}


@pytest.mark.parametrize("why", HOSTILE)
def test_a_hostile_text_is_refused_and_not_run(why: str) -> None:
    with pytest.raises(BadProgramError):
        check(parse(HOSTILE[why]))


def test_random_programs_are_legal() -> None:
    programs = RandomPrograms(11)
    for _ in range(500):
        check(programs.program())


ILLEGAL = {
    "an unknown form": Instruction(("v1",), "jump", "x", (Ref("v0"),)),  # type: ignore[arg-type]
    "two results without unpacking": Instruction(("v1", "v2"), "call", "mul", (Ref("v0"),)),
    "unpacking nothing": Instruction((), "call", "mul", (Ref("v0"),), unpack=True),
    "a set that binds": Instruction(("v1",), "set", "grad", (Ref("v0"), None)),
    "a get of two": Instruction(("v1",), "get", "grad", (Ref("v0"), 1)),
    "a get that binds nothing": Instruction((), "get", "grad", (Ref("v0"),)),
    "an operator of three": Instruction(("v1",), "operator", "+", (Ref("v0"), 1, 2)),
    "a minus of a literal": Instruction(("v1",), "operator", "neg", (2.0,)),
    "a method of a literal": Instruction(("v1",), "method", "sum", (2.0,)),
    "a keyword to an index": Instruction(("v1",), "index", "", (Ref("v0"), 0), (("dim", 1),)),
    "a builtin that is none": Instruction(("v1",), "builtin", "eval", (Ref("v0"),)),
    "a print of nothing": Instruction((), "print", ""),
    "a function that is not in the library": Instruction(("v1",), "method", "register_hook", (Ref("v0"), Fn("x"))),
    "a value of another world": Instruction(("v1",), "call", "mul", (Ref("v0"), object())),
    "a reserved name": Instruction(("len",), "call", "mul", (Ref("v0"), 1)),
    "a mode of a name": Instruction(("v1",), "call", "mul", (Ref("v0"), 1), modes=("set_grad_enabled(v0)",)),
    "a mode that is no call": Instruction(("v1",), "call", "mul", (Ref("v0"), 1), modes=("no_grad",)),
    "a name bound by itself": Instruction(("v1",), "call", "mul", (Ref("v1"), 1)),
}


@pytest.mark.parametrize("why", ILLEGAL)
def test_an_illegal_instruction_is_named(why: str) -> None:
    with pytest.raises(BadProgramError, match="instruction 1"):
        check(Program.of([call(1.0), ILLEGAL[why]]))


def test_a_name_that_a_caught_instruction_may_not_bind_can_be_used() -> None:
    caught = Instruction(("v1",), "call", "mul", (Ref("v0"), 1), caught=True)
    check(Program.of([call(1.0), caught, Instruction(("v2",), "call", "neg", (Ref("v1"),))]))
