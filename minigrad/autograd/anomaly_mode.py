"""Looking for anomalies: nodes remember where they were made, and gradients are checked for nan.

What may live here: the two switches and what runs a node while they are on.
"""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np

from minigrad import modes
from minigrad.autograd.batched import Batched, no_answer
from minigrad.deposits import run_ten
from minigrad.node import Node
from minigrad.tensor import Tensor

_OURS = (os.path.dirname(os.path.dirname(__file__)), "<op ")
"""Where code is that torch has in C++, and traces do not show: the package, and what it generates."""


class _Anomaly:
    """Runs nodes with a traceback of the forward call for those that fail."""

    def __init__(self, check_nan: bool) -> None:
        self.check_nan = check_nan

    def run(self, node: Node, grad: Any, raw: bool) -> Any:
        try:
            results = node.raw(grad) if raw else run_ten(node, grad)
            if self.check_nan:
                self._check(node, results)
            return results
        except Exception:
            self._tell(node)
            raise

    def remember(self, node: Node) -> None:
        """Stores where `node` is being made."""
        import traceback  # which few need

        frames = traceback.extract_stack()
        while frames and frames[-1].filename.startswith(_OURS):
            del frames[-1]
        node.extras().trace = frames.format()

    def _check(self, node: Node, results: Any) -> None:
        for i, g in enumerate(results):
            if type(g) is Batched:  # of which torch asks whether it is nan
                raise no_answer("item")
            a = g._a if isinstance(g, Tensor) else g
            if a is not None and np.isnan(a).any():
                raise RuntimeError(f"Function '{node.name()}' returned nan values in its {i}th output.")

    def _tell(self, node: Node) -> None:
        trace = None if node.x is None else node.x.trace
        if trace is None:
            warnings.warn(
                f"Error detected in {node.name()}. No forward pass information available. Enable detect "
                f"anomaly during "
                "forward pass for more information.",
                UserWarning,
                stacklevel=4,
            )
            return
        warnings.warn(
            f"Error detected in {node.name()}. Traceback of forward call that caused the "
            f"error:\n{''.join(trace)}",
            UserWarning,
            stacklevel=4,
        )


class detect_anomaly:  # noqa: N801 - torch's public name
    """Inside, a failing backward tells where the forward op was called; nan gradients raise if "
    "`check_nan`."""

    def __init__(self, check_nan: bool = True) -> None:
        self.check_nan = check_nan
        self.prev: Any = None
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should only be "
            "enabled for "
            "debugging.",
            UserWarning,
            stacklevel=2,
        )

    def __enter__(self) -> None:
        self.prev = modes.state.anomaly
        _switch(_Anomaly(self.check_nan))

    def __exit__(self, *exc: object) -> None:
        _switch(self.prev)


class set_detect_anomaly:  # noqa: N801 - torch's public name
    """The same as a switch that takes effect at once, and until the end of a `with` block if used as one."""

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self.prev = modes.state.anomaly
        _switch(_Anomaly(check_nan) if mode else None)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exc: object) -> None:
        _switch(self.prev)


def _switch(anomaly: Any) -> None:
    state = modes.state
    if (state.anomaly is None) != (anomaly is None):
        (state.leave_special if anomaly is None else state.enter_special)()
    state.anomaly = anomaly


def is_anomaly_enabled() -> bool:
    return modes.state.anomaly is not None


def is_anomaly_check_nan_enabled() -> bool:
    return modes.state.anomaly is not None and modes.state.anomaly.check_nan
