"""Fourier transforms agree with torch: values, graph, layout, gradients twice and forward, what is refused."""

from __future__ import annotations

import pytest

from tests.minigrad import differentiated, duals
from tests.minigrad.side_by_side import assert_same

TRANSFORMS = ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
REAL_ONLY = ("rfft", "ihfft")


def _calls() -> list[str]:
    one = ("x", "x, 5", "x, dim=1", "x, 3, 0, 'ortho'", "x.transpose(0, 2), n=2, dim=1", "v, norm='forward'")
    several = ("x", "x, (3, 5)", "x, (2, -1), (0, 1)", "x.transpose(0, 2), norm='ortho'", "x, None, (1, 0), 'forward'")
    found = [f"T.fft.{name}({given})" for name in TRANSFORMS for given in one]
    found += [f"T.fft.{name}{many}({given})" for name in TRANSFORMS for many in "2n" for given in several]
    found += [f"T.fft.{name}n(x, dim=(0,))" for name in TRANSFORMS]
    for name in TRANSFORMS:
        if name not in REAL_ONLY:
            found += [f"T.fft.{name}(c, n=4)", f"T.fft.{name}(c, 3, 0, 'ortho')", f"T.fft.{name}2(c)"]
    shifts = ("x", "x, 0", "x, (0, -1)", "c, 1")
    return found + [f"T.fft.{name}({given})" for name in ("fftshift", "ifftshift") for given in shifts]


CALLS = _calls()
WRONG_ONE = ("x, n=0",
             "1", "None", "x, 'a'", "x, 1.5", "x, dim='a'", "x, norm=1", "x, norm='q'", "x, foo=1", "", "x, dim=5",
             "x, n=-1", "s", "e", "h", "x.int()", "c")  # fmt: skip
WRONG_SEVERAL = ("x, s=('a', 1)", "x, dim=(0, 0)", "x, dim=(0, 5)", "x, (2, 2), (0,)", "x, (2,) * 4", "x, (0, 1)", "s",
                 "x, dim=()", "x, norm='q'", "c", "h", "e")  # fmt: skip
FREQUENCIES = ("5", "6, 0.5", "0", "1", "-3", "5, 0.0", "5, 'a'", "5.5", "5, dtype=T.float64", "5, dtype=T.int64", "",
               "5, dtype=T.complex64", "5, requires_grad=True", "5, 1, 2", "4, foo=1", "7, d=0.3")  # fmt: skip
TOLD = (
    *(f"T.fft.{name}({given})" for name in TRANSFORMS for given in WRONG_ONE),
    *(f"T.fft.{name}{many}({given})" for name in TRANSFORMS for many in "2n" for given in WRONG_SEVERAL),
    *(
        f"T.fft.{name}({given})"
        for name in ("fftshift", "ifftshift")
        for given in ("1", "x, 5", "x, 'a'", "s", "x, ()")
    ),
    *(f"T.fft.{name}({given})" for name in ("fftfreq", "rfftfreq") for given in FREQUENCIES),
)
"""What is refused, and some that is not."""
CONJUGATED = "view: False, torch has True"
"""A gradient that torch conjugates by setting a bit in a view has memory of its own in minigrad."""
OPERANDS = """
x = T.tensor([[1., 0.], [3., -1.]], dtype=T.float64, requires_grad=True)
s, e, h = T.tensor(1.), T.zeros(0, 2), x.detach().half()
c = T.tensor([[1 + 2j, 3 - 1j], [0j, 1j]])
""".strip()


@pytest.mark.parametrize("call", CALLS)
def test_transforms_and_their_derivatives_are_torchs(call: str) -> None:
    assert not [said for said in differentiated.differences(call) if not said.endswith(CONJUGATED)]


@pytest.mark.parametrize("call", CALLS)
def test_transforms_carry_tangents_as_torchs_do(call: str) -> None:
    assert not duals.differences(call, recorded=False)


@pytest.mark.parametrize("call", TOLD)
def test_what_transforms_take_and_refuse_is_torchs(call: str) -> None:
    assert_same(f"{OPERANDS}\n{call}")
