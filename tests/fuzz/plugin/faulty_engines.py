"""Engines that are torch, except that `neg` goes wrong in one way each; as a plug-in that tests install.

What may live here: faults of a whole process (death, endless loops, memory) and one wrong value.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import torch

from oracle.engines.torch_engine import TorchEngine
from oracle.program import Program

MENDED = find_spec("faulty_value_is_mended") is not None
PLACES = ((torch, "neg"), (torch.Tensor, "neg"), (torch.Tensor, "neg_"), (torch.Tensor, "__neg__"))


class Faulty(TorchEngine):
    """torch whose `neg`, however it is called, first does `fault`."""

    def fault(self, tensor: Any) -> None:
        """What goes wrong."""

    def spoil(self, result: Any) -> Any:
        """What becomes of the result."""
        return result

    @contextmanager
    def recording(self) -> Iterator[list[Any]]:
        real = [(owner, name, getattr(owner, name)) for owner, name in PLACES]
        for owner, name, function in real:
            setattr(owner, name, self._wrong(function))
        try:
            with super().recording() as caught:
                yield caught
        finally:
            for owner, name, function in real:
                setattr(owner, name, function)

    def _wrong(self, real: Any) -> Any:
        def wrong(*args: Any, **kwargs: Any) -> Any:
            self.fault(args[0])
            return self.spoil(real(*args, **kwargs))

        return wrong


class FaultyValue(Faulty):
    """Every value of `neg` is off by one, unless it is mended."""

    name = "faulty-value"

    def spoil(self, result: Any) -> Any:
        if not MENDED:
            result.data.copy_(result.data + 1)
        return result


class FaultyCrash(Faulty):
    """A segmentation fault."""

    name = "faulty-crash"

    def fault(self, tensor: Any) -> None:
        ctypes.string_at(0)


class FaultyAbort(Faulty):
    """An abort, for tensors with more than one element."""

    name = "faulty-abort"

    def fault(self, tensor: Any) -> None:
        if tensor.numel() > 1:
            os.abort()


class FaultyExit(Faulty):
    """The process just ends."""

    name = "faulty-exit"

    def fault(self, tensor: Any) -> None:
        os._exit(3)


class FaultyHang(Faulty):
    """An endless loop in C, which holds the GIL."""

    name = "faulty-hang"

    def fault(self, tensor: Any) -> None:
        ctypes.PyDLL(None).sleep(3600)


class FaultyAnswer(FaultyHang):
    """An engine that runs a program to tell whether it can, as all that differentiate functions do."""

    name = "faulty-answer"

    def supports(self, program: Program) -> str | None:
        self.run(program)
        return None


class FaultyAdapter(TorchEngine):
    """An adapter that breaks over `neg`, unless it is mended: a fault of the lab's own."""

    name = "faulty-adapter"

    def supports(self, program: Program) -> str | None:
        if not MENDED and any(one.op.startswith("neg") for one in program.instructions):
            raise AttributeError("the adapter is broken")
        return None


class FaultyInDoubles(Faulty):
    """An endless loop, of doubles alone."""

    name = "faulty-in-doubles"

    def fault(self, tensor: Any) -> None:
        if tensor.dtype == torch.float64:
            ctypes.PyDLL(None).sleep(3600)


class FaultyMemory(Faulty):
    """More memory than there may be."""

    name = "faulty-memory"

    def fault(self, tensor: Any) -> None:
        self.hoard = torch.zeros(2**33)


def die(*args: Any) -> None:
    """In place of examining a suspect: whatever is asked, the process ends."""
    os._exit(3)
