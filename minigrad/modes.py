"""Grad mode, inference mode and whatever else switches recording: thread-local state and its context managers.

What may live here: the per-thread `state` and the public switches. Nothing here knows tensors or nodes.

Note [One flag for the fast path]: every op reads `state.fast` once. True means "record where something
requires grad", False means "record nothing", None means that a mode is on which the fast paths do not
know (inference, forward AD, anomaly detection, saved-tensor hooks), so the general funnel must run.
"""

from __future__ import annotations

import functools
import inspect
import sys
import threading
import types
import warnings
from collections.abc import Callable, Generator
from typing import Any, TypeVar

import numpy as np

F = TypeVar("F", bound=Callable[..., Any])


class _State(threading.local):
    """The modes of one thread.

    NumPy's floating-point warnings are switched off per thread on first use: torch never warns about
    division by zero or overflow, and an errstate block per op would cost more than the op.
    """

    def __init__(self) -> None:
        np.seterr(all="ignore")
        self.grad = True  # whether operations record a graph: `asked`, and not in inference mode
        self.asked = True
        self.inference = False
        self.special = 0
        self.fast: bool | None = True
        self.multithreading = True
        self.anomaly: Any = None  # what runs nodes while anomalies are looked for
        self.saved_hooks: list[tuple[Any, Any]] = []  # pairs of pack and unpack, innermost last
        self.saved_hooks_error: str | None = None  # why they are disabled
        self.before_write: Callable[[Any], None] | None = None  # told of every tensor that is about to change
        self.layout = True  # whether a gradient must be laid out like its leaf
        self.dual = False  # whether a forward-mode level is open
        self.batch: Any = None  # what runs ops on batched tensors while there may be some
        self.depth = 0  # passes that run within one another in this thread
        self.task: Any = None  # the engine's current GraphTask

    def set_grad(self, enabled: bool) -> None:
        own = self.__dict__  # looked up once: each look through `self` finds out which thread this is
        own["asked"] = enabled
        own["grad"] = enabled and not own["inference"]
        own["fast"] = None if (own["special"] or own["inference"]) else enabled

    def refresh(self) -> None:
        self.fast = None if (self.special or self.inference) else self.grad

    def enter_special(self) -> None:
        """A mode that only the general funnel knows begins (they nest and mix)."""
        self.special += 1
        self.fast = None

    def leave_special(self) -> None:
        self.special -= 1
        self.refresh()


state = _State()


def remember(node: Any) -> None:
    """Has a node that was just made know where, if anomalies are looked for."""
    if state.anomaly is not None:
        state.anomaly.remember(node)


def in_fresh_thread(work: Callable[[], Any]) -> Any:
    """What `work` returns (or raises) when run in a thread of its own under this thread's modes."""
    here = {name: value for name, value in vars(state).items() if name != "depth"}
    outcome: list[Any] = [None, None]

    def run() -> None:
        vars(state).update(here)
        try:
            outcome[0] = work()
        except BaseException as error:
            outcome[1] = error

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if outcome[1] is not None:
        raise outcome[1]
    return outcome[0]


def is_grad_enabled() -> bool:
    """Whether operations record a graph in this thread."""
    return state.asked


def is_inference_mode_enabled() -> bool:
    """Whether this thread is inside `inference_mode()`."""
    return state.inference


class ContextDecorator:
    """A context manager that also decorates functions, generators and classes, entered anew per call."""

    def __enter__(self) -> Any:
        raise TypeError(f"{type(self).__name__} must define __enter__")

    def __exit__(self, *exc: object) -> None:
        raise TypeError(f"{type(self).__name__} must define __exit__")

    def clone(self) -> ContextDecorator:
        return self.__class__()

    def __call__(self, orig_func: F) -> F:
        if inspect.isclass(orig_func):
            warnings.warn(
                "Decorating classes is deprecated and will be disabled in future versions. You should only "
                "decorate functions or methods. To preserve the current behavior of class decoration, you "
                "can "
                "directly decorate the `__init__` method and nothing else.",
                FutureWarning,
                stacklevel=2,
            )
            orig_func.__init__ = self(orig_func.__init__)  # type: ignore[method-assign]
            return orig_func
        if inspect.isgeneratorfunction(orig_func):
            return _wrap_generator(self.clone, orig_func)  # type: ignore[return-value]

        @functools.wraps(orig_func)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with self.clone():
                return orig_func(*args, **kwargs)

        return inside  # type: ignore[return-value]


def _wrap_generator(clone: Callable[[], ContextDecorator], func: Callable[..., Any]) -> Callable[..., Any]:
    """A generator whose body runs inside the context and whose consumer runs outside of it."""

    @functools.wraps(func)
    def inside(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        gen = func(*args, **kwargs)
        try:
            with clone():
                response = gen.send(None)
            while True:
                try:
                    request = yield response
                except GeneratorExit:
                    with clone():
                        gen.close()
                    raise
                except BaseException:
                    with clone():
                        response = gen.throw(*sys.exc_info()[1:2])
                else:
                    with clone():
                        response = gen.send(request)
        except StopIteration as stop:
            return stop.value

    return inside


class _GradMode(ContextDecorator):
    """Sets grad mode to `target` on entry and what it was on exit; usable bare as a decorator."""

    target = True

    def __new__(cls, orig_func: Callable[..., Any] | None = None) -> Any:
        if orig_func is None:
            return super().__new__(cls)
        return cls()(orig_func)

    def __init__(self) -> None:
        self.prev = False

    def __enter__(self) -> None:
        self.prev = state.asked
        state.set_grad(self.target)

    def __exit__(self, *exc: object) -> None:
        state.set_grad(self.prev)


class no_grad(_GradMode):  # noqa: N801 - torch's public name
    """Operations inside record no graph; in-place writes to leaves are allowed."""

    target = False


class enable_grad(_GradMode):  # noqa: N801 - torch's public name
    """Operations inside record a graph even within `no_grad`."""

    target = True


class set_grad_enabled(ContextDecorator):  # noqa: N801 - torch's public name
    """Sets grad mode at once; as a context manager, until its end; as a decorator, per call."""

    def __init__(self, mode: Any) -> None:
        self.prev = state.asked
        self.mode = mode
        if not isinstance(mode, bool):
            got = type(mode).__name__
            raise TypeError(f"set_grad_enabled(): argument 'enabled' (position 1) must be bool, not {got}")
        state.set_grad(mode)

    def __call__(self, orig_func: F) -> F:
        state.set_grad(self.prev)
        return super().__call__(orig_func)

    def __enter__(self) -> None:
        state.set_grad(self.mode)

    def __exit__(self, *exc: object) -> None:
        state.set_grad(self.prev)

    def __str__(self) -> str:
        return f"torch.autograd.grad_mode.set_grad_enabled(mode={self.mode})"

    __repr__ = __str__

    def clone(self) -> set_grad_enabled:
        return self.__class__(self.mode)


class inference_mode(ContextDecorator):  # noqa: N801 - torch's public name
    """No graph, no version counting, no view tracking for tensors made inside (see Note [Inference])."""

    def __new__(cls, mode: Any = True) -> Any:
        if isinstance(mode, bool):
            return super().__new__(cls)
        return cls()(mode)

    def __init__(self, mode: bool = True) -> None:
        self.mode = mode
        self.prev = (True, False)

    def __enter__(self) -> None:
        self.prev = (state.asked, state.inference)
        state.inference = self.mode
        state.set_grad(not self.mode)

    def __exit__(self, *exc: object) -> None:
        asked, state.inference = self.prev
        state.set_grad(asked)

    def clone(self) -> inference_mode:
        return self.__class__(self.mode)


class set_multithreading_enabled(ContextDecorator):  # noqa: N801 - torch's public name
    """Accepted for compatibility: one thread runs a backward here in either case."""

    def __init__(self, mode: bool) -> None:
        if type(mode) is not bool:
            raise TypeError(
                f"set_multithreading_enabled(): argument 'enabled' (position 1) must be bool, not {type(mode).__name__}"
            )
        self.prev = state.multithreading
        self.mode = mode
        state.multithreading = mode

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exc: object) -> None:
        state.multithreading = self.prev

    def clone(self) -> set_multithreading_enabled:
        return self.__class__(self.mode)


class enforce_grad_layout_policy(ContextDecorator):  # noqa: N801 - torch's public name
    """Sets at once, or for a block or per call, whether a gradient must be laid out like its leaf."""

    def __init__(self, enable: bool = True) -> None:
        self.prev = state.layout
        self.mode = enable
        state.layout = enable

    def __call__(self, orig_func: F) -> F:
        state.layout = self.prev
        return super().__call__(orig_func)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exc: object) -> None:
        state.layout = self.prev

    def clone(self) -> enforce_grad_layout_policy:
        return self.__class__(self.mode)


def namespace() -> types.SimpleNamespace:
    """The names that `minigrad.autograd.grad_mode` shows."""
    return types.SimpleNamespace(
        no_grad=no_grad,
        enable_grad=enable_grad,
        set_grad_enabled=set_grad_enabled,
        inference_mode=inference_mode,
        set_multithreading_enabled=set_multithreading_enabled,
        enforce_grad_layout_policy=enforce_grad_layout_policy,
    )
