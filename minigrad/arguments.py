"""What an argument is: whether it passes for a number, a size, a dtype, and what value it then stands for.

What may live here: checks and conversions of single arguments, as torch makes them. How arguments are bound
to the parameters of overloads belongs in `signatures`.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.device import device, layout, memory_format
from minigrad.tensor import Size, Tensor

INT64 = range(-(2**63), 2**63)

_TORCH_NAMES: dict[type, str] = {
    dtypes.dtype: "torch.dtype",
    Size: "torch.Size",
    device: "torch.device",
    layout: "torch.layout",
    memory_format: "torch.memory_format",
}


def type_name(value: Any) -> str:
    """The type of `value` as torch's messages call it: `int`, `Tensor`, `numpy.ndarray`, `torch.dtype`."""
    kind = type(value)
    written_in_python = kind.__flags__ & (1 << 9)
    if kind in _TORCH_NAMES:
        return _TORCH_NAMES[kind]
    if written_in_python or kind.__module__ == "builtins":
        return kind.__name__
    return f"{kind.__module__}.{kind.__qualname__}"


def name_of(kind: type, torch_name: str) -> None:
    """Have messages call instances of `kind` by `torch_name`."""
    _TORCH_NAMES[kind] = torch_name


# --- what fits ---


def is_scalar_tensor(value: Any) -> bool:
    """Whether a tensor may stand where a number is asked for: 0-dim and without gradient."""
    return isinstance(value, Tensor) and value._a.ndim == 0 and not value.requires_grad


def is_index_tensor(value: Any) -> bool:
    """Whether a tensor may stand where an int is asked for: one integer of any number of dimensions."""
    return isinstance(value, Tensor) and value._a.size == 1 and value._a.dtype.kind in "iu"


_NUMBERS = (int, float, complex, np.number, np.bool_)
_INTS = (int, np.integer)


def is_number(value: Any) -> bool:
    return isinstance(value, _NUMBERS)


def is_int(value: Any) -> bool:
    return isinstance(value, _INTS) and not isinstance(value, bool)


def is_int_list(value: Any) -> bool:
    """Whether `value` passes for a tuple of ints: as in torch, only the first element is looked at."""
    return isinstance(value, tuple | list) and (not value or is_int(value[0]) or is_index_tensor(value[0]))


def is_tensor_list(value: Any) -> bool:
    return isinstance(value, tuple | list) and all(isinstance(x, Tensor) for x in value)


FITS: dict[str, Any] = {
    "Tensor": lambda x: isinstance(x, Tensor),
    "Number": lambda x: is_number(x) or is_scalar_tensor(x),
    "int": lambda x: is_int(x) or is_index_tensor(x),
    "float": lambda x: isinstance(x, int | float | np.number) or is_scalar_tensor(x),
    "bool": lambda x: isinstance(x, bool),
    "str": lambda x: isinstance(x, str),
    "tuple of ints": is_int_list,
    "tuple of Tensors": is_tensor_list,
    "tuple of bools": lambda x: isinstance(x, tuple | list) and all(isinstance(v, bool) for v in x),
    "tuple of floats": lambda x: isinstance(x, tuple | list) and all(isinstance(v, int | float) for v in x),
    "tuple of Scalars": lambda x: isinstance(x, tuple | list) and all(map(is_number, x)),
    "torch.dtype": lambda x: (
        isinstance(x, dtypes.dtype) or (isinstance(x, type) and x in dtypes.PYTHON_TYPES)
    ),
    "torch.device": lambda x: isinstance(x, str | device) or is_int(x),
    "torch.layout": lambda x: isinstance(x, layout),
    "torch.memory_format": lambda x: isinstance(x, memory_format),
    "torch.Generator": lambda x: type_name(x) == "torch._C.Generator",
    "torch.Storage": lambda x: False,
    "object": lambda x: True,
}


# --- what it means ---


def to_int(value: Any) -> int:
    """A fitting argument as an int. Raises ValueError beyond 64 bits, as torch does."""
    if isinstance(value, Tensor):
        if not is_index_tensor(value):
            raise TypeError("only integer tensors of a single element can be converted to an index")
        value = value._a.item()
    number = operator.index(value)
    if number not in INT64:
        raise ValueError("Overflow when unpacking long long")
    return number


def to_number(value: Any) -> bool | int | float | complex:
    """A fitting number as a Python number; NumPy's booleans and complex numbers of single precision count as floats,
    as they do for torch. Raises OverflowError for integers beyond 64 bits."""
    if type(value) is float:
        return value
    if isinstance(value, int):
        dtypes.check_integer(value)
        return value
    if isinstance(value, (np.bool_, np.complex64)):
        return float(value)
    if isinstance(value, Tensor):
        return value._a.item()  # type: ignore[no-any-return]
    if isinstance(value, np.generic):
        return value.item()  # type: ignore[no-any-return]
    return value  # type: ignore[no-any-return]


def plain_number(value: Any) -> Any:
    """A scalar of NumPy as the Python number that it is to torch; all else as it is."""
    return to_number(value) if isinstance(value, np.generic) else value


def to_ints(function: str, name: str, values: Any) -> tuple[int, ...]:
    """A fitting tuple of ints. Raises TypeError naming the element (from 1) that is none."""
    if not isinstance(values, tuple | list):
        return (to_int(values),)
    out: list[int] = []
    for position, value in enumerate(values, 1):
        try:
            out.append(to_int(value))
        except ValueError as error:
            problem = str(error)
        except (TypeError, RuntimeError):
            problem = f"type must be tuple of ints,but got {type_name(value)}"
        else:
            continue
        where = f"{function}(): argument '{name}' failed to unpack the object at pos {position}"
        raise TypeError(f'{where} with error "{problem}"')
    return tuple(out)


def to_device(value: Any) -> device:
    """The CPU. Raises for all other devices, as torch without accelerators does for cuda and bare indices."""
    if not isinstance(value, str | device):
        raise RuntimeError("Cannot access accelerator device when none is available.")
    wanted = device(value)
    if wanted.type == "cpu":
        return wanted
    if wanted.type == "cuda":
        raise AssertionError("Torch not compiled with CUDA enabled")
    raise RuntimeError(f"minigrad computes on the CPU alone; device '{wanted}' is not available")


def to_dtype(value: Any) -> Any:
    """A dtype, also for Python's `float`, `int`, `bool` and `complex`."""
    return dtypes.PYTHON_TYPES[value] if isinstance(value, type) else value


MEANS: dict[str, Any] = {
    "int": to_int,
    "Number": to_number,
    "float": float,
    "torch.dtype": to_dtype,
    "torch.device": to_device,
}
"""How a fitting argument is converted, by the kind of parameter; others are taken as they are."""
