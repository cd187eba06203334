"""torch eager on another device, held against torch eager on the CPU.

What may live here: these engines. A program is run as it is written; torch's own default device puts its tensors
where they belong. Not compared are words, strides and graphs, in which a device has kernels and nodes of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import torch

from oracle.engines.base import EngineUnavailable
from oracle.engines.torch_engine import TorchEngine
from oracle.observation import FACTS
from oracle.program.program import Program

WORDS = {"errors", "prints", "repr", "returned", "warnings"}
LAYOUT = {"grad_fn", "graph", "output_nr", "saved", "strides"}
HOSTED = frozenset({"as_tensor", "asarray", "from_numpy", "frombuffer", "numpy", "__array__"})
"""They go between torch and NumPy's memory, where no device has its own."""
RANDOM = ("rand", "dropout", "bernoulli", "normal", "multinomial", "poisson", "exponential", "uniform", "seed")
"""What the names of ops say that draw numbers."""


class OnDevice(TorchEngine):
    """torch eager with every tensor on `device`."""

    device: ClassVar[str]
    facts = FACTS - WORDS - LAYOUT

    @contextmanager
    def recording(self) -> Iterator[list[Any]]:
        with torch.device(self.device), super().recording() as caught:
            yield caught

    def supports(self, program: Program) -> str | None:
        for one in program.instructions:
            if any(word in one.op for word in RANDOM):
                return "random numbers, of which each device has its own"
            if one.op in HOSTED:
                return "memory that is shared with NumPy"
            if "save_on_cpu" in str(one):
                return "tensors that are kept on the CPU"
        return None


class Cuda(OnDevice):
    """torch eager on the first CUDA device, its products in full float32."""

    name: ClassVar[str] = "torch:cuda"
    summary: ClassVar[str] = "PyTorch eager on a CUDA device"
    device: ClassVar[str] = "cuda"

    def __init__(self) -> None:
        if not torch.cuda.is_available():
            raise EngineUnavailable(
                f"engine torch:cuda needs a CUDA device and a torch that is built for it (this one is "
                f"{torch.__version__}): see https://pytorch.org/get-started/locally"
            )
        super().__init__()
        torch.backends.cudnn.allow_tf32 = False
        torch.backends.cuda.matmul.allow_tf32 = False

    @property
    def version(self) -> str:
        return f"{torch.__version__} on {torch.cuda.get_device_name()}"
