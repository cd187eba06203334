"""minigrad, the lab's own engine from scratch: the first subject."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from oracle.engines.base import EngineUnavailable
from oracle.engines.torch_like import TorchLikeEngine


class MinigradEngine(TorchLikeEngine):
    """minigrad as installed beside this package."""

    name: ClassVar[str] = "minigrad"
    summary: ClassVar[str] = "minigrad: torch.autograd from scratch on NumPy"

    def __init__(self) -> None:
        try:
            import minigrad
            from minigrad.refusals import unguarded
            from minigrad.tensor import memory
            from minigrad.windows import storage
        except ImportError as error:
            raise EngineUnavailable(
                f"engine minigrad needs the package minigrad, which is part of gradfuzz: {error}"
            ) from error
        super().__init__(minigrad)
        self.observer.stride = unguarded(self.observer.stride)  # nobody minds the arguments here
        # a fifth of the time of asking for data_ptr
        usual = self.observer.places

        def places(tensors: Sequence[Any]) -> list[Any]:
            try:
                return [id(storage(memory(tensor))) for tensor in tensors]
            except RuntimeError:  # a batched one, which has none
                return usual(tensors)

        self.observer.places = places
