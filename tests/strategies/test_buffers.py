"""The byte generator of campaigns: reproducible, swarming, steerable; its buffers go on to Hypothesis."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest
from hypothesis import given, settings

from oracle.opset import OPS
from oracle.program.program import Program
from strategies import buffers, decode, grammar, programs_of, trimmed
from strategies.layout import SIZE
from strategies.steering import exercised, shares

LANGUAGE = grammar()


def test_equal_seeds_give_equal_buffers_and_others_do_not() -> None:
    assert list(islice(buffers(1, LANGUAGE), 50)) == list(islice(buffers(1, LANGUAGE), 50))
    assert list(islice(buffers(1, LANGUAGE), 5)) != list(islice(buffers(2, LANGUAGE), 5))


def test_every_buffer_has_the_size_of_the_layout() -> None:
    assert {len(buffer) for buffer in islice(buffers(3, LANGUAGE), 100)} == {SIZE}


def ops_of(drawn: list[bytes]) -> set[str]:
    return {name for buffer in drawn for name in exercised(decode(buffer, LANGUAGE))}


def test_a_swarm_batch_leaves_out_much_of_the_language() -> None:
    sizes = []
    stream = buffers(4, LANGUAGE, batch=50)
    for _ in range(40):
        sizes.append(len(ops_of(list(islice(stream, 50)))))
    assert min(sizes) < 0.6 * max(sizes)


def test_without_swarm_every_batch_uses_the_whole_language() -> None:
    stream = buffers(4, LANGUAGE, batch=50, swarm=False)
    sizes = [len(ops_of(list(islice(stream, 50)))) for _ in range(10)]
    assert min(sizes) > 0.6 * max(sizes)


@pytest.mark.parametrize("name", ["mode", "copy_", "linalg.qr", "max.dim"])
def test_an_op_is_drawn_when_it_is_all_there_is(name: str) -> None:
    alone = grammar((name,))
    called = [one.op for b in islice(buffers(1, alone), 20) for one in decode(b, alone).instructions]
    assert OPS[name].name in called or OPS[name].name.rpartition(".")[2] in called


def test_steering_leans_towards_what_was_rare() -> None:
    stream = buffers(5, LANGUAGE, swarm=False)
    stream.steer({**dict.fromkeys(LANGUAGE.weights, 1000), "sigmoid": 100_000, "exp": 0})
    counts = Counter(name for b in islice(stream, 2000) for name in exercised(decode(b, LANGUAGE)))
    assert counts["exp"] > 4 * counts["sigmoid"]


def test_weights_stay_within_bounds_however_lopsided_the_counts() -> None:
    weights = {"mul": 1.0, "exp": 2.0, "sum": 1.0}
    leaning = shares({"mul": 10**9}, weights)
    assert leaning == {"mul": 0.25 + leaning["mul"] - 0.25, "exp": 16.0, "sum": 8.0}
    assert 0.25 <= leaning["mul"] <= 1.0


def test_trimming_keeps_the_program_and_little_else() -> None:
    for buffer in islice(buffers(6, LANGUAGE), 40):
        short = trimmed(buffer, LANGUAGE)
        assert decode(short, LANGUAGE) == decode(buffer, LANGUAGE)
        assert sum(map(bool, short)) <= sum(map(bool, buffer))


def test_a_trimmed_buffer_of_a_short_program_is_mostly_zeros() -> None:
    kept = [sum(map(bool, trimmed(buffer, LANGUAGE))) for buffer in islice(buffers(7, LANGUAGE), 30)]
    assert sum(kept) / len(kept) < SIZE / 4


def test_a_failing_buffer_replays_and_shrinks_under_hypothesis() -> None:
    found = next(b for b in buffers(8, LANGUAGE) if "unbind" in exercised(decode(b, LANGUAGE)))
    seen: list[Program] = []

    @settings(database=None, deadline=None)
    @given(programs_of(LANGUAGE))
    def test(program: Program) -> None:
        seen.append(program)
        assert "unbind" not in exercised(program)

    with pytest.raises(AssertionError):
        test.hypothesis.fuzz_one_input(found)
    assert seen[0] == decode(found, LANGUAGE)
