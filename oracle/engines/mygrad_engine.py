"""mygrad: NumPy with a tape.

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

try:
    import mygrad
    from mygrad.tensor_base import Tensor, tensor
except ImportError as error:
    raise EngineUnavailable("engine mygrad needs the package mygrad: pip install gradfuzz[mygrad]") from error


class MygradEngine(ArrayEngine):
    """mygrad's tensors; it has no gradients of gradients."""

    name: ClassVar[str] = "mygrad"
    summary: ClassVar[str] = "mygrad: NumPy with a tape"
    second_order = False
    dtypes = ("float64", "bool", "int64")  # a Python number makes float64 of anything narrower

    xp = mygrad
    dialect = Dialect(
        imports="import mygrad as mg",
        vjp="""def vjp(f, xs, ws):
    total = [0.0] * len(xs)
    for k, w in enumerate(ws):
        leaves = [mg.tensor(x.data.copy(), constant=False) for x in xs]
        out = f(*leaves)[k]
        if not out.constant:
            out.backward(w.data)
            total = [t if leaf.grad is None else t + leaf.grad for t, leaf in zip(total, leaves)]
    return [mg.tensor(t, constant=True) for t in total]""",
        module="mg",
        array="tensor",
    )

    def space_over(self, xp: Any, special: Any, constant: Op, array: Op) -> ArraySpace:
        space = super().space_over(xp, special, constant, array)
        where, fill = space.ops["where"], space.ops["masked_fill"]  # a condition must be no tensor
        space.define("where", lambda condition, x, y: where(_plain(condition), x, y))
        space.define("masked_fill", lambda x, mask, value: fill(x, _plain(mask), value))
        return space

    def constant_of(self, raw: Any) -> Any:
        return _held(raw)

    def array_from(self, array: np.ndarray[Any, Any]) -> Any:
        return _held(array)

    @property
    def version(self) -> str:
        return version("mygrad")

    def raw_vjp(self, function: Function, inputs: Values, weights: Values, nested: bool) -> Values:
        total = [np.zeros_like(_plain(one)) for one in inputs]
        for place, weight in enumerate(weights):
            leaves = [tensor(np.array(_plain(one)), constant=False) for one in inputs]
            found = function(*leaves)[place]
            if not isinstance(found, Tensor) or found.constant:
                continue
            found.backward(_plain(weight))
            total = [
                held if leaf.grad is None else held + leaf.grad
                for held, leaf in zip(total, leaves, strict=True)
            ]
        return [_held(one) for one in total]

    def array_of(self, raw: Any) -> np.ndarray[Any, Any]:
        return np.asarray(_plain(raw))


def _plain(raw: Any) -> Any:
    return raw.data if isinstance(raw, Tensor) else np.asarray(raw)


def _held(raw: Any) -> Any:
    return tensor(_plain(raw), constant=True)
