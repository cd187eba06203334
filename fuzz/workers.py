"""Where shards run: executors, all behind the `concurrent.futures.Executor` interface.

What may live here: starting, replacing and ending worker processes. What a shard is stays unknown: a task is
a function with arguments. A worker that dies fails the task it was running, and no other, with an exception
that `is_lost` knows.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from pebble import ProcessExpired, ProcessPool

from fuzz import limits

PRELOAD = ("fuzz.shard",)
TORCH = (
    "torch",
    "torch.fx.experimental.symbolic_shapes",  # by the first backward: a third of a second
    "torch._decomp.decompositions_for_jvp",  # by the first dual tensor, a quarter of a second ...
    "torch._dynamo.convert_frame",  # ... and by the first product of one: a whole second
)
"""Imported once by the process that workers are forked from, so that a replacement starts in no time.

torch imports all but itself when a program first needs it. A process that is forked for one program would do so for
each, on a crowded machine for so long that the program seems to hang. What is not installed is skipped.
"""

RETIRED_AFTER = 500
"""Tasks after which a worker is replaced. Engines keep a little of every program that is new to them (torch alone some
20 MiB of the first 20,000); a campaign of days must not find out how much that comes to."""

ENVIRONMENT = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "64",
}
"""Set for worker processes unless the user has set them: each has one core, and tensors are small; and torch keeps
1,024 compiled kernels of shapes that soon no program has any more, which is half of what it grows by."""


class LocalWorkers(Executor):
    """`jobs` processes on this machine, each on a core of its own and with at most `max_memory` MiB.

    `preload` names modules to import ahead, beside our own.
    """

    def __init__(self, jobs: int, max_memory: int, preload: tuple[str, ...] = TORCH) -> None:
        for name, value in ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([*preload, *PRELOAD])
        self._pool = ProcessPool(
            jobs, RETIRED_AFTER, initializer=_begin, initargs=(os.getpid(), max_memory), context=context
        )

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run `fn(*args, **kwargs)` in some worker."""
        future: Future[Any] = self._pool.schedule(fn, args=args, kwargs=kwargs)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers: after what was submitted, or at once with `cancel_futures`."""
        if cancel_futures:
            self._pool.stop()  # type: ignore[no-untyped-call]
        else:
            self._pool.close()  # type: ignore[no-untyped-call]
        if wait:
            self._pool.join()


def is_lost(error: BaseException | None) -> bool:
    """Whether a task failed because its worker died or ran out of memory, and not by what it did."""
    # Dask's word is known by its name, since importing dask takes a second that only clusters need.
    return isinstance(error, ProcessExpired | MemoryError) or type(error).__name__ == "KilledWorker"


def _begin(parent: int, max_memory: int) -> None:
    """The first thing a worker does. Ctrl-C is the campaign's business, which ends its workers itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    limits.end_with(parent)
    limits.pin_to_free_core()
    limits.no_core_dumps()
    limits.limit_memory(max_memory)
    collect_rarely()


def collect_rarely() -> None:
    """Garbage collection without what the imports left, and less often: a twentieth of a worker's time less.

    Programs leave hardly any cycles, and those are small.
    """
    gc.freeze()
    gc.set_threshold(_BETWEEN_COLLECTIONS)


_BETWEEN_COLLECTIONS = 5000  # objects made and not yet freed; Python's own 700 is once for every two programs
