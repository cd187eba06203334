"""HIPS autograd: NumPy code differentiated by tracing.

What may live here: this adapter. Ops and values are `arrays`', programs are functionalised by `functional`.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, ClassVar

import numpy as np

from oracle.engines.array_engine import ArrayEngine
from oracle.engines.base import EngineUnavailable
from oracle.engines.functional import Dialect, Function, Values

try:
    import autograd.numpy as anp
    import autograd.scipy.special as special
    from autograd import make_vjp
    from autograd.tracer import isbox
except ImportError as error:
    raise EngineUnavailable("engine hips needs the package autograd: pip install gradfuzz[hips]") from error


class HipsEngine(ArrayEngine):
    """HIPS autograd over autograd.numpy."""

    name: ClassVar[str] = "hips"
    summary: ClassVar[str] = "HIPS autograd: NumPy differentiated by tracing"

    dialect = Dialect(
        imports="import autograd.numpy as np\nimport autograd.scipy.special as special\nfrom autograd import make_vjp",
        vjp="""def vjp(f, xs, ws):
    def one(i, k):
        return make_vjp(lambda x: f(*xs[:i], x, *xs[i + 1:])[k])(xs[i])[0](ws[k])
    return [sum(one(i, k) for k in range(len(ws))) for i in range(len(xs))]""",
        module="np",
        special="special",
    )
    xp, special = anp, special

    def constant_of(self, raw: Any) -> Any:
        return _unboxed(raw)

    @property
    def version(self) -> str:
        return version("autograd")

    def raw_vjp(self, function: Function, inputs: Values, weights: Values, nested: bool) -> Values:
        found: list[Any] = [0.0] * len(inputs)
        for place, weight in enumerate(weights):
            for at, one in enumerate(inputs):

                def output(x: Any, place: int = place, at: int = at) -> Any:
                    return function(*inputs[:at], x, *inputs[at + 1 :])[place]

                pull, _ = make_vjp(output)(one)
                found[at] = found[at] + pull(weight)
        return found

    def array_of(self, raw: Any) -> np.ndarray[Any, Any]:
        return np.asarray(_unboxed(raw))


def _unboxed(raw: Any) -> Any:
    while isbox(raw):
        raw = raw._value
    return raw
