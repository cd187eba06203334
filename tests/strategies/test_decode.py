"""Every buffer is a legal program, and what bytes mean is as the layout says."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.coverage import Cell, count, expected
from oracle.observation import Observation
from oracle.opset import OPS
from oracle.program.parser import parse
from oracle.program.validity import violations
from strategies import buffers, decode, grammar
from strategies.decoder import compose
from strategies.grammar import ALL_FEATURES, FEATURES
from strategies.layout import HEADER, LENGTH, LENGTHS, QUERIES_AT, SIZE, SLOT_WIDTH, SLOTS_AT
from strategies.ops import CAUGHT
from strategies.prohibitions import RULES
from strategies.rules import Breaker
from strategies.state import UNCERTAIN, Slot, State
from strategies.steering import exercised
from tests.strategies.running import Run

EVERYTHING = grammar(
    ops=OPS, features=ALL_FEATURES, dtypes=("float32", "float64", "int64", "bool", "complex64")
)
READY = grammar()


@given(st.binary(max_size=SIZE + 5))
def test_any_bytes_are_a_legal_program(buffer: bytes) -> None:
    assert list(violations(decode(buffer, EVERYTHING))) == []


def test_thousands_of_campaign_buffers_are_legal_programs() -> None:
    for buffer in islice(buffers(1, EVERYTHING), 1500):
        assert list(violations(decode(buffer, EVERYTHING))) == []


def test_programs_print_and_parse_back() -> None:
    for buffer in islice(buffers(2, EVERYTHING), 500):
        program = decode(buffer, EVERYTHING)
        assert parse(program.source) == program


def test_equal_bytes_are_equal_programs_whatever_was_decoded_before() -> None:
    drawn = list(islice(buffers(3, READY), 300))
    first = [decode(buffer, READY) for buffer in drawn]
    assert [decode(buffer, READY) for buffer in reversed(drawn)] == first[::-1]


def test_zeros_are_the_empty_program() -> None:
    assert len(decode(bytes(SIZE), READY)) == 0


def test_missing_bytes_are_zeros() -> None:
    buffer = next(buffers(4, READY))
    kept = buffer[:QUERIES_AT]
    assert decode(kept, READY) == decode(kept + bytes(SIZE - QUERIES_AT), READY)


def slots(program_ops: list[str]) -> bytearray:
    """A buffer with these ops in its first slots, each on the value of the slot before, and else zeros."""
    buffer = bytearray(SIZE)
    buffer[LENGTH] = next(byte for byte in range(256) if LENGTHS[byte] >= len(program_ops))
    for place, name in enumerate(program_ops):
        at = SLOTS_AT + place * SLOT_WIDTH
        buffer[at : at + 2] = bytes(READY.codes[name])
        buffer[at + 3] = 4 + place - 1 if place else 0  # after four leaves come the slots, counted up
    return buffer


def test_operands_name_earlier_slots() -> None:
    assert decode(bytes(slots(["neg", "exp"])), READY) == parse(
        "v0 = T.tensor(1.0, requires_grad=True)\nv1 = T.neg(v0)\nv2 = T.exp(v1)\n"
    )


def test_zeroing_a_slot_deletes_its_instruction_and_the_next_falls_back_to_the_one_before() -> None:
    buffer = slots(["neg", "sin", "exp"])
    buffer[SLOTS_AT + SLOT_WIDTH : SLOTS_AT + 2 * SLOT_WIDTH] = bytes(SLOT_WIDTH)
    assert decode(bytes(buffer), READY) == decode(bytes(slots(["neg", "exp"])), READY)


def test_leaves_that_nobody_uses_are_not_there() -> None:
    buffer = slots(["neg"])
    buffer[HEADER:SLOTS_AT] = bytes(range(100, 116))  # all four leaves are described, one is used
    assert [i.op for i in decode(bytes(buffer), READY).instructions if i.op == "tensor"] == ["tensor"]


def test_max_ops_bounds_what_stands_between_leaves_and_queries() -> None:
    small = grammar(max_ops=1)
    for buffer in islice(buffers(6, READY), 200):
        assert len(compose(buffer, small).near) == 4 + min(1, LENGTHS[buffer[LENGTH]])


def test_ops_left_out_do_not_occur() -> None:
    few = grammar(ops=("mul", "sum"), features=("queries",))
    names = {name for buffer in islice(buffers(7, few), 500) for name in exercised(decode(buffer, few))}
    assert names <= {
        "mul",
        "sum",
        "tensor",
        "zeros",
        "backward",
        "grad",
        "second_order",
        "read_grad",
        "requires_grad",
    }
    assert {"mul", "sum", "backward", "grad"} <= names


def test_most_programs_run_to_their_end_in_torch() -> None:
    total = 1000
    stopped = [
        (program.source, run.error)
        for program in (decode(buffer, READY) for buffer in islice(buffers(8, READY), total))
        if (run := Run(program)).stopped is not None
    ]
    assert len(stopped) <= total // 100, stopped[0]


def test_what_is_caught_is_either_refused_now_and_then_or_asked_for_by_its_byte() -> None:
    caught = refused = total = 0
    for buffer in islice(buffers(9, READY), 800):
        program = decode(buffer, READY)
        caught += sum(instruction.caught for instruction in program.instructions)
        total += len(program)
        refused += len(Run(program).caught)
    assert refused > caught // 5
    assert caught < total // 6
    assert CAUGHT > 240


def test_the_decoder_knows_shapes_dtypes_and_history_of_every_value() -> None:
    for buffer in islice(buffers(10, READY), 800):
        state = compose(buffer, READY)
        run = Run(type(decode(buffer, READY))(tuple(state.instructions)))
        for value in state.values:
            tensor = run.names.get(value.ref.name)
            if tensor is None:
                continue
            known = (value.meta.shape, f"torch.{value.meta.dtype}")
            assert (tuple(tensor.shape), str(tensor.dtype)) == known, (
                value.ref,
                decode(buffer, READY).source,
            )
            uncertain = value.flags or value.nodes & state.stale or run.stopped is not None or run.caught
            if not uncertain:
                assert tensor.requires_grad == bool(value.nodes), (value.ref, decode(buffer, READY).source)


def said(name: str) -> str:
    """How programs name what a grammar has under this name."""
    if name not in OPS:  # a feature, or an in-place form
        return name.partition("_.")[0] + "_" if "_." in name else name
    return "getitem" if OPS[name].forms == ("index",) else OPS[name].name


DRAWN = {name: name for name in OPS} | {spec.in_place.key: name for name, spec in OPS.items() if spec.inplace}
"""Everything that calls an op, in place or not, and the op by whose name a grammar has it."""


@pytest.mark.parametrize("name", DRAWN)
def test_every_op_can_be_drawn_and_runs_in_torch(name: str) -> None:
    random = Random(name)
    alone = grammar(ops=(DRAWN[name],), features=("inplace", "queries"))
    buffer = bytearray(SIZE)
    seen = 0
    stopped: list[tuple[str, BaseException | None]] = []
    for _ in range(25):
        buffer[:] = random.randbytes(SIZE)
        buffer[LENGTH] = next(byte for byte in range(256) if LENGTHS[byte] == 2)
        for place in range(2):
            at = SLOTS_AT + place * SLOT_WIDTH
            buffer[at : at + 2] = bytes(alone.codes[name])
        program = decode(bytes(buffer), alone)
        seen += sum(one == said(name) for one in exercised(program))
        run = Run(program)
        stopped += [(program.source, run.error)] if run.stopped is not None else []
    assert seen
    assert len(stopped) <= 1, stopped[0]  # a rare effect of one op on another may stop one


def counted(reached: set[str], rule: str, breaker: Breaker) -> Breaker:
    def counting(state: State, slot: Slot, caught: bool) -> None:
        reached.add(rule)
        breaker(state, slot, caught)

    return counting


def test_twenty_thousand_programs_reach_every_op_feature_and_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    reached: set[str] = set()
    for rule, breaker in RULES.items():
        monkeypatch.setitem(RULES, rule, counted(reached, rule, breaker))
    wanted = {said(name) for name in READY.weights} - {"refusal"} | set(RULES)
    cells: Counter[Cell] = Counter()
    for number, buffer in enumerate(islice(buffers(11, READY), 20_000)):
        program = decode(buffer, READY)
        reached.update(exercised(program))
        count(cells, program, Observation("none", [], {}), number=1)
        if number % 500 == 0 and wanted <= reached and expected(()) <= cells.keys():
            break
    assert not wanted - reached
    assert set(FEATURES) & set(READY.weights)
    assert not expected(()) - cells.keys()  # and a campaign's report counts what it says can be reached


def test_uncertain_values_are_asked_for_gradients_only_where_errors_are_caught() -> None:
    assert UNCERTAIN
    for buffer in islice(buffers(12, READY), 300):
        run = Run(decode(buffer, READY))
        assert run.stopped is None or not isinstance(run.error, NameError)
