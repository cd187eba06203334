"""Tables of op calls as programs, run on torch and on minigrad and compared in every fact.

What may live here: making programs of calls (forward; with gradients; with their gradients) and comparing.
Nothing expected is written down: torch says it while the test runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from oracle.check import check_program
from oracle.engines.minigrad_engine import MinigradEngine
from oracle.engines.torch_engine import TorchEngine
from oracle.program.parser import parse

TORCH, MINIGRAD = TorchEngine(), MinigradEngine()

# torch's gradient of sgn is a zero tensor without storage, and that it adds up otherwise shows in versions
WITH_ZERO_TENSORS = ("T.abs(v0)", "v0.norm(1)", "v0.norm(float('inf'), 1)", "T.dist(v0, v1, 1)")

# squared, these are the leaf again: their second gradients cancel to roundings, which nothing can compare
CANCELLED = ("T.pow(v0, 0.5)",)

FLOATS = ("float32", "float64")


def tensor(name: str, data: str, dtype: str) -> str:
    """A statement that makes a leaf; floating ones require grad."""
    grad = ", requires_grad=True" if "float" in dtype or "complex" in dtype else ""
    return f"{name} = T.tensor({data}, dtype=T.{dtype}{grad})"


def programs(call: str, *leaves: tuple[str, str], results: int = 1) -> Iterator[str]:
    """The call alone; with gradients recorded; and with the gradients of each of those."""
    leaves = tuple(leaf for i, leaf in enumerate(leaves) if f"v{i}" in call)
    lines = [tensor(f"v{i}", *leaf) for i, leaf in enumerate(leaves)]
    names = ", ".join(f"v{10 + i}" for i in range(results))
    lines.append(f"{names} = {call}")
    yield "\n".join(lines)
    wanted = [f"v{i}" for i, (_, dtype) in enumerate(leaves) if "float" in dtype or "complex" in dtype]
    if not wanted:
        return
    inputs = f"({', '.join(wanted)},)"
    lines += ["v20 = T.mul(v10, v10)", "v21 = T.sum(v20)"]
    given = ", ".join(f"v{30 + i}" for i in range(len(wanted))) + "," * (len(wanted) == 1)
    ask = f"T.autograd.grad((v21,), {inputs}, create_graph=True, allow_unused=True)"
    lines.append(f"{given} = {ask}")
    yield "\n".join(lines)
    if call in WITH_ZERO_TENSORS or call in CANCELLED:
        return
    for i in range(len(wanted)):
        again = ", ".join(f"v{50 + k}" for k in range(len(wanted))) + "," * (len(wanted) == 1)
        second = [f"v40 = T.mul(v{30 + i}, v{30 + i})", "v41 = T.sum(v40)"]
        ask = f"T.autograd.grad((v41,), {inputs}, allow_unused=True)"
        guarded = ["try:", f"    {again} = {ask}", "except Exception as error:", "    print(error)"]
        yield "\n".join([*lines, *second, *guarded])


def disagreements(texts: Iterable[str]) -> list[str]:
    """What differs between the two engines, with the program it differs in."""
    found = []
    for text in texts:
        program = parse(text)
        found += [f"{one}\n{text}" for one in check_program(program, MINIGRAD, TORCH)]
    return found
