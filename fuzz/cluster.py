"""Shards on a Dask cluster: connecting, and how many of its workers there are to keep busy.

What may live here: all that is known of `dask.distributed`, which comes with the extra `gradfuzz[cluster]`.
Its workers need gradfuzz installed and give each process one thread to run with (others would wait in turn).
A worker that dies is restarted by its nanny, and its shard is given to another one by the scheduler.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from oracle.errors import HarnessError

PATIENCE = 30  # seconds to wait for the scheduler and its first worker


@contextmanager
def connected(address: str) -> Iterator[tuple[Executor, int]]:
    """An executor on the cluster whose scheduler is at `address`, and the number of worker processes.

    Raises HarnessError without the extra, without a scheduler, or without any worker.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise HarnessError(
            "--cluster needs Dask: pip install 'gradfuzz[cluster]', here and on the cluster's workers."
        ) from error
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise HarnessError(
            f"There is no Dask scheduler at {address}: {error}. `dask scheduler` prints the address to use."
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise HarnessError(
                f"The scheduler at {address} has no workers. Start some: dask worker {address} --nthreads 1"
            ) from error
        # Tasks are not pure (a shard is retried after a death), and a dead worker's shard may kill three.
        with client.get_executor(pure=False) as executor:  # type: ignore[no-untyped-call]
            yield executor, len(client.scheduler_info(n_workers=-1)["workers"])
