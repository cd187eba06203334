"""Where and how tensors lie: `device`, `layout`, `memory_format`. There is one device here, the CPU.

What may live here: these small value types and their texts. Other devices can be named, as in torch; that no
tensor can be put there is said where one is asked for (`arguments.to_device`).
"""

from __future__ import annotations

import re
from typing import Any, NoReturn

KNOWN = (
    "cpu, cuda, ipu, xpu, mkldnn, opengl, opencl, ideep, hip, ve, fpga, maia, xla, lazy, vulkan, mps, meta, "
    "hpu, mtia, privateuseone"
)
"""The device types that torch can name, as its message lists them."""

_STRING = re.compile(r"([a-z]+)(?::(0|[1-9]\d*))?")


def _parse(text: str) -> tuple[str, int | None]:
    if not text:
        raise RuntimeError("Device string must not be empty")
    found = _STRING.fullmatch(text)
    kind = text.partition(":")[0]
    if kind not in KNOWN.split(", "):
        raise RuntimeError(f"Expected one of {KNOWN} device type at start of device string: {kind}")
    if found is None:
        raise RuntimeError(f"Invalid device string: '{text}'")
    return kind, None if found[2] is None else int(found[2])


class device:  # noqa: N801 - torch's public name
    """A device by type and index, `device("cpu")` or `device("cpu", 0)`.

    Raises RuntimeError for an unknown type or a malformed string, TypeError for anything but strings.
    """

    __slots__ = ("index", "type")

    type: str
    index: int | None

    def __init__(self, type: Any, index: Any = None) -> None:
        if isinstance(type, device):
            kind, number = type.type, type.index
        elif isinstance(type, str):
            kind, number = _parse(type)
        else:
            raise _wrong_arguments(type)
        if index is not None:
            if not isinstance(index, int) or isinstance(index, bool):
                got = index.__class__.__name__
                raise TypeError(f"device(): argument 'index' (position 2) must be int, not {got}")
            if number is not None:
                raise RuntimeError(
                    f"type (string) must not include an index because index was passed explicitly: {type}"
                )
            if index < 0:
                raise RuntimeError("Device index must not be negative")
            number = index
        object.__setattr__(self, "type", kind)
        object.__setattr__(self, "index", None if number is None else (number + 128) % 256 - 128)

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"attribute '{name}' of 'torch.device' objects is not writable")

    def __repr__(self) -> str:
        index = "" if self.index is None else f", index={self.index}"
        return f"device(type='{self.type}'{index})"

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, device):
            return NotImplemented
        return (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __reduce__(self) -> tuple[Any, ...]:
        return device, (self.type, self.index)


def _wrong_arguments(value: Any) -> TypeError:
    got = value.__class__.__name__
    return TypeError(
        f"device() received an invalid combination of arguments - got ({got}), but expected one of:\n"
        " * (torch.device device)\n"
        f"      didn't match because some of the arguments have invalid types: (!{got}!)\n"
        " * (str type, int index = -1)\n"
    )


CPU = device("cpu")


class _Constant:
    """A value known by its name, the same object after copying and pickling."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> str:
        return self.name


class layout(_Constant):  # noqa: N801 - torch's public name
    """How elements are stored; all tensors here are strided."""


class memory_format(_Constant):  # noqa: N801 - torch's public name
    """The order of strides a new tensor gets."""


strided = layout("strided")
contiguous_format = memory_format("contiguous_format")
preserve_format = memory_format("preserve_format")
channels_last = memory_format("channels_last")
channels_last_3d = memory_format("channels_last_3d")
