"""The two ways in which `gradcheck` compares Jacobians: element by element, and by products with vectors.

What may live here: these comparisons and what they say when they fail.
"""

from __future__ import annotations

from typing import Any

from minigrad import dtypes
from minigrad.autograd.gradcheck_jacobians import (
    Func,
    GradcheckError,
    Tensors,
    as_tuple,
    backward_jacobians,
    forward_jacobians,
    is_continuous,
    numerical_jacobians,
    numerical_products,
)
from minigrad.generator import Generator
from minigrad.ops.comparison import allclose
from minigrad.random import rand
from minigrad.tensor import Tensor

SLOW_WOULD_PASS = """
Fast gradcheck failed but element-wise differences are small. This means that the
test might've passed in slow_mode!

If you are adding a new operator, please file an issue and then use one of the
workarounds. The workaround depends on how your test invokes gradcheck/gradgradcheck:

If the test
- manually invokes gradcheck/gradgradcheck, then call gradcheck/gradgradcheck
  with `fast_mode=False` as a keyword argument.
- is OpInfo-based (e.g., in test_ops_gradients.py), then modify the OpInfo for the test
  to have `gradcheck_fast_mode=False`
- is a Module test (e.g., in common_nn.py), then modify the corresponding
  module_test entry to have `gradcheck_fast_mode=False`
""".strip()

NOT_ZERO = "Numerical gradient for function expected to be zero"


def close(a: Any, b: Any, rtol: float, atol: float) -> bool:
    """`allclose` after promotion to one dtype."""
    dt = dtypes.promote_types(a.dtype, b.dtype)
    return bool(allclose(a.to(dtype=dt), b.to(dtype=dt), rtol, atol))


def mismatch(a: Any, n: Any, output: int, input: int, complex_places: Any, imaginary: bool, forward: bool) -> str:
    """What a failure says: which part, of what, both values."""
    place = input if forward else output
    what = "inputs" if forward else "outputs"
    part = "imaginary" if imaginary else "real"
    only = f"While considering the {part} part of complex {what} only, "
    prefix = only if complex_places and place in complex_places else ""
    mode = "computed with forward mode " if forward else ""
    return (
        f"{prefix}Jacobian {mode}mismatch for output {output:d} with respect to input {input:d},\n"
        f"numerical:{n}\nanalytical:{a}\n"
    )


def slow(
    func: Func,
    func_out: Any,
    inputs: Tensors,
    outputs: Tensors,
    options: Any,
    *,
    forward: bool = False,
    complex_places: Any = None,
    imaginary: bool = False,
) -> None:
    """Compares all elements of all Jacobians. Raises GradcheckError where they differ."""
    everything = as_tuple(func_out)
    numerical = numerical_jacobians(func, inputs, everything, options.eps, forward)
    if not outputs:
        if any((matrix != 0).any() for row in numerical for matrix in row):
            raise GradcheckError(NOT_ZERO)
        return
    by_output = [row for o, row in zip(everything, zip(*numerical, strict=True), strict=False) if o.requires_grad]
    found = forward_jacobians(func, inputs, everything, options.check_grad_dtypes) if forward else None
    for i, row in enumerate(by_output):
        if found is None:
            mine = backward_jacobians(inputs, outputs[i], options.nondet_tol, options.check_grad_dtypes)
        else:
            mine = tuple(per_input[i] for per_input in found)
        for j, (a, n) in enumerate(zip(mine, row, strict=True)):
            if not close(a, n, options.rtol, options.atol):
                raise GradcheckError(mismatch(a, n, i, j, complex_places, imaginary, forward))


def _vector(like: Tensor, generator: Any, real: bool) -> Any:
    dt = like.dtype.to_real() if real and like.is_complex() else like.dtype
    made = rand(like.numel(), generator=generator).to(dtype=dt)
    return made.div_(made.norm())


def vectors(leaves: list[Tensor], outputs: Tensors, forward: bool) -> tuple[Any, list[Any]]:
    """One unit vector per output (None in forward mode) and one per input, a pair for a complex input."""
    generator = Generator()
    all_u: list[Any] = []
    for x in leaves:
        u = _vector(x, generator, True)
        all_u.append((u, _vector(x, generator, True)) if x.is_complex() else u)
    return None if forward else [_vector(o, generator, False) for o in outputs], all_u


def fast(
    func: Func,
    func_out: Any,
    inputs: Tensors,
    outputs: Tensors,
    options: Any,
    *,
    forward: bool = False,
    complex_places: Any = None,
    imaginary: bool = False,
) -> None:
    """Compares products of the Jacobians with vectors. Raises GradcheckError where they differ."""
    leaves = [x for x in inputs if isinstance(x, Tensor) and x.requires_grad]
    everything = as_tuple(func_out)
    all_v, all_u = vectors(leaves, outputs, forward)
    numerical: list[list[Any]] = []
    for x, u in zip(leaves, all_u, strict=True):
        moved = numerical_products(func, inputs, x, u, options.eps, forward)
        if len(moved) != len(everything):
            raise AssertionError(
                "Expected all_Ju and func_out to have the same length, but got "
                f"{len(moved)} and {len(everything)}"
            )
        moved = [m for m, o in zip(moved, everything, strict=True) if is_continuous(o)]
        numerical.append(moved if all_v is None else [(v * m).sum() for v, m in zip(all_v, moved, strict=False)])
    if not forward and not outputs:
        for x, u in zip(leaves, all_u, strict=True):  # worked out once more, which the function can tell
            moved = numerical_products(func, inputs, x, u, options.eps, forward)
            if any(m.numel() and m.abs().max() > options.nondet_tol for m in moved):
                raise GradcheckError(NOT_ZERO)
    if forward:
        analytical = forward_jacobians(func, inputs, everything, options.check_grad_dtypes, all_u)
    else:
        rows = []
        for output, v in zip(outputs, all_v, strict=True):
            found = backward_jacobians(inputs, output, options.nondet_tol, options.check_grad_dtypes, v)
            rows.append([_dot(g.T.squeeze(0), u) for g, u in zip(found, all_u, strict=True)])
        analytical = [list(column) for column in zip(*rows, strict=True)]
    for j, row in enumerate(numerical):
        for i, n in enumerate(row):
            a = analytical[j][i]
            atol = options.atol * _total(all_u[j]) * (_total(all_v[i]) if all_v else 1.0)
            if not close(a, n, options.rtol, atol):
                said = mismatch(a, n, i, j, complex_places, imaginary, forward)
                raise GradcheckError(said + _in_slow_mode(func, inputs, outputs, j, i, options, forward))


def _dot(g: Any, u: Any) -> Any:
    return g.real.dot(u[0]) + 1j * g.imag.dot(u[1]) if g.is_complex() else g.dot(u)


def _total(u: Any) -> float:
    if isinstance(u, tuple):
        return float(u[0].sum()) + float(u[1].sum())
    total = u.sum()
    return float(total.real) if total.is_complex() else float(total)


def _in_slow_mode(func: Func, inputs: Tensors, outputs: Tensors, j: int, i: int, options: Any, forward: bool) -> str:
    """The whole Jacobians, for the error."""
    n = numerical_jacobians(func, inputs, outputs, options.eps, forward)[j][i]
    if forward:

        def one(x: Any) -> Any:
            return as_tuple(func(*inputs[:j], x, *inputs[j + 1 :]))[i]

        a = forward_jacobians(one, (inputs[j],), (outputs[i],), False)[0][0]
    else:
        a = backward_jacobians(inputs, outputs[i], float("inf"), False)[j]
    worst = (n - a).abs().max()
    said = (
        "\nThe above quantities relating the numerical and analytical jacobians are computed \n"
        "in fast mode. See: https://github.com/pytorch/pytorch/issues/53876 for more background \n"
        "about fast mode. Below, we recompute numerical and analytical jacobians in slow mode:\n\n"
        f"Numerical:\n {n}\nAnalytical:\n{a}\n\n"
        f"The max per-element difference (slow mode) is: {worst}.\n"
    )
    return said + SLOW_WOULD_PASS if close(a, n, options.rtol, options.atol) else said
