"""torch eager: the reference."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from oracle.engines.base import Engine, EngineUnavailable
from oracle.engines.torch_like import TorchLikeEngine

try:
    import torch
except ImportError as error:
    raise EngineUnavailable("engine torch needs the package torch: pip install torch") from error


class TorchEngine(TorchLikeEngine):
    """torch on the CPU, as it comes."""

    name: ClassVar[str] = "torch"
    summary: ClassVar[str] = "PyTorch eager on the CPU: the reference"

    def __init__(self) -> None:
        super().__init__(torch)
        torch.backends.opt_einsum.enabled = False  # the order of products must not depend on what else is installed
        self.interpreter.guards["register_hook"] = _bring_up_to_date
        self.interpreter.guards["autograd.graph.register_multi_grad_hook"] = _bring_up_to_date

    @contextmanager
    def recording(self) -> Iterator[list[Any]]:
        with super().recording() as caught:
            # torch's own import of its forward-mode decompositions, once per process, is nobody's doing.
            warnings.filterwarnings("ignore", r"`torch\.jit\.script` is deprecated", DeprecationWarning)
            yield caught

    def modes(self) -> dict[str, object]:
        return {
            **super().modes(),
            "inference mode": torch.is_inference_mode_enabled(),
            "anomaly mode": torch.is_anomaly_enabled(),
            "warn always": torch.is_warn_always_enabled(),
        }

    def reset(self) -> None:
        super().reset()
        if torch.is_anomaly_enabled():
            torch.autograd.set_detect_anomaly(False)

    def use_one_thread(self) -> None:
        torch.set_num_threads(1)


class OverTorch(Engine):
    """An engine that has torch eager run programs, others than it is given, or makes something else of its answers."""

    def __init__(self) -> None:
        self.torch = TorchEngine()

    @property
    def version(self) -> str:
        return self.torch.version

    def use_one_thread(self) -> None:
        self.torch.use_one_thread()


def _bring_up_to_date(tensors: Any) -> None:
    """Read each tensor's grad_fn, which for a view whose base was written since makes it anew.

    torch 2.13 gives the view's hooks to the outdated node first and dies of it (segmentation fault), a fault
    of torch that would end every campaign.
    """
    for tensor in tensors if isinstance(tensors, tuple | list) else (tensors,):
        if isinstance(tensor, torch.Tensor) and tensor.requires_grad:
            _ = tensor.grad_fn
