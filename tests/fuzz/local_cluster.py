"""A real Dask scheduler with two worker processes on this machine, run as a script by the tests of clusters.

It prints one JSON line with the scheduler's address and the workers' process ids, and ends when stdin does.
"""

from __future__ import annotations

import json
import os
import sys


def main() -> None:
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        with cluster.get_client() as client:
            client.wait_for_workers(2)
            pids = list(client.run(os.getpid).values())
        print(json.dumps({"address": cluster.scheduler_address, "workers": pids}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
