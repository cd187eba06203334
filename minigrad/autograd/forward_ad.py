"""Forward mode: dual levels and dual tensors.

What may live here: the public names of `autograd.forward_ad`. How ops carry tangents along is in `tangents`;
which rule an op has is declared with its derivative.
"""

from __future__ import annotations

from typing import NamedTuple

from minigrad import dispatch, errors, modes
from minigrad.autograd import tangents
from minigrad.autograd.carried import Identity
from minigrad.autograd.tangents import levels, set_tangent, tangent_of
from minigrad.tensor import Tensor, memory, wrap
from minigrad.views import attach_view


class UnpackedDualTensor(NamedTuple):
    """A dual tensor taken apart."""

    primal: Tensor
    tangent: Tensor | None


def enter_dual_level() -> int:
    """Opens a level. Raises RuntimeError if one is open: they do not nest."""
    if levels:
        raise RuntimeError("Nested forward mode AD is not supported at the moment")
    levels.append([])
    modes.state.enter_special()
    modes.state.dual = True
    dispatch.tangents[:] = [tangents]
    return 0


def exit_dual_level(*, level: int | None = None) -> None:
    """Closes the level; all its tangents are gone."""
    if level is None:
        level = len(levels) - 1
    if level != len(levels) - 1:
        raise RuntimeError(
            "Trying to exit a forward AD level that was not the last one that was created. This is not supported."
        )
    if level < 0:
        raise RuntimeError("Dual level must be a positive number.")
    tangents.forget(levels.pop())
    dispatch.tangents.clear()
    modes.state.dual = False
    modes.state.leave_special()


class dual_level(modes.ContextDecorator):  # noqa: N801 - torch's public name
    """A level for the time of a `with` block."""

    def __enter__(self) -> int:
        return enter_dual_level()

    def __exit__(self, *exc: object) -> None:
        exit_dual_level()


def make_dual(tensor: Tensor, tangent: Tensor, *, level: int | None = None) -> Tensor:
    """A view of `tensor` that carries `tangent` (same shape) through every op of the open level."""
    if level is None:
        level = len(levels) - 1
    if level < 0:
        raise RuntimeError(
            "Trying to create a dual Tensor for forward AD but no level exists, make sure to enter_dual_level() first."
        )
    for name, value in (("primal", tensor), ("tangent", tangent)):
        if not (value.is_floating_point() or value.is_complex()):
            raise ValueError(f"Expected {name} to be floating point or complex, but got: {value.dtype}")
    if modes.state.inference or (tensor.is_inference() and tangent.is_inference()):
        return tensor.view_as(tensor)  # type: ignore[no-any-return]  # what autograd does not get to see
    if level >= len(levels):
        raise RuntimeError("Invalid level given to _make_dual")
    if tangent_of(tensor) is not None:
        raise RuntimeError(
            "Making a dual Tensor based on a Tensor that already has a forward gradient at the same level "
            f"{level} is not supported."
        )
    out: Tensor = tensor.view_as(tensor)
    set_tangent(out, tangent)
    return out


def unpack_dual(tensor: Tensor, *, level: int | None = None) -> UnpackedDualTensor:
    """Primal and tangent of `tensor`; the tangent is None where it carries none."""
    if level is None:
        level = len(levels) - 1
    if level < 0:
        return UnpackedDualTensor(tensor, None)
    if not isinstance(tensor, Tensor):
        raise TypeError(f"_unpack_dual(): argument 'dual' (position 1) must be Tensor, not {errors.type_of(tensor)}")
    primal = wrap(memory(tensor).view())
    attach_view(primal, tensor, dispatch.creation_now())
    primal.meta().primal = True
    if modes.state.grad and tensor.requires_grad:
        node = Identity(tensor)
        primal._fn, primal._rg = node, True
    return UnpackedDualTensor(primal, tangent_of(tensor) if dispatch.tangents else None)  # none to those who make one
