"""Steering: towards what is rare, and the same whatever the workers do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fuzz import steering
from fuzz.plan import SHARD, Lean, Plan
from fuzz.shard import composed
from fuzz.steering import EPOCH, Steering, behind

from .conftest import Ended


def test_the_first_epochs_are_not_steered() -> None:
    assert Steering().lean(0, 0) == Steering().lean(2 * EPOCH - 1, 0) == Lean()


def test_an_epoch_waits_until_those_that_steer_it_are_merged() -> None:
    one = Steering()
    one.merged(0, {"mul": 3})
    assert one.lean(2 * EPOCH, EPOCH - SHARD) is None
    assert one.lean(2 * EPOCH, EPOCH) == Lean(2)


def test_an_epoch_is_steered_by_all_that_was_merged_up_to_two_before_it() -> None:
    one = Steering()
    one.merged(0, {"mul": 3})
    one.merged(EPOCH, {"mul": 1, "neg": 1})
    one.merged(2 * EPOCH, {"sum": 9})
    two, three = one.lean(2 * EPOCH, 3 * EPOCH), one.lean(3 * EPOCH, 3 * EPOCH)
    assert two is not None
    assert three is not None
    assert dict(two.counts) == {"mul": 3}
    assert dict(three.counts) == {"mul": 4, "neg": 1}


def test_later_epochs_wait_for_less_so_that_one_slow_program_holds_up_nobody() -> None:
    one = Steering()
    for epoch in range(33):
        one.merged(epoch * EPOCH, {"mul": 1})
    assert one.lean(40 * EPOCH, 33 * EPOCH - SHARD) is None
    lean = one.lean(40 * EPOCH, 33 * EPOCH)
    assert lean is not None
    assert dict(lean.counts) == {"mul": 33}


def test_each_epoch_is_counted_once_where_the_distance_grows() -> None:
    one = Steering()
    for epoch in range(40):
        one.merged(epoch * EPOCH, {"mul": 1})
        lean = one.lean(epoch * EPOCH, epoch * EPOCH)
        assert lean is not None
        assert sum(count for _, count in lean.counts) == max(0, epoch - behind(epoch) + 1 if epoch > 1 else 0)


def test_steering_survives_being_stored() -> None:
    one = Steering()
    one.merged(0, {"mul": 3})
    one.lean(2 * EPOCH, EPOCH)
    one.merged(EPOCH, {"neg": 1})
    again = Steering(json.loads(json.dumps(one.to_dict())))
    for number in (2 * EPOCH, 3 * EPOCH):
        mine, its = one.lean(number, 2 * EPOCH), again.lean(number, 2 * EPOCH)
        assert mine is not None
        assert its is not None
        assert mine.counts == its.counts


def test_what_was_rare_is_composed_more_often() -> None:
    plan = Plan("c", "torch", "torch", 0, ("neg", "mul", "sin"))
    often = Plan("c", "torch", "torch", 0, plan.ops, lean=Lean(2, (("mul", 900), ("neg", 900), ("sin", 1))))
    plain, leaning = (
        sum("sin" in composed(one, number).source for number in range(2 * SHARD)) for one in (plan, often)
    )
    assert leaning > plain


def test_steered_findings_do_not_depend_on_how_shards_are_spread(
    campaign: Callable[..., Ended], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steering, "EPOCH", SHARD)
    arguments = ("--subject", "faulty-value", "--ops", "neg,mul,sum", "--examples", "900", "--seed", "6")
    several = [campaign(*arguments, "--jobs", jobs, out=tmp_path / jobs).summary for jobs in ("1", "3")]
    assert several[0]["discrepancies"] == several[1]["discrepancies"]
    assert several[0]["compared"] == several[1]["compared"]
