"""When two texts of engines say the same: only what cannot be equal is normalised, each by a named function.

What may live here: the normalisations, and nothing that decides anything else.
"""

from __future__ import annotations

import re
from functools import lru_cache

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{4,}\b")
_TRACEBACK = re.compile(r"(Traceback of forward call[^\n]*:\n)(?:  .*\n?)*")
_NUMBER = re.compile(r"-?(?:\d+\.?\d*(?:e[-+]\d+)?|inf|nan)\b\.?")
_SPACE = re.compile(r"\s+")
_TRIGGERED = re.compile(r" \(Triggered internally at [^)]*\)")


def without_addresses(text: str) -> str:
    """Memory addresses, which differ between any two runs."""
    return _ADDRESS.sub("0x...", text)


def without_modules(text: str, modules: tuple[str, ...]) -> str:
    """The engine's own module names, where a dotted name or a word begins with one of them."""
    for module in modules:
        text = re.sub(rf"\b{re.escape(module)}\b(?=[.:'])", "T", text)
    return text


def without_source_places(text: str) -> str:
    """The place in C++ source that torch appends to some warnings."""
    return _TRIGGERED.sub("", text)


def without_tracebacks(text: str) -> str:
    """The Python frames that anomaly mode quotes: they are the engine's own files and lines."""
    return _TRACEBACK.sub(r"\1  ...\n", text)


def without_owners(text: str) -> str:
    """Whether a method of C is said to be Tensor's or its base's: CPython has one for `x.exp(1)`, and the other for a
    bound `x.exp` called later, as the interpreter calls it."""
    return text.replace("TensorBase.", "Tensor.")


def without_numbers(text: str) -> str:
    """Numbers and the room that columns of them take."""
    return _SPACE.sub(" ", _NUMBER.sub("0", text))


_COMPLAINT = re.compile(
    r"(?s)(?P<place>(?:While considering the [^,]*, )?Jacobian (?:computed with forward mode )?mismatch for output \d+ "
    r"with respect to input \d+,)\nnumerical:(?P<numerical>.*)\nanalytical:(?P<analytical>.*)\n"
)
STEP = 1e-6  # by which gradcheck moves each element: no program says otherwise
LARGEST = 4.0  # a function under gradcheck is no larger than so many times its derivative
SHOWN = 1e-4  # the last digit that is printed, of numbers up to 1


def same_but_for_rounding(ours: str, theirs: str) -> bool:
    """Whether two complaints of gradcheck agree where engines can: one rounding of the function that it differentiates
    moves a difference quotient by that over twice the step, which in float32 is seen in its first digits.

    All else is compared: every word, the shapes, the analytical numbers as they are printed, and the numerical ones
    with one rounding at either end.
    """
    mine, its = _COMPLAINT.fullmatch(ours), _COMPLAINT.fullmatch(theirs)
    if mine is None or its is None or mine["place"] != its["place"] or without_numbers(ours) != without_numbers(theirs):
        return False
    precision = 2.0 ** (-52 if re.search(r"float64|complex128", theirs) else -23)
    for part, rounding in (("analytical", precision), ("numerical", LARGEST * precision / STEP)):
        for one, other in zip(_NUMBER.findall(mine[part]), _NUMBER.findall(its[part]), strict=True):
            size = max(abs(float(one)), abs(float(other)))
            if not abs(float(one) - float(other)) <= SHOWN * max(1.0, size) + rounding * size and one != other:
                return False
    return True


@lru_cache(maxsize=1024)
def normalised(text: str, modules: tuple[str, ...]) -> str:
    """`text` as it is compared; `modules` are the module names of both engines."""
    return without_owners(without_source_places(without_modules(without_addresses(without_tracebacks(text)), modules)))
