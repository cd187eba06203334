"""mlx on the CPU, in a child process: it has been seen to crash.

What may live here: this adapter. Ops and values are `arrays`', programs are functionalised by `functional`.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, ClassVar

import numpy as np

from oracle.engines.array_engine import ArrayEngine
from oracle.engines.arrays import ArraySpace, Op
from oracle.engines.base import EngineUnavailable
from oracle.engines.functional import Dialect, Function, Values
from oracle.engines.remote import RemoteEngine


class MlxEngine(RemoteEngine):
    """mlx on the CPU."""

    name: ClassVar[str] = "mlx"
    summary: ClassVar[str] = "mlx on the CPU, in a process of its own"
    inner: ClassVar[str] = "oracle.engines.mlx_engine:MlxHere"
    package: ClassVar[str] = "mlx"
    extra: ClassVar[str] = "mlx"


class MlxHere(ArrayEngine):
    """mlx in this process; single precision is what it computes in."""

    name: ClassVar[str] = "mlx"
    dtypes = ("float32", "bool")

    dialect = Dialect(
        imports="import mlx.core as mx",
        vjp="def vjp(f, xs, ws):\n    return mx.vjp(lambda *args: list(f(*args)), list(xs), list(ws))[1]",
        module="mx",
        special="mx",
        dtype="mx.{0}",
    )

    def __init__(self) -> None:
        try:
            import mlx.core as mx
        except ImportError as error:
            raise EngineUnavailable("engine mlx needs the package mlx: pip install gradfuzz[mlx]") from error
        mx.set_default_device(mx.cpu)
        self.mx: Any = mx
        self.xp = self.special = mx
        super().__init__()

    def space_over(self, xp: Any, special: Any, constant: Op, array: Op) -> ArraySpace:
        space = super().space_over(xp, special, constant, array)
        space.define("to", lambda x, dtype: x.astype(self._dtype(dtype)))
        return space

    def _dtype(self, dtype: np.dtype[Any]) -> Any:
        return self.mx.bool_ if dtype == np.bool_ else getattr(self.mx, dtype.name)

    @property
    def version(self) -> str:
        return version("mlx")

    def raw_vjp(self, function: Function, inputs: Values, weights: Values, nested: bool) -> Values:
        found: Values = self.mx.vjp(lambda *xs: list(function(*xs)), list(inputs), list(weights))[1]
        return found

    def constant_of(self, raw: Any) -> Any:
        return self.mx.stop_gradient(raw)

    def array_of(self, raw: Any) -> np.ndarray[Any, Any]:
        return np.array(raw)
