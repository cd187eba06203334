"""What inference knows of a tensor: `Meta`, shape and dtype interned; and torch's promotion as a table.

What may live here: pure Python over shapes and dtype names; no engine and no NumPy. The table is
held against torch by tests/opset.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

Shape = tuple[int, ...]

BOOLS: Final = ("bool",)
INTS: Final = ("uint8", "int8", "int16", "int32", "int64")
FLOATS: Final = ("float16", "bfloat16", "float32", "float64")
COMPLEXES: Final = ("complex64", "complex128")
DTYPES: Final = BOOLS + INTS + FLOATS + COMPLEXES
"""Every dtype name of the language, by ascending category."""

BOOL, INT, FLOAT, COMPLEX = range(4)
CATEGORY: Final[dict[str, int]] = {
    **dict.fromkeys(BOOLS, BOOL),
    **dict.fromkeys(INTS, INT),
    **dict.fromkeys(FLOATS, FLOAT),
    **dict.fromkeys((*COMPLEXES, "complex32"), COMPLEX),  # halves and complex numbers make complex32, never drawn
}
"""Dtype name to category; a value may be cast in place to its own category or a higher one."""

NUMBERS: Final = {"py_bool": "bool", "py_int": "int64", "py_float": "float32", "py_complex": "complex64"}
"""Pseudo-dtypes of Python numbers and the dtype that each means when nothing else decides."""

TO_COMPLEX: Final = {
    "float16": "complex32", "bfloat16": "complex64", "float32": "complex64", "float64": "complex128",
    "complex64": "complex64", "complex128": "complex128",
}  # fmt: skip
TO_REAL: Final = {"complex64": "float32", "complex128": "float64"}


def _promote(a: str, b: str) -> str:
    """torch.promote_types for two dtypes of DTYPES."""
    if a == b:
        return a
    if CATEGORY[a] > CATEGORY[b]:
        a, b = b, a
    if CATEGORY[b] == COMPLEX:
        if CATEGORY[a] < FLOAT:
            return b
        return "complex128" if "float64" in (a, b) or "complex128" in (a, b) else "complex64"
    if CATEGORY[a] != CATEGORY[b]:
        return b
    if CATEGORY[a] == FLOAT:
        return "float32" if {a, b} == {"float16", "bfloat16"} else max(a, b, key=FLOATS.index)
    if a == "uint8" or b == "uint8":  # the only unsigned one: with int8 it needs int16
        other = b if a == "uint8" else a
        return "int16" if other == "int8" else other
    return max(a, b, key=INTS.index)


PROMOTED: Final = {(a, b): _promote(a, b) for a in DTYPES for b in DTYPES}
"""torch.promote_types, pair by pair."""


class Meta:
    """Shape and dtype of a tensor, or the kind of a Python number (`number` set, shape `()`).

    Interned by `meta`: two equal Metas are one object, so that they compare and hash by identity.
    """

    __slots__ = ("category", "differentiable", "dtype", "number", "numel", "rank", "shape")

    def __init__(self, shape: Shape, dtype: str) -> None:
        self.shape = shape
        self.number = dtype in NUMBERS
        self.dtype = dtype
        self.category = CATEGORY[NUMBERS.get(dtype, dtype)]
        self.rank = len(shape)
        numel = 1
        for size in shape:
            numel *= size
        self.numel = numel
        self.differentiable = self.category >= FLOAT and not self.number

    def __repr__(self) -> str:
        return f"Meta({self.shape}, {self.dtype})"


_METAS: dict[tuple[Shape, str], Meta] = {}


def meta(shape: Shape, dtype: str) -> Meta:
    """The one Meta of this shape and dtype (or number kind)."""
    found = _METAS.get((shape, dtype))
    if found is None:
        found = _METAS[shape, dtype] = Meta(shape, dtype)
    return found


@lru_cache(maxsize=4096)
def broadcast(*shapes: Shape) -> Shape | None:
    """The broadcast shape, or None if the shapes do not broadcast."""
    rank = max(map(len, shapes), default=0)
    sizes = [1] * rank
    for shape in shapes:
        for place, size in enumerate(shape, rank - len(shape)):
            if size != 1:
                if sizes[place] not in (1, size):
                    return None
                sizes[place] = size
    return tuple(sizes)


def result_dtype(*operands: Meta) -> str:
    """torch.result_type: tensors with dims over 0-dim ones over Python numbers, category by category."""
    dimensioned = zero_dim = number = None
    for operand in operands:
        if operand.number:
            kind = NUMBERS[operand.dtype]
            number = kind if number is None else PROMOTED[number, kind]
        elif operand.rank:
            dimensioned = operand.dtype if dimensioned is None else PROMOTED[dimensioned, operand.dtype]
        else:
            zero_dim = operand.dtype if zero_dim is None else PROMOTED[zero_dim, operand.dtype]
    result = _combine(dimensioned, _combine(zero_dim, number))
    return result if result is not None else "float32"


def _combine(higher: str | None, lower: str | None) -> str | None:
    """The higher class of operand decides, unless the lower one has the higher category."""
    if higher is None or lower is None:
        return higher if lower is None else lower
    if CATEGORY[higher] == COMPLEX:
        return higher
    if CATEGORY[higher] == FLOAT:
        return TO_COMPLEX[higher] if CATEGORY[lower] == COMPLEX else higher
    if CATEGORY[higher] == BOOL or CATEGORY[lower] >= FLOAT:
        return PROMOTED[higher, lower]
    return higher


def float_dtype(dtype: str) -> str:
    """The dtype of an op that always answers in floating point: the default dtype for ints and bools."""
    return dtype if CATEGORY[dtype] >= FLOAT else "float32"


def can_cast(source: str, target: str) -> bool:
    """Whether an in-place op may write a `source` result into a `target` tensor."""
    return CATEGORY[source] <= CATEGORY[target]
