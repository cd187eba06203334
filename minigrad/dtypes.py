"""Element types: the `dtype` objects, the default dtype, torch's promotion table, finfo and iinfo.

Everything here works on dtypes, NumPy arrays and Python numbers; no Tensor, no autograd. A dtype that NumPy
does not have (bfloat16, complex32, the quantized ones) is absent, and what would need it says so.
"""

from __future__ import annotations

import builtins
from typing import Any, NoReturn, Self

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
NumPyDType = np.dtype[Any]


class dtype:  # noqa: N801 - torch's name
    """An element type: one object per type, so `is` and `==` agree. `numpy` is NumPy's name for it."""

    __slots__ = (
        "abbr",
        "is_complex",
        "is_floating_point",
        "is_signed",
        "itemsize",
        "name",
        "numpy",
        "scalar_type",
    )

    name: str
    numpy: NumPyDType
    itemsize: int
    is_floating_point: builtins.bool
    is_complex: builtins.bool
    is_signed: builtins.bool
    abbr: str  # "f32"
    scalar_type: str  # the name in messages from kernels: "Float", "ComplexDouble", "Long"

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        raise TypeError("cannot create 'torch.dtype' instances")

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        if name in dtype.__slots__:
            raise AttributeError(f"attribute '{name}' of 'torch.dtype' objects is not writable")
        raise AttributeError(f"'torch.dtype' object has no attribute '{name}'")

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> str:
        return self.name + "_" * (self.name == "bool")

    def to_complex(self) -> dtype:
        """The complex type with this precision. Raises RuntimeError where there is none."""
        if self.is_complex:
            return self
        if self is float16:
            raise _no_complex32()
        if not self.is_floating_point:
            raise RuntimeError(f"Unknown Complex ScalarType for {self.scalar_type}")
        return complex64 if self is float32 else complex128

    def to_real(self) -> dtype:
        """The real type with this precision; itself when it is not complex."""
        if not self.is_complex:
            return self
        return float32 if self is complex64 else float64


FROM_NUMPY: dict[NumPyDType, dtype] = {}
"""The dtype of every NumPy dtype that a tensor can hold."""


def _make(name: str, abbr: str, scalar_type: str) -> dtype:
    numpy_dtype = np.dtype(name)
    made = object.__new__(dtype)
    for slot, value in {
        "name": name,
        "numpy": numpy_dtype,
        "itemsize": numpy_dtype.itemsize,
        "is_floating_point": numpy_dtype.kind == "f",
        "is_complex": numpy_dtype.kind == "c",
        "is_signed": numpy_dtype.kind in "ifc",
        "abbr": abbr,
        "scalar_type": scalar_type,
    }.items():
        object.__setattr__(made, slot, value)
    FROM_NUMPY[numpy_dtype] = made
    return made


bool_ = _make("bool", "b8", "Bool")
uint8 = _make("uint8", "u8", "Byte")
int8 = _make("int8", "i8", "Char")
int16 = short = _make("int16", "i16", "Short")
int32 = int_ = _make("int32", "i32", "Int")
int64 = long = _make("int64", "i64", "Long")
float16 = half = _make("float16", "f16", "Half")
float32 = float_ = _make("float32", "f32", "Float")
float64 = double = _make("float64", "f64", "Double")
complex64 = cfloat = _make("complex64", "c64", "ComplexFloat")
complex128 = cdouble = _make("complex128", "c128", "ComplexDouble")

ALL: tuple[dtype, ...] = tuple(FROM_NUMPY.values())

PYTHON_TYPES: dict[type, dtype] = {
    builtins.bool: bool_,
    builtins.int: int64,
    builtins.float: float64,
    builtins.complex: complex128,
}
"""What a Python type means where a dtype is asked for (`dtype=float`)."""


def _not_a_dtype(function: str, name: str, position: int, value: Any) -> TypeError:
    got = type(value).__name__
    return TypeError(f"{function}(): argument '{name}' (position {position}) must be torch.dtype, not {got}")


def _no_complex32() -> TypeError:
    return TypeError(
        "the result would have dtype torch.complex32 (complex numbers of half precision), which minigrad "
        "lacks because NumPy does; convert the half operand to float32 first"
    )


def lacks_complex32(error: Exception) -> builtins.bool:
    """Whether an error says that there are no complex numbers of half precision."""
    return error.args == _no_complex32().args


# --- default dtype ---

_default: dtype = float32


def get_default_dtype() -> dtype:
    """The dtype of floating-point data built from Python numbers."""
    return _default


def get_default_complex_dtype() -> dtype:
    """The dtype of complex data built from Python numbers: that of the default dtype's precision."""
    return _default.to_complex()


def set_default_dtype(d: Any, /) -> None:
    """Set the process-wide default. Raises TypeError for all but floating-point dtypes."""
    global _default
    if not isinstance(d, dtype):
        raise TypeError("invalid dtype object: only floating-point types are supported as the default type")
    if not d.is_floating_point:
        raise TypeError("only floating-point types are supported as the default type")
    _default = d
    _RESULTS.clear()


# --- promotion ---


def _category(d: dtype) -> int:
    """bool 0 < int 1 < float 2 < complex 3."""
    return 3 if d.is_complex else 2 if d.is_floating_point else 0 if d is bool_ else 1


def _promoted(a: dtype, b: dtype) -> dtype:
    """One cell of the table: between categories the higher wins, but for the precision of complex results."""
    low, high = sorted((a, b), key=_category)
    if _category(low) == _category(high) or (
        high.is_complex and low.is_floating_point and low is not float16
    ):
        return FROM_NUMPY[np.promote_types(a.numpy, b.numpy)]
    return high


_PROMOTION: dict[tuple[dtype, dtype], dtype] = {(a, b): _promoted(a, b) for a in ALL for b in ALL}


def promote_types(type1: dtype, type2: dtype) -> dtype:
    """The smallest dtype of the higher category that holds both."""
    try:
        return _PROMOTION[type1, type2]
    except (KeyError, TypeError):
        bad = ("type2", 2, type2) if isinstance(type1, dtype) else ("type1", 1, type1)
        raise _not_a_dtype("promote_types", *bad) from None


def can_cast(from_: dtype, to: dtype) -> builtins.bool:
    """Whether a result of dtype `from_` may be written into dtype `to`: never into a lower category."""
    for name, position, value in (("from_", 1, from_), ("to", 2, to)):
        if not isinstance(value, dtype):
            raise _not_a_dtype("can_cast", name, position, value)
    return _category(from_) <= _category(to)


def _combine(higher: dtype | None, lower: dtype | None) -> dtype | None:
    """Let operands of lower standing raise the category, never the width."""
    if higher is None or lower is None:
        return higher or lower
    if _category(lower) <= _category(higher) and higher is not bool_:
        return higher
    if higher.is_floating_point:
        return higher.to_complex()
    return _PROMOTION[higher, lower]


def scalar_dtype(number: Any) -> dtype:
    """The dtype a Python (or NumPy) number has among tensors: default float or complex, int64, bool."""
    if isinstance(number, builtins.bool | np.bool_):
        return bool_
    if isinstance(number, builtins.int | np.integer):
        return int64
    if isinstance(number, builtins.float | np.floating):
        return _default
    if isinstance(number, builtins.complex | np.complexfloating):
        return _default.to_complex()
    raise TypeError(f"neither an array nor a number: {type(number).__name__}")


def _number_dtype(number: Any) -> dtype:
    """The same, but complex64 where complex numbers of half precision would be meant."""
    is_complex = isinstance(number, builtins.complex | np.complexfloating)
    return complex64 if is_complex and _default is float16 else scalar_dtype(number)


def check_integer(value: builtins.int) -> None:
    """Raises OverflowError, in the words of Python's C functions, for integers that are no numbers to torch."""
    if not -(2**63) <= value < 2**64:
        raise OverflowError("can't convert negative int to unsigned" if value < 0 else "int too big to convert")


_RESULTS: dict[tuple[Any, ...], dtype] = {}


def result_dtype(*operands: Any) -> dtype:
    """The dtype in which an op computes on `operands`: np.ndarrays (any ndim) and Python numbers.

    Arrays with dimensions stand over 0-dim ones, those over Python numbers; only a higher category passes on.
    """
    key = tuple([(x.dtype.num, x.ndim > 0) if type(x) is np.ndarray else type(x) for x in operands])
    found = _RESULTS.get(key)
    if found is not None:
        return found
    standing: list[dtype | None] = [None, None, None]
    for x in operands:
        is_array = isinstance(x, np.ndarray)
        rank = 2 if not is_array else 0 if x.ndim else 1
        current = FROM_NUMPY[x.dtype] if is_array else _number_dtype(x)
        previous = standing[rank]
        standing[rank] = current if previous is None else _PROMOTION[previous, current]
    result = _combine(standing[0], _combine(standing[1], standing[2]))
    if _default is float16 and standing[2] is complex64 and all(_category(d) < 2 for d in standing[:2] if d):
        raise _no_complex32()
    if result is None:
        raise TypeError("result_dtype() needs at least one operand")
    _RESULTS[key] = result
    return result


# --- finfo, iinfo ---


def _info_argument(name: str, d: Any) -> dtype:
    d = PYTHON_TYPES.get(d, d) if isinstance(d, type) else d
    if not isinstance(d, dtype):
        raise _not_a_dtype(name, "type", 1, d)
    return d


class finfo:  # noqa: N801 - torch's name
    """The limits of a floating-point dtype (for a complex one, those of its parts)."""

    def __init__(self, type: Any = None) -> None:
        d = _default if type is None else _info_argument("finfo", type)
        if not (d.is_floating_point or d.is_complex):
            raise TypeError(
                "torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'"
            )
        info = np.finfo(d.numpy)
        self.dtype = d.to_real().name
        self.bits = builtins.int(info.bits)
        self.min, self.max = builtins.float(info.min), builtins.float(info.max)
        self.eps, self.tiny = builtins.float(info.eps), builtins.float(info.smallest_normal)
        self.smallest_normal = self.tiny
        self.resolution = builtins.float(10.0**-info.precision)

    def __eq__(self, other: object) -> builtins.bool:
        return self.dtype == other.dtype if isinstance(other, finfo) else NotImplemented

    def __hash__(self) -> builtins.int:
        return hash(self.dtype)

    def __repr__(self) -> str:
        names = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")
        return f"finfo({', '.join(f'{n}={getattr(self, n):g}' for n in names)}, dtype={self.dtype})"


class iinfo:  # noqa: N801 - torch's name
    """The limits of an integer dtype."""

    def __init__(self, type: Any) -> None:
        d = _info_argument("iinfo", type)
        if d.is_floating_point or d.is_complex:
            raise TypeError(
                "torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'"
            )
        if d is bool_:
            raise TypeError("torch.bool is not supported by torch.iinfo")
        info = np.iinfo(d.numpy)
        self.dtype = d.name
        self.bits, self.min, self.max = info.bits, builtins.int(info.min), builtins.int(info.max)

    def __eq__(self, other: object) -> builtins.bool:
        return self.dtype == other.dtype if isinstance(other, iinfo) else NotImplemented

    def __hash__(self) -> builtins.int:
        return hash(self.dtype)

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"

C_NAMES = {
    "bool": "bool", "uint8": "unsigned char", "int8": "signed char", "int16": "short int", "int32": "int",
    "int64": "long int", "float16": "c10::Half", "float32": "float", "float64": "double",
    "complex64": "c10::complex<float>", "complex128": "c10::complex<double>",
}  # fmt: skip
"""What C++ calls the dtypes of these names, which many of torch's messages say."""
