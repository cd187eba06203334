"""`testing.assert_close`: whether two values are close, and if not, where and by how much, in torch's words.

What may live here: the comparison of nested values and its messages. The rule for numbers is in `closeness`.
"""

from __future__ import annotations

import cmath
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from minigrad import dtypes, modes
from minigrad.casting import cast
from minigrad.closeness import differences, isclose
from minigrad.creation import as_tensor, tensor
from minigrad.dtypes import Array, dtype
from minigrad.tensor import Tensor
from minigrad.warn import warn

Message = str | Callable[[str], str] | None
Path = tuple[Any, ...]

TOLERANCES: dict[dtype, tuple[float, float]] = {
    dtypes.float16: (1e-3, 1e-5),
    dtypes.float32: (1.3e-6, 1e-5),
    dtypes.float64: (1e-7, 1e-7),
    dtypes.complex64: (1.3e-6, 1e-5),
    dtypes.complex128: (1e-7, 1e-7),
}
"""Relative and absolute tolerance of each inexact dtype; all others must agree exactly."""

_LOOSE = {dtypes.float16: (1e-3, 1e-3), dtypes.float32: (1e-4, 1e-5), dtypes.float64: (1e-5, 1e-8)}


class _ComparisonError(Exception):
    """What is wrong, the exception to report it with, and the path to the item."""

    def __init__(self, kind: type[Exception], text: str, path: Path) -> None:
        super().__init__(text)
        self.kind, self.text, self.path = kind, text, path

    def error(self, msg: Message) -> Exception:
        """The exception for the user, whose own message replaces ours or is made of it."""
        if isinstance(msg, str):
            return self.kind(msg)
        text = self.text
        if self.path:
            text += f"\n\nThe failure occurred for item {''.join(f'[{step!r}]' for step in self.path)}"
        return self.kind(msg(text) if msg is not None else text)


@dataclass(frozen=True, slots=True)
class _Rules:
    allow_subclasses: bool
    rtol: float | None
    atol: float | None
    equal_nan: bool
    check_device: bool
    check_dtype: bool
    check_layout: bool
    check_stride: bool

    def tolerances(self, path: Path, *kinds: dtype) -> tuple[float, float]:
        """The tolerances given, or the loosest default of the dtypes. Raises ValueError if one is missing."""
        if self.rtol is not None and self.atol is not None:
            return self.rtol, self.atol
        if self.rtol is not None or self.atol is not None:
            missing = "rtol" if self.rtol is None else "atol"
            text = f"Both 'rtol' and 'atol' must be either specified or omitted, but got no {missing}."
            raise _ComparisonError(ValueError, text, path)
        defaults = [TOLERANCES.get(kind, (0.0, 0.0)) for kind in kinds]
        return max(r for r, _ in defaults), max(a for _, a in defaults)


Check = Callable[[], None]


def assert_close(
    actual: Any,
    expected: Any,
    *,
    allow_subclasses: bool = True,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_device: bool = True,
    check_dtype: bool = True,
    check_layout: bool = True,
    check_stride: bool = False,
    msg: Message = None,
) -> None:
    """Raises AssertionError unless `actual` and `expected` are close.

    Takes tensors, arrays, numbers, booleans, None, and sequences and mappings of these. Tolerances default to
    those of the dtype (see TOLERANCES) and must be given both or not at all. `msg` replaces the message, or
    makes one of it.
    """
    __tracebackhide__ = True
    modes.state.fast  # noqa: B018 - reading it silences NumPy's floating-point warnings in this thread
    rules = _Rules(
        allow_subclasses, rtol, atol, equal_nan, check_device, check_dtype, check_layout, check_stride
    )
    try:
        checks = [_check(*leaf, rules) for leaf in _leaves(actual, expected, ())]
    except _ComparisonError as problem:
        raise problem.error(None) from None
    for check in checks:
        try:
            check()
        except _ComparisonError as problem:
            raise problem.error(msg) from None


def assert_allclose(
    actual: Any,
    expected: Any,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = True,
    msg: str = "",
) -> None:
    """The older, laxer form of `assert_close`. Deprecated, as in torch."""
    warn(
        "`torch.testing.assert_allclose()` is deprecated since 1.12 and will be removed in a future release. "
        "Please use `torch.testing.assert_close()` instead. You can find detailed upgrade instructions in "
        "https://github.com/pytorch/pytorch/issues/61844.",
        FutureWarning,
    )
    actual = actual if isinstance(actual, Tensor) else tensor(actual)
    expected = expected if isinstance(expected, Tensor) else tensor(expected, dtype=actual.dtype)
    if rtol is None and atol is None:
        pairs = [_LOOSE.get(t.dtype, (0.0, 0.0)) for t in (actual, expected)]
        rtol, atol = max(r for r, _ in pairs), max(a for _, a in pairs)
    assert_close(
        actual, expected, rtol=rtol, atol=atol, equal_nan=equal_nan, check_dtype=False, msg=msg or None
    )


# --- structure ---


def _leaves(actual: Any, expected: Any, path: Path) -> Iterator[tuple[Any, Any, Path]]:
    """The pairs of items at the ends of equally nested sequences and mappings, with the way to them."""
    if _are(Sequence, actual, expected) and not isinstance(actual, str) and not isinstance(expected, str):
        if len(actual) != len(expected):
            text = f"The length of the sequences mismatch: {len(actual)} != {len(expected)}"
            raise _ComparisonError(AssertionError, text, path)
        steps: list[Any] = list(range(len(actual)))
    elif _are(Mapping, actual, expected):
        steps = list(actual)
        if set(steps) != set(expected):
            text = (
                "The keys of the mappings do not match:\n"
                f"Missing keys in the actual mapping: {sorted(set(expected) - set(steps))}\n"
                f"Additional keys in the actual mapping: {sorted(set(steps) - set(expected))}"
            )
            raise _ComparisonError(AssertionError, text, path)
        with suppress(TypeError):  # keys without an order stay as they are
            steps.sort()
    else:
        yield actual, expected, path
        return
    for step in steps:
        yield from _leaves(actual[step], expected[step], (*path, step))


def _are(kind: Any, *values: Any) -> bool:
    return all(isinstance(value, kind) for value in values)


def _check(actual: Any, expected: Any, path: Path, rules: _Rules) -> Check:
    """The comparison that suits two items. Raises TypeError, as a problem, if none does."""
    if actual is None or expected is None:
        return lambda: _compare_none(actual, expected, path)
    if _are(bool | np.bool_, actual, expected):
        return lambda: _compare_booleans(bool(actual), bool(expected), path)
    if _are(int | float | complex | np.number, actual, expected) and not _are_mixed(actual, expected):
        numbers = [x.item() if isinstance(x, np.number) else x for x in (actual, expected)]
        tolerances = rules.tolerances(path, *(dtypes.PYTHON_TYPES[type(x)] for x in numbers))
        return lambda: _compare_numbers(numbers[0], numbers[1], path, rules, tolerances)
    related = isinstance(actual, type(expected)) or isinstance(expected, type(actual))
    if related and (rules.allow_subclasses or type(actual) is type(expected)):
        tensors = _as_tensors(actual, expected)
        if tensors is not None:
            tolerances = rules.tolerances(path, *(t.dtype for t in tensors))
            return lambda: _compare_tensors(*tensors, path, rules, tolerances)
    text = f"No comparison pair was able to handle inputs of type {type(actual)} and {type(expected)}."
    raise _ComparisonError(TypeError, text, path)


def _are_mixed(*values: Any) -> bool:
    """Whether one is a bool and the other a number."""
    return any(isinstance(value, bool) for value in values)


def _as_tensors(actual: Any, expected: Any) -> tuple[Tensor, Tensor] | None:
    """Both as tensors, None if one cannot become one."""
    try:
        return as_tensor(actual), as_tensor(expected)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        return None


# --- comparisons ---


def _compare_none(actual: Any, expected: Any, path: Path) -> None:
    if actual is not expected:
        raise _ComparisonError(AssertionError, f"None mismatch: {actual} is not {expected}", path)


def _compare_booleans(actual: bool, expected: bool, path: Path) -> None:
    if actual is not expected:
        raise _ComparisonError(AssertionError, f"Booleans mismatch: {actual} is not {expected}", path)


def _compare_numbers(
    actual: Any, expected: Any, path: Path, rules: _Rules, tolerances: tuple[float, float]
) -> None:
    if rules.check_dtype and type(actual) is not type(expected):
        text = f"The (d)types do not match: {type(actual)} != {type(expected)}."
        raise _ComparisonError(AssertionError, text, path)
    if actual == expected or (rules.equal_nan and cmath.isnan(actual) and cmath.isnan(expected)):
        return
    rtol, atol = tolerances
    error = abs(actual - expected)
    if not (cmath.isfinite(error) and error <= atol + rtol * abs(expected)):
        raise _ComparisonError(AssertionError, _scalar_text(actual, expected, rtol, atol), path)


def _compare_tensors(
    actual: Tensor, expected: Tensor, path: Path, rules: _Rules, tolerances: tuple[float, float]
) -> None:
    def differ(name: str, ours: Any, theirs: Any) -> NoReturn:
        text = f"The values for attribute '{name}' do not match: {ours} != {theirs}."
        raise _ComparisonError(AssertionError, text, path)

    if actual.shape != expected.shape:
        differ("shape", actual.shape, expected.shape)
    if rules.check_stride and actual.stride() != expected.stride():
        differ("stride()", actual.stride(), expected.stride())
    if rules.check_dtype and actual.dtype is not expected.dtype:
        differ("dtype", actual.dtype, expected.dtype)
    common = dtypes.promote_types(actual.dtype, expected.dtype).numpy
    a, e = cast(actual._a, common), cast(expected._a, common)
    rtol, atol = tolerances
    matches = isclose(a, e, rtol, atol, rules.equal_nan)
    if matches.all():
        return
    if a.ndim == 0:
        raise _ComparisonError(AssertionError, _scalar_text(a.item(), e.item(), rtol, atol), path)
    raise _ComparisonError(AssertionError, _array_text(a, e, matches, rtol, atol), path)


# --- messages ---


def _scalar_text(actual: Any, expected: Any, rtol: float, atol: float) -> str:
    absolute = abs(actual - expected)
    relative = absolute / abs(expected) if expected != 0 else float("inf")
    return (
        f"Scalars are not {_relation(rtol, atol)}!\n\n"
        f"Expected {expected} but got {actual}.\n"
        f"Absolute difference: {absolute}{_allowed(atol, rtol, atol)}\n"
        f"Relative difference: {relative}{_allowed(rtol, rtol, atol)}"
    )


def _array_text(actual: Array, expected: Array, matches: Array, rtol: float, atol: float) -> str:
    wrong, total = int(matches.size - matches.sum()), matches.size
    lines = [f"Tensor-likes are not {_relation(rtol, atol)}!\n"]
    lines.append(f"Mismatched elements: {wrong} / {total} ({wrong / total:.1%})")
    named = zip(("absolute", "relative"), differences(actual, expected), (atol, rtol), strict=True)
    for name, values, tolerance in named:
        values = np.where(matches, values.dtype.type(0), values)
        place = np.unravel_index(int(values.argmax()), values.shape)
        index = tuple(int(i) for i in place)
        lines.append(
            f"Greatest {name} difference: {values[index].item()} at index {index}"
            f"{_allowed(tolerance, rtol, atol)}"
        )
    return "\n".join(lines)


def _relation(rtol: float, atol: float) -> str:
    return "equal" if rtol == 0 and atol == 0 else "close"


def _allowed(tolerance: float, rtol: float, atol: float) -> str:
    return "" if rtol == 0 and atol == 0 else f" (up to {tolerance} allowed)"
