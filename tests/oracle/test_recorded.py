"""Recorded answers: exact to the bit, described by their schema, refused with file and line when broken."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from hypothesis import given

from oracle import answers, engines
from oracle.check import check_batch, check_program
from oracle.choosing import choose, traits
from oracle.engines.recorded import RecordedEngine, record
from oracle.engines.torch_engine import TorchEngine
from oracle.errors import HarnessError
from oracle.observation import Observation, Returned
from oracle.program import Program, parse
from strategies import programs
from tests.oracle.wrong import FAULTS, WrongTorch

TORCH = TorchEngine()
SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "recorded-answers.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
ODD = parse("""
v0 = T.tensor([0.1, float('nan'), float('inf'), -0.0, 1e-45], requires_grad=True)
v1 = T.tensor([1j, complex(float('nan'), -0.0)])
v2 = T.tensor([9223372036854775807, -1])
v3 = T.tensor([True, False])
v4 = T.zeros((0, 3), dtype=T.float16)
h0 = v0.register_hook(lambda grad: grad * 2)
v5 = v0 * 3
print(v5)
v6 = v5.sum()
v6.backward(create_graph=True)
v7 = v5.is_leaf
v8 = v5.shape
v9 = v0.tolist()
v10 = v2.tolist()
v11 = v1.tolist()
v12 = v0.backward(v1)
""")


def test_odd_answers_come_back_exactly(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    assert record([ODD], TORCH, path) == 1
    seen, back = TORCH.run(ODD), RecordedEngine(path).run(ODD)
    assert repr(back.outcomes) == repr(seen.outcomes)
    for name, facts in seen.tensors.items():
        assert back.tensors[name].value.tobytes() == facts.value.tobytes(), name
        assert back.tensors[name].value.dtype == facts.value.dtype
        assert back.tensors[name].strides == facts.strides
    assert (back.graph, back.warnings, back.prints) == (seen.graph, seen.warnings, seen.prints)
    assert check_program(ODD, TORCH, RecordedEngine(path)) == []


@given(programs(dtypes=("float32", "float64", "complex64", "int64", "bool")))
def test_every_answer_comes_back_exactly_and_fits_the_schema(program: Program) -> None:
    seen = TORCH.run(program)
    text = json.dumps(answers.encode(seen, TORCH.run_in_float64(program)), allow_nan=False)
    VALIDATOR.validate({"program": program.source, **json.loads(text)})
    back = answers.decode(json.loads(text), seen.engine, seen.module)
    assert repr(back.outcomes) == repr(seen.outcomes)
    for name, facts in seen.tensors.items():
        mine = back.tensors[name]
        assert mine.value.tobytes() == facts.value.tobytes() or np.isnan(facts.value).any()
        for field in ("dtype", "shape", "version", "grad_fn", "alias", "strides", "base", "grad_node"):
            assert getattr(mine, field) == getattr(facts, field)


def test_the_head_fits_the_schema_and_equal_answers_make_equal_files(tmp_path: Path) -> None:
    found = []
    for name in ("one.jsonl.gz", "two.jsonl.gz"):
        record([ODD], TORCH, tmp_path / name)
        found.append((tmp_path / name).read_bytes())
    assert found[0] == found[1]
    lines = gzip.decompress(found[0]).splitlines()
    for line in lines:
        VALIDATOR.validate(json.loads(line))


def test_a_fault_is_found_against_recorded_answers_as_against_torch(tmp_path: Path) -> None:
    program = parse("v0 = T.tensor(2.0, requires_grad=True)\nv1 = v0.exp()\nv1.backward()\n")
    path = tmp_path / "answers.jsonl"
    record([program], TORCH, path)
    wrong = WrongTorch("wrong", FAULTS["exp gradient flipped"])
    live = [str(one) for one in check_program(program, wrong, TORCH)]
    assert live
    assert [str(one) for one in check_program(program, wrong, engines.load(str(path)))] == live


def test_a_program_that_was_not_recorded_is_counted_as_unsupported(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    record([ODD], TORCH, path)
    other = parse("v0 = T.tensor(1.0)\n")
    checked = check_batch([other], TORCH, RecordedEngine(path))
    assert checked[0].unsupported == "recorded: not among the recorded programs"
    assert [program.source for program in RecordedEngine(path).programs()] == [ODD.source]


def test_a_program_is_recorded_once(tmp_path: Path) -> None:
    assert record([ODD, ODD], TORCH, tmp_path / "answers.jsonl") == 1


HEAD = (
    '{"kind":"gradfuzz recorded answers","version":1,"engine":"e","engine_version":"1",'
    '"module":"e","facts":[]}\n'
)
ANSWER = '{{"program":{},"outcomes":[],"tensors":{{}},"graph":{{}},"hooks":[],"warnings":[],"prints":[]}}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("nonsense\n", "line 1"),
        ("[]\n", "line 1"),
        ('{"kind":"other"}\n', "no recorded answers"),
        (HEAD.replace('"version":1', '"version":2'), "version 2"),
        (HEAD.replace('"module":"e",', ""), "'module'"),
        (HEAD + "{}\n", "line 2"),
        (HEAD + "{\n", "line 2"),
        (HEAD + ANSWER.format('"import os"'), "line 2"),
        (HEAD + ANSWER.format("7"), "line 2"),
    ],
)
def test_a_broken_file_is_refused_with_its_name_and_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(text, "utf-8")
    with pytest.raises(HarnessError) as caught:
        RecordedEngine(path)
    assert str(path) in str(caught.value)
    assert said in str(caught.value)


def test_a_missing_or_torn_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="no recorded answers"):
        RecordedEngine(tmp_path / "none.jsonl")
    path = tmp_path / "answers.jsonl.gz"
    record([ODD], TORCH, path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(HarnessError, match="cannot be read"):
        RecordedEngine(path)


def test_a_file_that_cannot_be_written_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="cannot be written"):
        record([ODD], TORCH, tmp_path / "none" / "answers.jsonl")


def test_what_is_no_plain_data_is_our_own_mistake() -> None:
    with pytest.raises(HarnessError, match="no plain data"):
        answers.encode(Observation("e", [Returned(object())]))


def test_the_shipped_answers_are_those_of_this_torch() -> None:
    shipped = RecordedEngine()
    assert len(shipped) >= 1000
    if shipped.version != f"torch {TORCH.version}":
        pytest.skip(f"the shipped answers are those of {shipped.version}")
    for checked in check_batch(list(shipped.programs())[::20], TORCH, shipped):
        assert checked.unsupported is None
        assert [str(one) for one in checked.discrepancies] == [], checked.program.source


def test_a_chosen_corpus_exercises_what_the_many_did() -> None:
    many = [
        parse("v0 = T.tensor([1.0, 2.0])\nv1 = v0.exp()\n"),
        parse("v0 = T.tensor([1.0, 2.0])\nv1 = v0.exp()\nv2 = v1.exp()\n"),
        parse("v0 = T.tensor([1.0, 2.0])\nv1 = v0.view(3)\n"),
        parse("v0 = T.tensor([1.0, 2.0])\nv1 = v0 * v0\n"),
        parse("v0 = T.tensor([1.0, 2.0])\nv1 = v0.exp()\nv2 = v0 * v0\n"),
    ]
    few = choose(many, TORCH, 3)
    wanted = set().union(*(traits(program, TORCH.run(program)) for program in many))
    assert set().union(*(traits(program, TORCH.run(program)) for program in few)) == wanted
    assert {program.source for program in few} == {many[number].source for number in (0, 2, 3)}
