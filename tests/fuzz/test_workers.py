"""Worker processes: what becomes of a task, and of the others, when its process dies."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator

import pytest

from fuzz import limits
from fuzz import workers as workers_module
from fuzz.workers import LocalWorkers, is_lost


def double(number: int) -> int:
    return 2 * number


def read_address_zero() -> None:
    ctypes.string_at(0)


def loop_for_ever_under_a_timer() -> None:
    limits.start_timer(0.2)
    while True:
        pass


def take_four_gibibytes() -> int:
    return len(bytearray(4 * 2**30))


def cores() -> set[int]:
    return os.sched_getaffinity(0)


def refuse() -> None:
    raise ValueError("no")


@pytest.fixture(scope="module")
def workers() -> Iterator[LocalWorkers]:
    with LocalWorkers(2, max_memory=1024) as pool:
        yield pool


def test_a_task_gives_its_result(workers: LocalWorkers) -> None:
    assert workers.submit(double, 21).result() == 42


def test_a_task_that_raises_is_not_lost(workers: LocalWorkers) -> None:
    error = workers.submit(refuse).exception()
    assert isinstance(error, ValueError)
    assert not is_lost(error)


@pytest.mark.parametrize("deadly", [read_address_zero, loop_for_ever_under_a_timer, os.abort])
def test_a_death_costs_one_task_and_no_other(workers: LocalWorkers, deadly: object) -> None:
    dying = workers.submit(deadly)  # type: ignore[arg-type]
    others = [workers.submit(double, number) for number in range(6)]
    assert is_lost(dying.exception())
    assert [other.result() for other in others] == [0, 2, 4, 6, 8, 10]


def test_memory_beyond_the_limit_is_refused(workers: LocalWorkers) -> None:
    assert isinstance(workers.submit(take_four_gibibytes).exception(), MemoryError)


def test_each_worker_has_at_most_one_core(workers: LocalWorkers) -> None:
    available = os.sched_getaffinity(0)
    found = workers.submit(cores).result()
    assert len(found) == 1 or found == available  # all cores may be taken by another campaign


def test_a_worker_is_replaced_after_its_share_of_tasks_and_none_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers_module, "RETIRED_AFTER", 3)
    with LocalWorkers(1, max_memory=1024, preload=()) as pool:
        tasks = [pool.submit(os.getpid) for _ in range(8)]
        seen = [task.result(timeout=60) for task in tasks]
    assert [seen.count(one) for one in dict.fromkeys(seen)] == [3, 3, 2]
