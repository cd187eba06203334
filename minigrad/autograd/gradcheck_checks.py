"""What `gradcheck` checks besides values: undefined and zero gradients.

What may live here: these checks and what they say.
"""

from __future__ import annotations

import warnings
from typing import Any

from minigrad.autograd import forward_ad
from minigrad.autograd.function import Function
from minigrad.autograd.gradcheck_jacobians import Func, GradcheckError, Tensors, as_tuple, is_continuous, needing_grad
from minigrad.autograd.gradcheck_modes import vectors
from minigrad.autograd.passes import grad
from minigrad.ops.carriers import zeros_like
from minigrad.ops.comparison import allclose
from minigrad.tensor import Tensor

NOTES = (
    'Please look at "Notes about undefined output gradients" in "tools/autograd/derivatives.yaml"'
)


class UndefinedGrad(Function):
    """Passes its input on, and no gradient back."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return x.clone()

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        return None


def differentiable(outputs: Any) -> Tensors:
    return tuple(o for o in as_tuple(outputs) if o.requires_grad)


def _leaves(inputs: Tensors) -> list[Tensor]:
    found = needing_grad(inputs)
    if not found:
        raise GradcheckError("no Tensors requiring grad found in input")
    return found


def zero_cotangents(outputs: Tensors, inputs: Tensors, masked: Any) -> None:
    """Raises GradcheckError where zero cotangents give gradients other than zero, or of another kind."""
    leaves = _leaves(inputs)
    found = grad(outputs, leaves, [zeros_like(o) for o in outputs], allow_unused=True) if outputs else []
    for g, x in zip(found, leaves, strict=False):
        if g is None:
            continue
        if not (allclose(g, zeros_like(g)) if masked else (g == 0).all()):
            raise GradcheckError("backward not multiplied by grad_output")
        if g.dtype != x.dtype:
            raise GradcheckError("grad is incorrect type")
        if g.size() != x.size():
            raise GradcheckError("grad is incorrect size")


def undefined_backward(func: Func, outputs: Tensors, inputs: Tensors) -> None:
    """Raises GradcheckError where a backward cannot do without some or all of its incoming gradients."""
    leaves = _leaves(inputs)
    trials = [[UndefinedGrad.apply(o) for o in differentiable(func(*inputs))]]
    if len(trials[0]) > 1:
        for k in range(len(outputs)):
            again = differentiable(func(*inputs))
            trials.append([UndefinedGrad.apply(o) if i == k else o for i, o in enumerate(again)])
    for trial in trials:
        if not trial:
            continue
        try:
            found = grad(trial, leaves, [zeros_like(o) for o in trial], allow_unused=True)
        except RuntimeError as error:
            _warn()
            raise GradcheckError(
                "Expected backward function to handle undefined output grads. " + NOTES
            ) from error
        if any(g is not None and not (g == 0).all() for g in found):
            _warn()
            raise GradcheckError(
                "Expected all input grads to be undefined or zero when all output grads are undefined or zero. " + NOTES
            )


def _warn() -> None:
    warnings.warn(
        "Backwards compatibility: New undefined gradient support checking feature is enabled by default, but it may "
        "break existing callers of this function. If this is true for you, you can call this function with "
        '"check_undefined_grad=False" to disable the feature',
        stacklevel=3,
    )


def undefined_forward(func: Func, outputs: Any, inputs: Tensors) -> None:
    """Raises GradcheckError where a missing tangent is not the same as one of zeros."""
    places = [i for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad]
    _, all_u = vectors([inputs[i] for i in places], (), True)
    with forward_ad.dual_level():
        duals: list[Any] = list(inputs)
        for i, u in zip(places, all_u, strict=True):
            x = inputs[i]
            duals[i] = forward_ad.make_dual(x.detach(), u.reshape(x.shape).to(x.dtype))
        for i in places:
            x, kept = inputs[i], duals[i]
            seen = []
            for stand_in in (forward_ad.make_dual(x.detach(), zeros_like(x)), x.detach()):
                duals[i] = stand_in
                made = [o for o in as_tuple(func(*duals)) if is_continuous(o)]
                seen.append([forward_ad.unpack_dual(o).tangent for o in made])
            duals[i] = kept
            for k, (zero, missing) in enumerate(zip(*seen, strict=True)):
                if zero is not None and missing is not None and not allclose(zero, missing):
                    raise GradcheckError(
                        "Mismatch in tangent values for output with index: ",
                        k,
                        " when input: ",
                        x,
                        " has an undefined tangent value. ",
                        " Got: ",
                        zero,
                        " but expected: ",
                        missing,
                    )
