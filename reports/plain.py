"""Plain data to JSON and back without losing a bit: arrays, floats, tuples, and the records of `oracle`.

What may live here: the codec of the history store. It knows the record classes by name and nothing of
engines; unknown tags and fields of a later version are refused or ignored, never executed.
"""

from __future__ import annotations

import base64
import json
import math
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from oracle.discrepancy import Verdict
from oracle.errors import HarnessError
from oracle.observation import Graph, HookCall, Observation, Raised, Returned, Saved, TensorFacts

_RECORDS = {
    cls.__name__: cls
    for cls in (Graph, HookCall, Observation, Raised, Returned, Saved, TensorFacts, Verdict)
}
_TAG = "$"


def dumps(value: Any) -> str:
    """`value` as one line of JSON; HarnessError for something that is not plain data."""
    return json.dumps(encode(value), ensure_ascii=True, separators=(",", ":"), allow_nan=False)


def loads(text: str) -> Any:
    """What `dumps` wrote, equal to the last bit; HarnessError for a text that it did not write."""
    try:
        return decode(json.loads(text))
    except (ValueError, KeyError, TypeError) as error:
        raise HarnessError(f"A stored record cannot be read back ({error}): {text[:80]!r}.") from error


def encode(value: Any) -> Any:
    """`value` as JSON-able data; everything JSON has no word for becomes `{"$": tag, ...}`."""
    if value is None or isinstance(value, bool | int | str):
        return value if not isinstance(value, np.generic) else encode(np.asarray(value))
    if isinstance(value, np.generic):
        return {**_encode_array(np.asarray(value)), _TAG: "scalar"}
    if isinstance(value, float):
        return value if math.isfinite(value) else {_TAG: "float", "hex": value.hex()}
    if isinstance(value, complex):
        return {_TAG: "complex", "parts": [encode(value.real), encode(value.imag)]}
    if isinstance(value, np.ndarray):
        return _encode_array(value)
    if isinstance(value, bytes):
        return {_TAG: "bytes", "data": base64.b64encode(value).decode("ascii")}
    if isinstance(value, list):
        return [encode(one) for one in value]
    if isinstance(value, tuple):
        return {_TAG: "tuple", "items": [encode(one) for one in value]}
    if isinstance(value, dict):
        return {_TAG: "dict", "items": [[encode(key), encode(one)] for key, one in value.items()]}
    if isinstance(value, set | frozenset):
        return {_TAG: "set", "items": [encode(one) for one in sorted(value, key=repr)]}
    if is_dataclass(value) and type(value).__name__ in _RECORDS:
        return {
            _TAG: type(value).__name__,
            **{one.name: encode(getattr(value, one.name)) for one in fields(value)},
        }
    raise HarnessError(f"{type(value).__name__} is not plain data, so it cannot be stored: {value!r:.80}.")


def decode(data: Any) -> Any:
    """The inverse of `encode`; KeyError, TypeError or ValueError for data that `encode` did not make."""
    if isinstance(data, list):
        return [decode(one) for one in data]
    if not isinstance(data, dict):
        return data
    tag = data[_TAG]
    if tag in ("array", "scalar"):
        array = _decode_array(data)
        return array[()] if tag == "scalar" else array
    if tag == "float":
        return float.fromhex(data["hex"])
    if tag == "complex":
        return complex(*(decode(part) for part in data["parts"]))
    if tag == "bytes":
        return base64.b64decode(data["data"], validate=True)
    if tag == "tuple":
        return tuple(decode(one) for one in data["items"])
    if tag == "dict":
        return {decode(key): decode(one) for key, one in data["items"]}
    if tag == "set":
        return frozenset(decode(one) for one in data["items"])
    record = _RECORDS[tag]
    names = {one.name for one in fields(record)}
    return record(**{name: decode(one) for name, one in data.items() if name in names})


def _encode_array(array: np.ndarray) -> dict[str, Any]:
    if array.dtype.hasobject:
        raise HarnessError("An array of Python objects is not plain data, so it cannot be stored.")
    data = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")
    return {_TAG: "array", "dtype": array.dtype.str, "shape": list(array.shape), "data": data}


def _decode_array(data: dict[str, Any]) -> np.ndarray:
    raw = base64.b64decode(data["data"], validate=True)
    return np.frombuffer(raw, dtype=np.dtype(data["dtype"])).reshape(data["shape"]).copy()
