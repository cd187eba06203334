"""Windows of signals: torch's numbers, and its refusals."""

from __future__ import annotations

import pytest

from .side_by_side import assert_same, lines

WINDOWS = lines("""
    [getattr(T.signal.windows, n)(6) for n in ("exponential", "cosine", "gaussian", "kaiser", "bartlett", "nuttall")]
    [getattr(T.signal.windows, n)(5, sym=False) for n in ("hann", "hamming", "blackman", "kaiser", "cosine")]
    T.signal.windows.general_cosine(3, a=[0.5, 0.25], requires_grad=True)
    T.signal.windows.general_cosine(3, a=[])
    T.signal.windows.exponential(3, center=1.0)
    T.signal.windows.hann(-1)
    [getattr(T, n + "_window")(6) for n in ("hann", "hamming", "bartlett", "blackman", "kaiser")]
    T.hamming_window(5, False, 0.5, dtype=T.float64)
    T.hann_window(3, dtype=T.int64)
    T.kaiser_window(-1)
""")


@pytest.mark.parametrize("call", WINDOWS)
def test_a_window(call: str) -> None:
    assert_same(call)
