"""Which dtypes and Python numbers pointwise ops take, what they make of them, and the words in which they refuse.

What may live here: tables of calls over dtypes, each run by both engines.
"""

from __future__ import annotations

import pytest

from tests.minigrad.side_by_side import assert_prints_the_same

TABLE = """
import numpy as np
DTYPES = ("bool", "uint8", "int8", "int64", "float16", "float32", "complex64")
NUMBERS = (True, 2, 2.5, 1j)

def made(name):
    dtype = getattr(T, name)
    return T.tensor([1, 0, 1], dtype=dtype), T.tensor([2, 1, 3], dtype=dtype)

def told(*call):
    try:
        y = call[-1]()
    except Exception as error:
        y = type(error).__name__, str(error).splitlines()[0]
    else:
        y = y.dtype, y
    print(*call[:-1], y)
"""

PAIRS = {
    "operators": """
import operator
for a in DTYPES:
    for f in (operator.mod, operator.pow, operator.ifloordiv, operator.iand, operator.isub):
        for b in DTYPES:
            if {a, b} != {"float16", "complex64"} and not (f is operator.pow and "complex64" in (a, b)):
                told(f.__name__, a, b, lambda: f(made(a)[0], made(b)[1]))
        for n in () if a == "float16" else NUMBERS:
            if f is not operator.pow or a != "complex64":
                told(f.__name__, a, n, lambda: f(made(a)[1], n))
            if not f.__name__.startswith("i") and not (f is operator.pow and a == "complex64"):
                told(f.__name__, n, a, lambda: f(n, made(a)[1]))
""",
    "of three": """
for a in DTYPES:
    for b in DTYPES:
        if {a, b} != {"float16", "complex64"}:
            x, (y, z) = made(a)[0], made(b)
            told("clamp", a, b, lambda: x.clamp(y, z))
            told("clamp_", a, b, lambda: x.clone().clamp_(y, z))
            told("clamp_min", a, b, lambda: x.clamp_min(y))
            told("lerp", a, b, lambda: T.lerp(x, z, y))
            for n in (1, *NUMBERS[: 3 if "float16" in (a, b) else 4]):
                told("lerp", a, b, n, lambda: T.lerp(x, y, n))
                told("addcmul", a, b, n, lambda: T.addcmul(x, y, z, value=n))
                told("addcmul_", a, b, n, lambda: x.clone().addcmul_(y, z, value=n))
                told("addcdiv_", a, b, n, lambda: x.clone().addcdiv_(y, z, value=n))
                told("add_", a, b, n, lambda: x.clone().add_(y, alpha=n))
                told("sub_", a, b, n, lambda: x.clone().sub_(y, alpha=n))
""",
    "activations": """
F = T.nn.functional
for a in DTYPES:
    x = made(a)[1]
    for n in NUMBERS:
        for f in (F.leaky_relu, F.elu, F.softplus, F.hardshrink, F.softshrink, F.leaky_relu_, F.elu_):
            told(f.__name__, a, n, lambda: f(x.clone(), n))
        told("hardtanh_", a, n, lambda: F.hardtanh_(x.clone(), -1, n))
        told("add", a, n, lambda: T.add(x, x, alpha=n))
        told("add", a, 1.0, lambda: T.add(x, x, alpha=1.0))
""",
    "bounds": """
for a in DTYPES:
    x = made(a)[1]
    for n in NUMBERS:
        told("clamp_min", a, n, lambda: x.clamp_min(n))
        told("clamp_max_", a, n, lambda: x.clone().clamp_max_(n))
        for m in (None, *NUMBERS):
            told("clamp", a, n, m, lambda: x.clamp(n, m))
            told("clamp_", a, m, n, lambda: x.clone().clamp_(m, n))
""",
    "large integers": """
for a in DTYPES:
    x = made(a)[1]
    for n in (2**64, -2**63 - 1, 10**30):
        for f in ("add", "mul", "pow", "div", "eq", "lt", "clamp", "fill_", "add_", "remainder", "masked_fill"):
            more = (T.tensor([True, False, True]),) if f == "masked_fill" else ()
            told(f, a, n, lambda: getattr(x.clone(), f)(*more, n))
        told(a, n, lambda: n - x)
        told(a, n, lambda: n ** x)
        told(a, n, lambda: T.add(x, x, alpha=n))
        told(a, n, lambda: T.addcmul(x, x, x, value=n))
    for n in (2**63, 2**64 - 1):
        for f in ("add", "mul", "eq", "where", "xlogy", "add_"):
            more = (T.tensor([True, False, True]),) if f == "where" else ()
            told(f, a, n, lambda: getattr(x.clone(), f)(*more, n))
    for n in (2**64, 2**63):
        told(a, n, lambda: x.clone().__setitem__(0, n))
""",
    "scalars of NumPy": """
for a in DTYPES:
    x = made(a)[1]
    for n in (np.bool_(True), np.int8(2), np.uint64(3), np.float16(2.5), np.float32(2.5), np.complex128(1j)):
        if a == "float16" and isinstance(n, complex):
            continue  # complex numbers of half precision are what only torch has
        told(a, repr(n), lambda: x + n)
        told(a, repr(n), lambda: x * n)
        told(a, repr(n), lambda: x % n)
        told(a, repr(n), lambda: T.mul(x, n))
        told(a, repr(n), lambda: x.clone().add_(n))
        told(a, repr(n), lambda: x.pow(n))
        told(a, repr(n), lambda: x.lt(n))
""",
}


@pytest.mark.parametrize("calls", PAIRS.values(), ids=PAIRS)
def test_dtypes_and_numbers_are_taken_or_refused_as_by_torch(calls: str) -> None:
    assert_prints_the_same(TABLE + calls)
