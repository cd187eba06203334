"""Where and how tensors lie: `device`, `layout`, `memory_format`. There is one device here, the CPU.

What may live here: these small value types and their texts. Other devices can be named, as in torch; that no
tensor can be put there is said where one is asked for (`arguments.to_device`).
"""

from __future__ import annotations

import re
from typing import Any, NoReturn, Self

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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        type, index = _bind(args, kwargs)
        if isinstance(type, device):
            kind, number = type.type, type.index
        elif isinstance(type, str):
            kind, number = _parse(type)
        else:
            raise RuntimeError("Cannot access accelerator device when none is available.")
        if index is not None:
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

    def __lt__(self, other: object) -> bool:
        raise TypeError("comparison not implemented")

    __le__ = __gt__ = __ge__ = __lt__

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __reduce__(self) -> tuple[Any, ...]:
        return device, (self.type, self.index)


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _bind(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any]:
    """The arguments of `device(device)` or `device(type, index=None)`; raises TypeError in torch's words."""
    given = dict(zip(("type", "index"), args, strict=False)) | kwargs
    if len(args) + len(kwargs) == 1 and "device" in given:
        given = {"type": given["device"]}
    what, index = given.get("type"), given.get("index")
    unknown = [name for name in given if name not in ("type", "index")]
    if isinstance(what, str) and unknown:
        raise TypeError(f"device() got an unexpected keyword argument '{unknown[0]}'")
    if isinstance(what, str) and index is not None and not _is_int(index):
        got = index.__class__.__name__
        raise TypeError(f"device(): argument 'index' (position 2) must be int, not {got}")
    number = _is_int(what)
    if isinstance(what, str) or ((isinstance(what, device) or number) and len(given) == 1):
        return what, index
    types = [x.__class__.__name__ for x in args] + [f"{k}={v.__class__.__name__}" for k, v in kwargs.items()]
    mismatch = ""
    if len(given) == 1:
        mismatch = "      didn't match because some of the "
        mismatch += (
            "keywords were incorrect: index\n"
            if "index" in given
            else (f"arguments have invalid types: (!{types[0]}!)\n")
        )
    trailing = ", " * (not args and bool(kwargs))
    raise TypeError(
        f"device() received an invalid combination of arguments - got ({', '.join(types)}{trailing}), but "
        f"expected one of:\n * (torch.device device)\n{mismatch} * (str type, int index = -1)\n"
    )


def get_default_device() -> device:
    """Where new tensors are made: the CPU."""
    return CPU


CPU = device("cpu")


class _Constant:
    """A value known by its name, the same object after copying and pickling."""

    __slots__ = ("name",)

    name: str

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        raise TypeError(f"cannot create 'torch.{cls.__name__}' instances")

    @classmethod
    def _named(cls, name: str) -> Self:
        made = object.__new__(cls)
        made.name = name
        return made

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> str:
        return self.name


class layout(_Constant):  # noqa: N801 - torch's public name
    """How elements are stored; all tensors here are strided."""


class memory_format(_Constant):  # noqa: N801 - torch's public name
    """The order of strides a new tensor gets."""


strided = layout._named("strided")
contiguous_format = memory_format._named("contiguous_format")
preserve_format = memory_format._named("preserve_format")
channels_last = memory_format._named("channels_last")
channels_last_3d = memory_format._named("channels_last_3d")

FORMATS = ("contiguous_format", "preserve_format", "channels_last", "channels_last_3d")
"""The names of the memory formats."""
