"""Looking for anomalies: nodes remember where they were made, and gradients are checked for nan.

What may live here: the two switches and what watches nodes run while they are on.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from minigrad import modes
from minigrad.autograd.batched import Batched, no_answer
from minigrad.node import Node
from minigrad.tensor import Tensor
from minigrad.warn import warn

_OURS = (os.path.dirname(os.path.dirname(__file__)), "<op ")
"""Where code is that torch has in C++, and traces do not show: the package, and what it generates."""
_UNKNOWN = (
    "Error detected in {}. No forward pass information available. Enable detect anomaly during forward pass for more "
    "information."
)


class _Anomaly:
    """Watches nodes run, and tells the forward calls behind one that fails."""

    def __init__(self, check_nan: bool) -> None:
        self.check_nan = check_nan
        self.running: Node | None = None

    @contextmanager
    def watching(self, node: Node) -> Iterator[None]:
        """The turn of a node: what fails within is told of, and nodes that are made within are induced by it."""
        before, self.running = self.running, node
        try:
            yield
        except Exception:
            _tell(node)
            raise
        finally:
            self.running = before

    def remember(self, node: Node) -> None:
        """Stores where `node` is being made, and by which other one that runs."""
        import traceback  # which few need

        frames = traceback.extract_stack()
        while frames and frames[-1].filename.startswith(_OURS):
            del frames[-1]
        node.extras().trace = frames.format()
        node.extras().parent = self.running

    def check(self, node: Node, results: Any) -> None:
        """Raises RuntimeError where a node returned nan, if that is to be looked for."""
        for i, g in enumerate(results if self.check_nan else ()):
            if type(g) is Batched:  # of which torch asks whether it is nan
                raise no_answer("item")
            a = g._a if isinstance(g, Tensor) else g
            if a is not None and np.isnan(a).any():
                raise RuntimeError(f"Function '{node.name()}' returned nan values in its {i}th output.")


def _tell(node: Node) -> None:
    """Warns with the traceback of the call that made `node`, then of those that induced it."""
    trace = None if node.x is None else node.x.trace
    if trace is None:
        warn(_UNKNOWN.format(node.name()))
        return
    warn(
        f"Error detected in {node.name()}. Traceback of forward call that caused the error:\n{''.join(trace)}"
    )
    parent = None if node.x is None else node.x.parent
    while parent is not None:
        trace = None if parent.x is None else parent.x.trace
        warn(
            _UNKNOWN.format(parent.name())
            if trace is None
            else f"\n\nPrevious calculation was induced by {parent.name()}. Traceback of forward call that induced the "
            f"previous calculation:\n{''.join(trace)}"
        )
        parent = None if parent.x is None else parent.x.parent


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
        for position, (name, given) in enumerate((("enabled", mode), ("check_nan", check_nan)), 1):
            if type(given) is not bool:
                raise TypeError(
                    f"set_anomaly_enabled(): argument '{name}' (position {position}) must be bool, not "
                    f"{type(given).__name__}"
                )
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
    return modes.state.anomaly is None or bool(modes.state.anomaly.check_nan)
