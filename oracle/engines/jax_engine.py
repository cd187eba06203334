"""jax, in a child process: it compiles every op for every shape, and holds much memory.

What may live here: this adapter. Ops and values are `arrays`', programs are functionalised by `functional`.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, ClassVar

import numpy as np

from oracle.engines.array_engine import ArrayEngine
from oracle.engines.base import EngineUnavailable
from oracle.engines.functional import Dialect, Function, Values
from oracle.engines.remote import RemoteEngine
from oracle.observation import Observation
from oracle.program.program import Program


class JaxEngine(RemoteEngine):
    """jax on the CPU."""

    name: ClassVar[str] = "jax"
    summary: ClassVar[str] = "jax on the CPU, in a process of its own"
    inner: ClassVar[str] = "oracle.engines.jax_engine:JaxHere"
    package: ClassVar[str] = "jax"
    extra: ClassVar[str] = "jax"


class JaxHere(ArrayEngine):
    """jax in this process."""

    name: ClassVar[str] = "jax"
    largest = 4
    """Sizes of dimensions: every new shape costs compiling every op, so that programs are kept to a few."""

    dialect = Dialect(
        imports="import jax\nimport jax.numpy as jnp\nimport jax.scipy.special as special\n\n"
        'jax.config.update("jax_enable_x64", True)',
        vjp="def vjp(f, xs, ws):\n    return jax.vjp(f, *xs)[1](ws)",
        module="jnp",
        special="special",
    )

    def __init__(self) -> None:
        try:
            import jax
            import jax.numpy as jnp
            import jax.scipy.special as special
        except ImportError as error:
            raise EngineUnavailable("engine jax needs the package jax: pip install gradfuzz[jax]") from error
        config: Any = jax.config
        config.update("jax_enable_x64", True)
        config.update("jax_platforms", "cpu")
        self.jax = jax
        self.xp, self.special = jnp, special
        super().__init__()

    @property
    def version(self) -> str:
        return version("jax")

    def refuses(self, program: Program, seen: Observation) -> str | None:
        shapes = [facts.shape for facts in seen.tensors.values()]
        if any(max(shape, default=0) > self.largest or len(shape) > 3 for shape in shapes):
            return "a shape outside the small pool of shapes"
        return super().refuses(program, seen)

    def raw_vjp(self, function: Function, inputs: Values, weights: Values, nested: bool) -> Values:
        found: Values = self.jax.vjp(lambda *xs: tuple(function(*xs)), *inputs)[1](tuple(weights))
        return found

    def constant_of(self, raw: Any) -> Any:
        return self.jax.lax.stop_gradient(raw)

    def array_of(self, raw: Any) -> np.ndarray[Any, Any]:
        return np.asarray(raw)
