"""`gradcheck` and `gradgradcheck`: derivatives held against finite differences.

What may live here: the public functions and the order of their checks. The matrices are in `gradcheck_jacobians`,
comparisons in `gradcheck_modes`, the other checks in `gradcheck_checks`. Layouts other than strided do not exist
here.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from minigrad import dtypes
from minigrad.autograd.gradcheck_batched import batched_backward, batched_forward
from minigrad.autograd.gradcheck_checks import (
    differentiable,
    undefined_backward,
    undefined_forward,
    zero_cotangents,
)
from minigrad.autograd.gradcheck_jacobians import Func, GradcheckError, Tensors, as_tuple
from minigrad.autograd.gradcheck_modes import fast, slow
from minigrad.autograd.passes import grad
from minigrad.random import rand
from minigrad.tensor import Tensor


def gradcheck(
    func: Func,
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Whether the derivatives of `func` at `inputs` are those that central differences give.

    eps, atol, rtol    the step of the differences, and the tolerances (for float64).
    raise_exception    whether to raise GradcheckError, which says what is wrong, instead of returning False.
    Raises ValueError where no input requires grad, RuntimeError for expanded inputs.
    """
    if not (check_forward_ad or check_backward_ad):
        raise AssertionError("Expected at least one of check_forward_ad or check_backward_ad to be True")
    if check_batched_grad and not check_backward_ad:
        raise AssertionError("Setting check_batched_grad=True requires check_backward_ad to be True")
    if check_batched_forward_grad and not check_forward_ad:
        raise AssertionError("Setting check_batched_forward_grad=True requires check_forward_ad to be True")
    options = SimpleNamespace(
        eps=eps, atol=atol, rtol=rtol, nondet_tol=nondet_tol, check_undefined_grad=check_undefined_grad,
        check_grad_dtypes=check_grad_dtypes, check_batched_grad=check_batched_grad,
        check_batched_forward_grad=check_batched_forward_grad, check_backward_ad=check_backward_ad,
        check_forward_ad=check_forward_ad, fast_mode=fast_mode, masked=masked,
    )  # fmt: skip
    try:
        _check(func, as_tuple(inputs), options)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def _check(func: Func, inputs: Tensors, options: Any) -> None:
    _check_inputs(inputs)
    func_out = func(*inputs)
    outputs = differentiable(func_out)
    compare = fast if options.fast_mode else slow
    if options.check_backward_ad:
        _backward(compare, func, func_out, inputs, outputs, options)
    if options.check_forward_ad:
        _forward(compare, func, func_out, inputs, outputs, options)
    if options.check_batched_forward_grad:
        batched_forward(func, inputs)
    if not options.check_backward_ad:
        return
    if options.check_batched_grad:
        for i, output in enumerate(outputs):
            batched_backward(inputs, output, i)
    zero_cotangents(outputs, inputs, options.masked)
    if options.check_undefined_grad:
        undefined_backward(func, outputs, inputs)


def _check_inputs(inputs: Tensors) -> None:
    any_requires_grad = False
    for i, x in enumerate(inputs):
        if not (isinstance(x, Tensor) and x.requires_grad):
            continue
        any_requires_grad = True
        if x.dtype not in (dtypes.float64, dtypes.complex128):
            warnings.warn(
                f"Input #{i} requires gradient and is not a double precision floating point or complex. This check "
                "will likely fail if all the inputs are not of double precision floating point or complex. ",
                stacklevel=2,  # at this module, as in torch
            )
        if not all(step > 0 or n <= 1 for step, n in zip(x.stride(), x.size(), strict=True)):
            raise RuntimeError(
                f"The {i}th input has a dimension with stride 0. gradcheck only supports inputs that are "
                "non-overlapping to be able to compute the numerical gradients correctly. You should call .contiguous "
                "on the input before passing it to gradcheck."
            )
    if not any_requires_grad:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True."
        )


def _backward(compare: Any, func: Func, func_out: Any, inputs: Tensors, outputs: Tensors, options: Any) -> None:
    """Real functions as they are; complex outputs by their imaginary and their real parts."""
    if not any(o.is_complex() for o in as_tuple(func_out)):
        compare(func, func_out, inputs, outputs, options)
        return
    places = [i for i, o in enumerate(outputs) if o.is_complex()]
    for part, imaginary in (("imag", True), ("real", False)):

        def one(*args: Any, part: str = part) -> Tensors:
            return tuple(getattr(o, part) if o.is_complex() else o for o in as_tuple(func(*args)))

        made = one(*inputs)
        compare(one, made, inputs, differentiable(made), options, complex_places=places, imaginary=imaginary)


def _forward(compare: Any, func: Func, func_out: Any, inputs: Tensors, outputs: Tensors, options: Any) -> None:
    """Complex inputs move by their imaginary and their real parts."""
    places = [i for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.is_complex()]
    if not places:
        compare(func, func_out, inputs, outputs, options, forward=True)
        if options.check_undefined_grad:
            undefined_forward(func, outputs, inputs)
        return
    trials = []
    for part, imaginary in (("imag", True), ("real", False)):

        def one(*args: Any, imaginary: bool = imaginary) -> Tensors:
            whole = list(args)
            for i in places:
                x = inputs[i]
                whole[i] = x.real + args[i] * 1j if imaginary else args[i] + x.imag * 1j
            return as_tuple(func(*whole))

        parts = tuple(getattr(x, part) if i in places else x for i, x in enumerate(inputs))
        made = one(*parts)
        compare(
            one, made, parts, differentiable(made), options, forward=True, complex_places=places, imaginary=imaginary
        )
        trials.append((one, made, parts))
    if options.check_undefined_grad:
        for one_part, made, parts in trials:
            undefined_forward(one_part, made, parts)


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """`gradcheck` of the gradient of `func`, in its inputs and its cotangents (random ones by default)."""
    if not (check_fwd_over_rev or check_rev_over_rev):
        raise AssertionError("Expected at least one of check_fwd_over_rev or check_rev_over_rev to be True")
    if check_undefined_grad and not check_rev_over_rev:
        raise AssertionError("Setting check_undefined_grad=True requires check_rev_over_rev to be True")
    if check_batched_grad and not check_rev_over_rev:
        raise AssertionError("Setting check_batched_grad=True requires check_rev_over_rev to be True")
    given = as_tuple(inputs)
    if grad_outputs is None:
        cotangents = tuple(_random(o, gen_non_contig_grad_outputs) for o in differentiable(func(*given)))
    else:
        cotangents = as_tuple(grad_outputs)
    n = len(cotangents)
    wanted = [i for i, x in enumerate(given) if isinstance(x, Tensor) and x.requires_grad]
    moving = [i for i, x in enumerate(cotangents) if x.requires_grad]

    def gradient(*args: Any) -> Tensors:
        # forward mode hands over detached inputs
        xs = tuple(x.requires_grad_() if i in wanted else x for i, x in enumerate(args[:-n]))  # none, where n is 0
        outputs = differentiable(func(*xs))
        vs = tuple(v.requires_grad_() if i in moving else v for i, v in enumerate(args[-n:]))
        found = grad(outputs, tuple(xs[i] for i in wanted), vs, create_graph=True, allow_unused=True)
        return tuple(g for g in found if g is not None)

    return gradcheck(
        gradient,
        given + cotangents,
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        nondet_tol=nondet_tol,
        check_undefined_grad=check_undefined_grad,
        check_grad_dtypes=check_grad_dtypes,
        check_batched_grad=check_batched_grad,
        fast_mode=fast_mode,
        check_forward_ad=check_fwd_over_rev,
        check_backward_ad=check_rev_over_rev,
        masked=masked,
    )


def _random(like: Any, scattered: bool) -> Tensor:
    """Numbers in [-1, 1) of the shape and dtype of an output."""
    uniform: Any = rand(like.shape, dtype=like.dtype)
    out = uniform * 2 - (1 + 1j if like.is_complex() else 1)
    if scattered and out.numel() > 1:
        out = out.repeat_interleave(2, dim=-1)[..., ::2]
    return out.detach().requires_grad_()  # type: ignore[no-any-return]


__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]
