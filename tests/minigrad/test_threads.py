"""Several threads at once, on leaves of their own and on shared ones, in modes of their own; reentrant passes."""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from itertools import islice
from typing import Any

import numpy as np
import pytest
import torch

import minigrad
from minigrad import accumulation
from oracle.interpreter import Interpreter
from oracle.program.program import Program
from strategies import buffers, decode, grammar
from tests.minigrad.side_by_side import assert_prints_the_same

PROGRAMS, THREADS = 60, 4
GLOBAL = ("dual_level", "manual_seed", "detect_anomaly")
"""What all threads share in torch, too."""


@contextmanager
def switching_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def in_threads(count: int, work: Callable[[int], None]) -> None:
    """Run `work` in so many threads; what one of them raises is raised."""
    errors: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def left_by(interpreter: Interpreter, program: Program) -> dict[str, Any]:
    """What a program leaves, as plain data: of each tensor and gradient, and the errors."""
    run = interpreter.run(program, [])
    tensors = {name: value for name, value in run.names.items() if isinstance(value, minigrad.Tensor)}
    tensors |= {
        f"{name}.grad": value.grad for name, value in tensors.items() if value.is_leaf and value.grad is not None
    }
    left: dict[str, Any] = {name: _plain(value) for name, value in tensors.items()}
    left["errors"] = [repr(one) for one in run.results if type(one).__name__ == "Raised"]
    run.forget()
    return left


def _plain(tensor: Any) -> tuple[Any, ...]:
    try:
        elements = np.array(tensor.detach().resolve_conj().resolve_neg().tolist()).tobytes()
    except RuntimeError as error:  # one whose memory a program has let go
        elements = str(error).encode()
    return str(tensor.dtype), tuple(tensor.shape), tensor.is_leaf, type(tensor.grad_fn).__name__, elements


def test_programs_in_threads_do_what_they_do_alone() -> None:
    chosen = grammar()
    programs = [decode(buffer, chosen) for buffer in islice(buffers(3, chosen), PROGRAMS)]
    programs = [one for one in programs if not any(name in one.source for name in GLOBAL)]

    def quietly() -> Interpreter:
        return Interpreter(minigrad, lambda _: None)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alone = [left_by(quietly(), program) for program in programs]

        def work(number: int) -> None:
            own = quietly()
            for step in range(len(programs)):
                place = (step + number * len(programs) // THREADS) % len(programs)
                assert left_by(own, programs[place]) == alone[place], programs[place].source

        with switching_often():
            in_threads(THREADS, work)


@pytest.mark.parametrize("engine", [minigrad, torch], ids=["minigrad", "torch"])
@pytest.mark.parametrize("ways", ["own graphs", "one graph"])
def test_nothing_is_lost_on_shared_leaves(engine: Any, ways: str) -> None:
    leaf = engine.zeros(3, requires_grad=True)
    shared = (leaf * 2).sum()
    passes = 100

    def work(_: int) -> None:
        for _ in range(passes):
            out = shared if ways == "one graph" else (leaf * 2).sum()
            out.backward(retain_graph=True)

    with switching_often():
        in_threads(THREADS, work)
    assert leaf.grad.tolist() == [2.0 * THREADS * passes] * 3


@pytest.mark.parametrize("locked", [True, False])
def test_it_is_the_lock_that_keeps_them(locked: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two first gradients that arrive together: without the lock (the planted bug) one of them is lost."""
    together = threading.Barrier(2)
    first = accumulation._first_array

    def slowly(*args: Any) -> Any:
        with suppress(threading.BrokenBarrierError):  # the other one has to wait, as it should
            together.wait(timeout=0.3)
        return first(*args)

    monkeypatch.setattr(accumulation, "_first_array", slowly)
    if not locked:
        monkeypatch.setattr(accumulation, "_accumulating", nullcontext())
    leaf = minigrad.zeros(3, requires_grad=True)
    in_threads(2, lambda _: (leaf * 2).sum().backward())
    assert leaf.grad is not None
    assert leaf.grad.tolist() == [4.0 if locked else 2.0] * 3


DEEP = {
    "passes in hooks, each in the one before": """
import sys
depth = [0]
a = T.ones(2, requires_grad=True)
def deeper(grad):
    if depth[0] < 2000:
        depth[0] += 1
        out = (a * 1).sum()
        out.register_hook(deeper)
        out.backward()
    return grad
out = (a * 1).sum()
out.register_hook(deeper)
out.backward()
print(depth, a.grad)""",
    "passes in custom functions": """
class Deeper(T.autograd.Function):
    @staticmethod
    def forward(ctx, x, levels):
        ctx.levels = levels
        return x.clone()
    @staticmethod
    def backward(ctx, grad):
        if ctx.levels:
            with T.enable_grad():
                x = T.ones(1, requires_grad=True)
                Deeper.apply(x, ctx.levels - 1).backward()
            return grad + x.grad, None
        return grad, None
a = T.ones(1, requires_grad=True)
Deeper.apply(a, 2000).backward()
print(a.grad)""",
    "modes belong to their thread": """
import threading
seen = []
def look():
    seen.append((T.is_grad_enabled(), T.is_inference_mode_enabled()))
    with T.no_grad():
        seen.append(T.is_grad_enabled())
with T.no_grad(), T.inference_mode():
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    seen.append(T.is_grad_enabled())
print(seen, T.is_grad_enabled())""",
    "hooks for saved tensors do, too": """
import threading
seen = []
def build(name):
    a = T.ones(2, requires_grad=True)
    (a * a).sum().backward()
    seen.append(name)
with T.autograd.graph.saved_tensors_hooks(lambda x: seen.append("packed") or x, lambda x: x):
    thread = threading.Thread(target=build, args=("thread",))
    thread.start()
    thread.join()
    build("here")
print(seen)""",
    "what is raised in a thread's pass is raised there": """
import threading
a = T.ones(2, requires_grad=True)
b = (a * a).sum()
b.backward()
def again():
    try:
        b.backward()
    except RuntimeError as error:
        print(error)
thread = threading.Thread(target=again)
thread.start()
thread.join()""",
}


@pytest.mark.parametrize("story", DEEP)
def test_of_each_story(story: str) -> None:
    assert_prints_the_same(DEEP[story])
