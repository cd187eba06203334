"""Observations as JSON and back: exact, versioned, readable from any language.

What may live here: the encoding, described for people in docs/recorded-answers.md and for machines in
docs/recorded-answers.schema.json. Files and engines are `engines.recorded`'s.

Floats are JSON numbers that are exact as doubles (a float32 is written as the double it is equal to); nan and
the infinities are the texts "nan", "inf", "-inf"; complex numbers are pairs; whole numbers beyond 2**53 are
texts. Facts that the engine did not report are left out.
"""

from __future__ import annotations

import marshal
import math
from dataclasses import fields
from typing import Any

import numpy as np

from oracle.errors import HarnessError
from oracle.observation import ABSENT, Graph, HookCall, Observation, Raised, Returned, Saved, TensorFacts

EXACT = 2**53
_FIELDS = tuple(field.name for field in fields(TensorFacts))
_TUPLES = ("shape", "strides")


def encode(seen: Observation, float64: Observation | None = None) -> dict[str, Any]:
    """One run as JSON data; `float64` is the same engine's rerun in float64, if there was one."""
    data = {
        "outcomes": [_outcome(outcome) for outcome in seen.outcomes],
        "tensors": {name: _tensor(facts) for name, facts in seen.tensors.items()},
        "graph": {
            "nodes": list(seen.graph.nodes),
            "edges": [[list(edge) for edge in edges] for edges in seen.graph.edges],
            "variables": list(seen.graph.variables),
            "saved": [
                {"tensors": list(one.tensors), "values": {k: _plain(v) for k, v in one.by_name.items()}}
                for one in seen.graph.saved
            ],
        },
        "hooks": [
            {"hook": call.hook, "during": call.during, "values": [_plain(value) for value in call.values]}
            for call in seen.hooks
        ],
        "warnings": [list(entry) for entry in seen.warnings],
        "prints": [list(entry) for entry in seen.prints],
    }
    if float64 is not None:
        data["float64"] = {
            name: {"value": _plain(facts.value), "grad": _plain(facts.grad)}
            for name, facts in float64.tensors.items()
        }
    return data


def decode(data: dict[str, Any], engine: str, module: str) -> Observation:
    """The run that `encode` wrote; `engine` and `module` come from the head of its file."""
    graph = data["graph"]
    return Observation(
        engine,
        [_read_outcome(outcome) for outcome in data["outcomes"]],
        {name: _read_tensor(facts) for name, facts in data["tensors"].items()},
        Graph(
            tuple(graph["nodes"]),
            tuple(tuple((edge[0], edge[1]) for edge in edges) for edges in graph["edges"]),
            tuple(graph["variables"]),
            tuple(_read_saved(one) for one in graph.get("saved", ())),
        ),
        tuple(
            HookCall(call["hook"], call["during"], tuple(_read(value) for value in call["values"]))
            for call in data["hooks"]
        ),
        tuple((entry[0], entry[1], entry[2]) for entry in data["warnings"]),
        tuple((entry[0], entry[1]) for entry in data["prints"]),
        module,
    )


def _read_saved(data: dict[str, Any]) -> Saved:
    values = tuple(_read(one) for one in data["values"].values())
    return Saved(tuple(data["tensors"]), tuple(data["values"]), marshal.dumps(values, 2))


def decode_float64(data: dict[str, Any], engine: str) -> Observation | None:
    """The float64 rerun that was recorded beside a run, with values and gradients alone."""
    if "float64" not in data:
        return None
    tensors = {}
    for name, facts in data["float64"].items():
        value = _read(facts["value"])
        shape, dtype = (value.shape, str(value.dtype)) if isinstance(value, np.ndarray) else ((), "unknown")
        tensors[name] = TensorFacts(value, dtype, shape, grad=_read(facts["grad"]))
    return Observation(engine, [], tensors)


def _outcome(outcome: Any) -> Any:
    if isinstance(outcome, Raised):
        return {"raised": outcome.type, "message": outcome.message}
    return None if outcome is None else {"returned": _plain(outcome.value)}


def _read_outcome(data: Any) -> Any:
    if data is None:
        return None
    return Raised(data["raised"], data["message"]) if "raised" in data else Returned(_read(data["returned"]))


def _tensor(facts: TensorFacts) -> dict[str, Any]:
    found = ((name, getattr(facts, name)) for name in _FIELDS)
    return {
        name: list(value) if name in _TUPLES and value is not None else _plain(value)
        for name, value in found
        if not (isinstance(value, str) and value == ABSENT)
    }


def _read_tensor(data: dict[str, Any]) -> TensorFacts:
    values: dict[str, Any] = {name: ABSENT if name not in data else _read(data[name]) for name in _FIELDS}
    for name in _TUPLES:
        if isinstance(values[name], list):
            values[name] = tuple(values[name])
    return TensorFacts(**values)


def _plain(value: Any) -> Any:
    """A plain value of the lab as JSON data; what JSON lacks becomes an object with one telling key."""
    if isinstance(value, np.ndarray):
        return {"dtype": str(value.dtype), "shape": list(value.shape), "data": _elements(value)}
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if abs(value) <= EXACT else {"int": str(value)}
    if isinstance(value, float):
        return {"float": _float(value)}
    if isinstance(value, complex):
        return {"complex": [_float(value.real), _float(value.imag)]}
    if isinstance(value, tuple):
        return {"tuple": [_plain(item) for item in value]}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    raise HarnessError(f"an observation holds a {type(value).__name__}, which is no plain data")


def _read(data: Any) -> Any:
    if isinstance(data, list):
        return [_read(item) for item in data]
    if not isinstance(data, dict):
        return data
    if "dtype" in data:
        return _read_array(data)
    if "int" in data:
        return int(data["int"])
    if "float" in data:
        return float(data["float"])
    if "complex" in data:
        return complex(float(data["complex"][0]), float(data["complex"][1]))
    return tuple(_read(item) for item in data["tuple"])


def _float(number: float) -> float | str:
    return number if math.isfinite(number) else str(number)


def _elements(array: np.ndarray[Any, Any]) -> list[Any]:
    """The elements in row-major order."""
    flat = array.ravel()
    if array.dtype.kind == "c":
        return [[_float(n.real), _float(n.imag)] for n in flat.tolist()]
    if array.dtype.kind == "f":
        return [_float(n) for n in flat.astype(np.float64).tolist()]
    if array.dtype.kind in "iu":
        return [n if abs(n) <= EXACT else str(n) for n in flat.tolist()]
    return flat.tolist()


def _read_array(data: dict[str, Any]) -> np.ndarray[Any, Any]:
    dtype = np.dtype(data["dtype"])
    if dtype.kind == "c":
        elements: list[Any] = [complex(float(pair[0]), float(pair[1])) for pair in data["data"]]
    elif dtype.kind == "f":
        elements = [float(number) for number in data["data"]]
    else:
        elements = [int(number) if dtype.kind in "iu" else number for number in data["data"]]
    with np.errstate(over="ignore"):
        return np.array(elements, dtype).reshape(data["shape"])
