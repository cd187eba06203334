"""Engines that are a package with torch's names: one interpreter and one observer serve them all.

What may live here: running batches over a namespace, and keeping its global modes as they were.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from oracle.engines.base import Engine
from oracle.engines.observer import Observer
from oracle.interpreter import Interpreter
from oracle.observation import Observation
from oracle.program.precision import in_float32, in_float64
from oracle.program.program import Program

DUAL_LEVEL = "autograd.forward_ad.dual_level()"


class TorchLikeEngine(Engine):
    """An engine over a namespace with torch's API: `Tensor` with its attributes, ops, `autograd`."""

    def __init__(self, namespace: Any) -> None:
        self.namespace = namespace
        self._default_dtype = namespace.get_default_dtype()
        self.observer = Observer(self.name, namespace)
        self.interpreter = Interpreter(namespace, self.observer.copy)
        self.interpreter.ending[DUAL_LEVEL] = self.observer.note_tangents

    @property
    def version(self) -> str:
        return str(self.namespace.__version__)

    def run(self, program: Program) -> Observation:
        return self.run_batch((program,))[0]

    def run_batch(self, programs: Sequence[Program]) -> list[Observation]:
        """All run, then all are observed: one engine's code stays warm, and warnings are switched once."""
        runs = []
        with self.recording() as caught:
            for program in programs:
                runs.append(self.interpreter.run(program, caught))
                self.reset()
            warnings.simplefilter("ignore")
            observations = []
            for run in runs:
                observations.append(self.observer.observe(run))
                run.forget()
            return observations

    def run_in_float64(self, program: Program) -> Observation | None:
        return self._run_with_default(in_float64(program), self.namespace.float64)

    def run_in_float32(self, program: Program) -> Observation | None:
        return self._run_with_default(in_float32(program), self.namespace.float32)

    def _run_with_default(self, program: Program, dtype: Any) -> Observation:
        default = self.namespace.get_default_dtype()
        self.namespace.set_default_dtype(dtype)
        try:
            return self.run(program)
        finally:
            self.namespace.set_default_dtype(default)

    @contextmanager
    def recording(self) -> Iterator[list[Any]]:
        """Every warning of the batch, each time it is given, in a list."""
        set_always = getattr(self.namespace, "set_warn_always", None)
        if set_always is not None:
            always = self.namespace.is_warn_always_enabled()
            set_always(True)  # else a warning would depend on the programs before it
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                yield caught
        finally:
            if set_always is not None:
                set_always(always)

    def modes(self) -> dict[str, object]:
        namespace = self.namespace
        return {
            "grad mode": namespace.is_grad_enabled(),
            "default dtype": str(namespace.get_default_dtype()).rpartition(".")[2],
        }

    def reset(self) -> None:
        """Undo what the program's plain calls did to global modes."""
        namespace = self.namespace
        if not namespace.is_grad_enabled():
            namespace.set_grad_enabled(True)
        if namespace.get_default_dtype() is not self._default_dtype:
            namespace.set_default_dtype(self._default_dtype)
