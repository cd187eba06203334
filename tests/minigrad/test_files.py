"""`save` and `load`: files that torch reads and files of torch's, what comes along, what is refused."""

from __future__ import annotations

import io
import pickle
import warnings
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch

import minigrad

ENGINES = {"minigrad": minigrad, "torch": torch}
OBJECTS = {
    "a leaf": "T.tensor([1.0, 2.0], requires_grad=True)",
    "numbers of every kind": "[T.ones(2, dtype=getattr(T, n)) for n in 'bool uint8 int8 int16 int32 int64'.split()]",
    "floats of every kind": "[T.ones(2, dtype=getattr(T, n)) for n in 'half float double cfloat cdouble'.split()]",
    "views of one memory": "(lambda x: [x, x[:, 1], x.t(), x[1:]])(T.arange(6.0).view(2, 3))",
    "one tensor twice": "(lambda x: [x, x])(T.zeros(2))",
    "none and no dimensions": "[T.zeros(0, 3), T.tensor(2.0)]",
    "expanded": "T.ones(1).expand(4)",
    "conjugated and negated": "[T.tensor([1j, 2.0]).conj(), T.tensor([1j, 2.0]).conj().imag]",
    "what lies beside": "{'n': 3, 'c': 2j, 'set': {1}}",
    "what is torch's beside": "{'size': T.Size([2]), 'dtype': T.float32, 'device': T.device('cpu')}",
}


def written(engine: Any, obj: Any, **kwargs: Any) -> io.BytesIO:
    file = io.BytesIO()
    engine.save(obj, file, **kwargs)
    file.seek(0)
    return file


def described(engine: Any, value: Any) -> Any:
    """A value without its engine: everything of a tensor that a file keeps."""
    if isinstance(value, engine.Tensor):
        shown = (value.detach().resolve_conj().resolve_neg().tolist(), str(value.dtype), tuple(value.shape))
        return (*shown, value.stride(), value.storage_offset(), value.requires_grad, value.is_conj(), value.is_neg())
    if isinstance(value, dict):
        return {key: described(engine, one) for key, one in value.items()}
    if isinstance(value, list):
        return [described(engine, one) for one in value], [one is value[0] for one in value]
    return repr(value)


@pytest.mark.parametrize("reader", ENGINES)
@pytest.mark.parametrize("writer", ENGINES)
@pytest.mark.parametrize("name", OBJECTS)
def test_each_engine_reads_what_either_wrote(name: str, writer: str, reader: str) -> None:
    there, here = ENGINES[writer], ENGINES[reader]
    obj = eval(OBJECTS[name], {"T": there})
    assert described(here, here.load(written(there, obj))) == described(there, obj)


@pytest.mark.parametrize("reader", ENGINES)
@pytest.mark.parametrize("writer", ENGINES)
@pytest.mark.parametrize("noted", [False, True])
def test_a_parameter_comes_back_as_one(writer: str, reader: str, noted: bool) -> None:
    there, here = ENGINES[writer], ENGINES[reader]
    weight, fixed = there.nn.Parameter(there.ones(2, 3)), there.nn.Parameter(there.ones(2), requires_grad=False)
    if noted:
        weight.note = "kept"
    back, still = here.load(written(there, [weight, fixed]))
    assert (type(back), type(still)) == (here.nn.Parameter, here.nn.Parameter)
    assert (back.requires_grad, still.requires_grad, back.is_leaf) == (True, False, True)
    assert (back.tolist(), getattr(back, "note", None)) == ([[1.0] * 3] * 2, "kept" if noted else None)


@pytest.mark.parametrize("reader", ENGINES)
def test_views_look_at_one_memory_still(reader: str) -> None:
    here = ENGINES[reader]
    x = minigrad.zeros(2, 3)
    whole, part = here.load(written(minigrad, [x, x[:, 1]]))
    part.fill_(1)
    assert whole.tolist() == [[0, 1, 0], [0, 1, 0]]


def test_a_result_comes_back_as_a_leaf_and_attributes_come_along(tmp_path: Path) -> None:
    for engine in ENGINES.values():
        x = engine.ones(2, requires_grad=True) * 2
        x.note = "kept"
        engine.save(x, tmp_path / "result.pt")
        back = engine.load(str(tmp_path / "result.pt"))
        assert (back.tolist(), back.is_leaf, back.requires_grad, back.grad, back.note, back._version) == (
            [2.0, 2.0], True, True, None, "kept", 1,
        )  # fmt: skip


def test_hooks_stay_behind_with_a_warning() -> None:
    texts = []
    for engine in ENGINES.values():
        x = engine.ones(2, requires_grad=True)
        x.register_hook(print)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            written(engine, x)
        texts.append([str(one.message) for one in caught])
    assert texts[0] == texts[1] != []


class Unknown:
    """What no file may name unless it is trusted."""

    def __eq__(self, other: object) -> bool:
        return type(other) is Unknown

    __hash__ = None  # type: ignore[assignment]


REFUSED = {
    "a number to write to": "T.save(T.ones(2), 3)",
    "a number to read from": "T.load(3)",
    "an empty file": "T.load(io.BytesIO())",
    "a file that is not there": "T.load('/no/such/file')",
    "what is not trusted": "T.load(written(T, [Unknown()]))",
    "one memory as two dtypes": "(lambda x: T.save([x, x.view(T.int32)], io.BytesIO()))(T.ones(2))",
    "another device": "T.load(moved())",
    "a device to come to": "T.load(written(T, [T.ones(2)]), map_location='cuda')",
}


def moved() -> io.BytesIO:
    """A file whose storage is said to lie on a GPU."""
    file = written(torch, torch.ones(2))
    made = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"X\x03\x00\x00\x00cpu", b"X\x06\x00\x00\x00cuda:0"))
    made.seek(0)
    return made


@pytest.mark.parametrize("where", ["'cpu'", "T.device('cpu')", "{'cuda:0': 'cpu'}", "lambda storage, place: storage"])
@pytest.mark.parametrize("reader", ENGINES)
def test_a_storage_of_another_device_is_brought_to_this_one(reader: str, where: str) -> None:
    here = ENGINES[reader]
    back = here.load(moved(), map_location=eval(where, {"T": here}))
    assert (back.tolist(), back.device.type) == ([1.0, 1.0], "cpu")


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_refused_in_torchs_words(name: str) -> None:
    def raised(engine: Any) -> tuple[str, str]:
        with pytest.raises(Exception) as error:
            eval(REFUSED[name], {"T": engine, "io": io, "written": written, "moved": moved, "Unknown": Unknown})
        return type(error.value).__name__, str(error.value)

    assert raised(minigrad) == raised(torch)


@pytest.mark.parametrize("reader", ENGINES)
def test_a_trusted_file_may_name_anything(reader: str) -> None:
    assert ENGINES[reader].load(written(minigrad, [Unknown()]), weights_only=False) == [Unknown()]


def test_what_is_no_file_of_torchs_is_refused() -> None:
    for content in (b"abc", pickle.dumps(1)):
        with pytest.raises(pickle.UnpicklingError, match=r"not a file of torch\.save"):
            minigrad.load(io.BytesIO(content))
