"""What a number must be to be filled in: the same for a number and for a tensor of one element.

What may live here: `fill_`, `full`, `masked_fill` and `index_fill` of numbers that fit and that do not, held against
torch.
"""

from __future__ import annotations

import pytest

from tests.minigrad.side_by_side import assert_same

NUMBERS = ("1e300", "float('inf')", "-1e39", "1e5", "-1.5", "complex(1, 2)", "complex(0, 1e300)", "300")
DTYPES = ("float16", "float32", "float64", "int64", "uint8", "bool", "complex64")
FILLS = (
    "x.masked_fill(T.tensor([True, False]), {})", "x.masked_fill_(T.tensor([True, False]), {})",
    "x.index_fill(0, T.tensor([0]), {})", "x.index_fill_(0, T.tensor([0]), {})",
)  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("number", NUMBERS)
def test_what_does_not_fit_is_refused_as_in_torch(number: str, dtype: str) -> None:
    values = (number, f"T.tensor({number}, dtype=T.{'complex128' if 'complex' in number else 'float64'})")
    for fill in (*(one.format(value) for one in FILLS for value in values), f"x.fill_({number})"):
        assert_same(f"x = T.ones(2, dtype=T.{dtype})\n{fill}")
