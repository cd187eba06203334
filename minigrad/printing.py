"""How tensors print: torch's `repr` to the letter, and `set_printoptions`.

What may live here: text out of arrays, and the suffixes that say what a tensor is besides its values.

Note [Columns]: one width and one notation serve all numbers of a tensor (real and imaginary parts apart).
Both follow from the finite nonzero numbers shown: whole numbers print as `1.`, others with `precision`
digits, and in scientific notation once they span more than a factor of 1000, exceed 1e8 or fall below 1e-4.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.dtypes import Array

Cell = Callable[[Any], str]


class PrintOptions:
    """Digits after the point; how many elements are too many, how many per edge then remain; line width."""

    def __init__(self) -> None:
        self.precision = 4
        self.threshold: float = 1000
        self.edgeitems = 3
        self.linewidth = 80
        self.sci_mode: bool | None = None


_PROFILES: dict[str, dict[str, Any]] = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": math.inf, "edgeitems": 3, "linewidth": 80},
}

options = PrintOptions()
PLAIN: set[type[Any]] = set()
"""Subclasses of Tensor that print as `tensor(...)`, too."""


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Change how tensors print. `profile` ("default", "short", "full") first, then single options.

    `sci_mode` None lets each tensor choose its notation, and is what it becomes when not given.
    """
    chosen = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    changes = _PROFILES.get(profile or "", {}) | {k: v for k, v in chosen.items() if v is not None}
    for name, value in changes.items():
        setattr(options, name, value)
    options.sci_mode = sci_mode


def get_printoptions() -> dict[str, Any]:
    """The options in force, as keywords for `set_printoptions`."""
    return dict(vars(options))


@contextlib.contextmanager
def printoptions(**kwargs: Any) -> Iterator[None]:
    """`set_printoptions` for the length of a `with` block."""
    before = get_printoptions()
    set_printoptions(**kwargs)
    try:
        yield
    finally:
        set_printoptions(**before)


# --- columns ---


def _discrete_column(values: Array) -> tuple[int, Cell]:
    """Width and cell of integers and booleans."""
    width = max((len(str(v)) for v in values.ravel().tolist()), default=1)
    return width, lambda value: f"{value!s:>{width}}"


def _real_column(values: Array) -> tuple[int, Cell]:
    """Width and cell of real numbers; see Note [Columns]."""
    shown = values[np.isfinite(values) & (values != 0)].astype(np.float64)
    numbers: list[float] = shown.tolist()
    whole = all(v.is_integer() for v in numbers)
    scientific = False
    if numbers:
        largest, smallest = float(np.abs(shown).max()), float(np.abs(shown).min())
        scientific = largest / smallest > 1000.0 or largest > 1.0e8 or smallest < 1.0e-4
        if options.sci_mode is not None:
            scientific = options.sci_mode
    spec = f".{options.precision}e" if scientific else ".0f" if whole else f".{options.precision}f"
    dot = "." if whole and not scientific else ""
    width = max((len(format(v, spec) + dot) for v in numbers), default=1)

    def cell(value: float) -> str:
        return (format(value, spec) + (dot if math.isfinite(value) else "")).rjust(width)

    return width, cell


def _complex_column(values: Array) -> tuple[int, Cell]:
    """Width and cell of complex numbers: two columns of reals, the second without its leading spaces."""
    real_width, real = _real_column(values.real)
    imag_width, imag = _real_column(values.imag)

    def cell(value: complex) -> str:
        second = imag(value.imag).lstrip() + "j"
        return real(value.real) + ("" if second[0] in "+-" else "+") + second

    return real_width + imag_width + 1, cell


def _column(values: Array) -> tuple[int, Cell]:
    kind = values.dtype.kind
    return (_complex_column if kind == "c" else _real_column if kind == "f" else _discrete_column)(values)


# --- nesting ---


def _edges(array: Array) -> Array:
    """What is left to see of an array that is cut short: both edges of each long dimension."""
    n = options.edgeitems
    for axis, size in enumerate(array.shape):
        if size > 2 * n:
            array = np.take(array, [*range(n), *range(size - n, size)], axis)
    return array


def _nested(array: Array, indent: int, cut: bool, width: int, cell: Cell) -> str:
    """The brackets of one dimension and what is in them."""
    n = options.edgeitems
    shortened = cut and array.shape[0] > 2 * n
    if array.ndim == 1:
        dots = " ..." if n else "..."
        first, last = (array[:n], array[len(array) - n :]) if shortened else (array, array[:0])
        cells = [*map(cell, first.tolist()), *[dots] * shortened, *map(cell, last.tolist())]
        per_line = max(1, (options.linewidth - indent) // (width + 2))
        lines = [", ".join(cells[i : i + per_line]) for i in range(0, len(cells), per_line)]
        return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"
    rows = [*range(n), *range(len(array) - n, len(array))] if shortened else range(len(array))
    parts = [_nested(array[i], indent + 1, cut, width, cell) for i in rows]
    if shortened:
        parts.insert(n, "...")
    return "[" + ("," + "\n" * (array.ndim - 1) + " " * (indent + 1)).join(parts) + "]"


def array_text(array: Array, indent: int) -> str:
    """The values alone, `[1., 2.]`; continuation lines start `indent` columns further right."""
    if array.size == 0:
        return "[]"
    cut = array.size > options.threshold
    width, cell = _column(_edges(array) if cut else array)
    if array.ndim == 0:
        return cell(array.item())
    return _nested(array, indent, cut, width, cell)


# --- the whole ---


def _grad_suffix(t: Any) -> list[str]:
    try:
        node = t.grad_fn
    except RuntimeError:  # a view that was written to in a way that its history cannot express
        return ["grad_fn=<Invalid>"]
    if node is not None:
        return [f"grad_fn=<{node.name().rsplit('::', 1)[-1]}>"]
    return ["requires_grad=True"] if t.requires_grad else []


def _suffixes(t: Any) -> list[str]:
    """What follows the values: size and dtype where they do not show, then the place in the graph."""
    array: Array = t._a
    out = []
    default = dtypes.get_default_dtype()
    complex_default = dtypes.complex128 if default is dtypes.float64 else dtypes.complex64
    if array.size == 0:
        obvious: tuple[Any, ...] = (default,)
        shows_size = array.ndim == 1
    else:
        obvious = (default, complex_default, dtypes.int64, dtypes.bool_)
        shows_size = options.edgeitems > 0
    if not shows_size:
        out.append(f"size={array.shape}")
    if t.dtype not in obvious:
        out.append(f"dtype={t.dtype}")
    return out + _grad_suffix(t)


def tensor_repr(t: Any, tangent: Any = None) -> str:
    """The text of a tensor (anything with `_a`, `dtype`, `requires_grad` and `grad_fn`) as torch prints it.

    `tangent` is what forward-mode differentiation knows of it, if anything.
    """
    prefix = f"{_name(t)}("
    text = prefix + array_text(t._a, len(prefix))
    suffixes = _suffixes(t)
    if tangent is not None:
        suffixes.append(f"tangent={tangent}")
    column = len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if column + len(suffix) + 2 > options.linewidth:
            text += ",\n" + " " * len(prefix) + suffix
            column = len(prefix) + len(suffix)
        else:
            text += ", " + suffix
            column += len(suffix) + 2
    return text + ")"


def _name(t: Any) -> str:
    name = type(t).__name__
    return "tensor" if name == "Tensor" or type(t) in PLAIN else name


def tensor_format(t: Any, spec: str) -> str:
    """What `format(t, spec)` gives: a 0-dim tensor formats as its number, others take no specification."""
    if t._a.ndim == 0:
        return format(t._a.item(), spec)
    return object.__format__(t, spec)
