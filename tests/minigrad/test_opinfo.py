"""The comparison over torch's own sample inputs, on samples of this file: the database itself is read by a command.

What may live here: that it finds nothing between equals, and everything that is planted.
"""

from __future__ import annotations

import warnings
from types import SimpleNamespace
from typing import Any

import pytest
import torch

import minigrad
from tests.minigrad.opinfo import FORMS, compared
from tests.minigrad.samples import LackingError

MUL = SimpleNamespace(
    name="mul", op=torch.mul, method_variant=torch.Tensor.mul, inplace_variant=torch.Tensor.mul_, supports_out=True
)


def sample() -> Any:
    room = torch.arange(12.0, dtype=torch.float64)
    given = room[:6].view(2, 3).detach().requires_grad_()
    return SimpleNamespace(input=given, args=(room.view(3, 4)[1:, 1:].detach().requires_grad_(),), kwargs={})


@pytest.fixture(autouse=True)
def _quietly() -> None:
    with warnings.catch_warnings(), torch.autograd.forward_ad.dual_level():  # the first level loads what warns
        warnings.simplefilter("ignore")
        torch.autograd.forward_ad.make_dual(torch.ones(1), torch.ones(1))


def test_equals_are_found_equal_in_every_form() -> None:
    assert compared(MUL, sample()) == {}


@pytest.mark.parametrize("form", FORMS)
def test_a_planted_fault_is_found_in_its_form(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    own, plain, unpack_dual = minigrad.Tensor.mul, minigrad.mul, minigrad.autograd.forward_ad.unpack_dual
    planted: dict[str, tuple[Any, str, Any]] = {
        "function": (minigrad, "mul", lambda x, y, **given: plain(x, y, **given).to(minigrad.float32)),
        "method": (minigrad.Tensor, "mul", lambda x, y: own(x, y).t()),
        "in place": (minigrad.Tensor, "mul_", lambda x, y: own(x, y)),
        "out": (minigrad, "mul", lambda x, y, out=None: out if out is not None else plain(x, y)),
        "gradients": (minigrad, "mul", lambda x, y, out=None: plain(x, y.detach(), out=out)),
        "tangents": (minigrad, "mul", lambda x, y, out=None: plain(x, unpack_dual(y)[0], out=out)),
    }  # fmt: skip
    monkeypatch.setattr(*planted[form])
    assert [found for found in compared(MUL, sample()) if found.startswith(form)]


def test_what_minigrad_lacks_is_said() -> None:
    with pytest.raises(LackingError, match="get_num_threads"):
        compared(SimpleNamespace(name="get_num_threads", op=torch.get_num_threads), sample())
