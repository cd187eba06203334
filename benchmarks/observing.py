"""`python -m benchmarks.observing`: what each observed fact costs, in µs per program of a campaign.

What may live here: this one table. Every fact is read of the tensors that a few hundred drawn programs left
behind, as the observer reads it; the least of several rounds counts, since nothing but the reading is meant.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Sequence
from itertools import islice
from math import prod
from operator import attrgetter, methodcaller
from typing import Any

from oracle.engines import load
from oracle.engines.base import Engine
from oracle.engines.observer import walked
from strategies import buffers, decode, grammar

PROGRAMS, ROUNDS = 400, 15
ATTRIBUTES = ("grad_fn", "requires_grad", "is_leaf", "output_nr", "_version", "retains_grad", "_base", "dtype", "shape")
Tensors = Sequence[Any]
_read = attrgetter(*ATTRIBUTES)


def least(work: Callable[[Tensors], Any], held: Sequence[Tensors]) -> float:
    """µs per program of `work` on the tensors of each program."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        for tensors in held:
            work(tensors)
        best = min(best, time.process_time() - started)
    return best / PROGRAMS * 1e6


def costs(engine: Any) -> dict[str, float]:
    """Fact to µs per program, for what a run of each of some programs leaves behind."""
    chosen = grammar()
    drawn = [decode(buffer, chosen) for buffer in islice(buffers(0, chosen), PROGRAMS)]
    observer = engine.observer
    with engine.recording() as caught:
        runs = []
        for program in drawn:
            runs.append(engine.interpreter.run(program, caught))
            engine.reset()
        warnings.simplefilter("ignore")
        held = [[one for one in run.names.values() if _readable(engine, one)] for run in runs]
        counts = {id(tensors): [prod(one.shape) for one in tensors] for tensors in held}
        places = {id(tensors): observer.places(tensors) for tensors in held}

        def elements(tensors: Tensors) -> Any:
            return tensors and observer.elements(tensors, counts[id(tensors)], places[id(tensors)])

        found = {
            "nothing (the loop)": least(lambda tensors: [*map(id, tensors)], held),
            **{name: least(lambda tensors, read=attrgetter(name): [*map(read, tensors)], held) for name in ATTRIBUTES},
            "_is_view()": least(lambda tensors: [*map(methodcaller("_is_view"), tensors)], held),
            "stride()": least(lambda tensors: [*map(methodcaller("stride"), tensors)], held),
            "storage": least(observer.places, held),
            "elements": least(elements, held),
            ".grad, its elements too": least(observer.grads, held),
            "graph": least(lambda tensors: walked([one.grad_fn for one in tensors], {}), held),
            "everything, and results, warnings, hooks": _whole(observer, runs),
        }
    for run in runs:
        run.forget()
    return found


def _whole(observer: Any, runs: Sequence[Any]) -> float:
    return least(lambda run: observer.observe(run[0]), [[run] for run in runs])


def _readable(engine: Any, value: Any) -> bool:
    try:
        return isinstance(value, engine.namespace.Tensor) and bool(_read(value))
    except RuntimeError:  # a view that may no longer be used, an inference tensor
        return False


def main() -> None:
    argparse.ArgumentParser(prog="python -m benchmarks.observing", description=__doc__).parse_args()
    engines: list[Engine] = [load("torch"), load("minigrad")]
    engines[0].use_one_thread()
    tables = [costs(engine) for engine in engines]
    print("| fact | torch µs | minigrad µs |\n|---|--:|--:|")
    for fact in tables[0]:
        print(f"| {fact} | {tables[0][fact]:.1f} | {tables[1][fact]:.1f} |")


if __name__ == "__main__":
    main()
