"""What people pass is checked, and the message names the argument and what is right."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given

from oracle.opset.metas import broadcast
from strategies import broadcastable_pairs, buffers, faults, grammar, programs, shapes, values


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: programs(ops=["mull"]),
            ValueError,
            "ops contains 'mull', which is not known; did you mean 'mul'",
        ),
        (lambda: programs(ops="mul"), TypeError, r"ops must be a collection of names, such as \['mul'\]"),
        (lambda: programs(ops=[]), ValueError, "ops is empty"),
        (lambda: programs(features=["hooks"]), ValueError, "features contains 'hooks'.*did you mean 'hook'"),
        (lambda: programs(dtypes=["float"]), ValueError, "dtypes contains 'float'"),
        (
            lambda: programs(profiles=["wild"]),
            ValueError,
            "profiles contains 'wild', which is not known; known are",
        ),
        (lambda: programs(max_ops=0), ValueError, "max_ops must be from 1 to 16, not 0"),
        (lambda: programs(max_ops=True), TypeError, "max_ops must be an integer from 1 to 16"),
        (lambda: shapes(max_rank=-1), ValueError, r"shapes\(max_rank=...\) must be from 0 to 8"),
        (lambda: shapes(max_side=2.0), TypeError, r"shapes\(max_side=...\) must be an integer"),
        (lambda: values(profiles=["smoth"]), ValueError, "did you mean 'smooth'"),
        (lambda: faults(rules=["leaf_writen"]), ValueError, "did you mean 'leaf_written'"),
        (lambda: buffers("seed", grammar()), TypeError, r"buffers\(seed=...\) must be an integer"),
        (lambda: buffers(1, grammar(), batch=0), ValueError, r"buffers\(batch=...\) must be from 1"),
    ],
)
def test_wrong_arguments_are_named(call: Callable[[], Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()


def test_equal_options_are_one_grammar() -> None:
    assert grammar(ops=["sum", "mul"]) is grammar(ops=("mul", "sum"))


@given(broadcastable_pairs())
def test_pairs_of_shapes_broadcast(pair: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    assert broadcast(*pair) is not None


@given(shapes(max_rank=2, max_side=3, min_side=1))
def test_shapes_are_within_their_bounds(shape: tuple[int, ...]) -> None:
    assert len(shape) <= 2
    assert all(1 <= size <= 3 for size in shape)


@given(values())
def test_values_are_floats(value: float) -> None:
    assert isinstance(value, float)


def test_no_engine_and_no_numpy_is_imported() -> None:
    code = "import strategies, sys; sys.exit(any(m in sys.modules for m in ('torch', 'minigrad', 'pandas')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
