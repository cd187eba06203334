"""Jacobians for `gradcheck`: by finite differences, by backward passes, by forward mode.

What may live here: how the matrices (or, in fast mode, their products with vectors) are computed, and the
complaints that come up on the way. How they are compared is in `gradcheck_modes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from minigrad.autograd import forward_ad
from minigrad.autograd.passes import grad
from minigrad.ops.carriers import zeros_like
from minigrad.tensor import Tensor

Tensors = tuple[Any, ...]
Func = Callable[..., Any]


class GradcheckError(RuntimeError):
    """What `gradcheck` and `gradgradcheck` raise where derivatives are wrong."""


def as_tuple(x: Any) -> Tensors:
    return x if isinstance(x, tuple) else tuple(x) if isinstance(x, list) else (x,)


def is_continuous(x: Any) -> bool:
    """Whether `x` is a tensor of floating point or complex numbers."""
    return isinstance(x, Tensor) and (x.is_floating_point() or x.is_complex())


def needing_grad(xs: Any) -> list[Tensor]:
    """The tensors among `xs` (nested anyhow) that require grad."""
    if isinstance(xs, Tensor):
        return [xs] if xs.requires_grad else []
    if isinstance(xs, (tuple, list)):
        return [x for one in xs for x in needing_grad(one)]
    return []


# -- finite differences ---------------------------------------------------------------------------------


def numerical_jacobians(func: Func, inputs: Tensors, outputs: Tensors, eps: float, forward: bool) -> list[Tensors]:
    """Per input that requires grad, per continuous output, a matrix of (elements of input, elements of output)."""
    if not forward and any(o.is_complex() for o in outputs):
        raise ValueError(
            "Expected output to be non-complex. get_numerical_jacobian no longer supports functions that return "
            "complex outputs."
        )
    found: list[Tensors] = []
    for x in inputs:
        if not (isinstance(x, Tensor) and x.requires_grad):
            continue
        dt = x.dtype if x.is_complex() else None
        made = tuple(o.new_zeros((x.numel(), o.numel()), dtype=dt or o.dtype) for o in outputs if is_continuous(o))
        window = x.data
        for k, place in enumerate(product(*[range(n) for n in x.size()])):
            step = _differences(func, inputs, window[place], eps, place)
            columns = _wirtinger(step, eps, x.is_complex(), forward)
            for matrix, column in zip(made, columns, strict=False):
                matrix[k] = column
        found.append(made)
    return found


def numerical_products(
    func: Func, inputs: Tensors, x: Tensor, u: Any, eps: float, forward: bool
) -> list[Tensor]:
    """The derivatives of all outputs as input `x` moves along `u` (a pair of vectors for a complex one)."""
    step = _differences(func, inputs, x.data, eps, None)
    along = tuple(one.reshape(x.shape) * eps for one in u) if isinstance(u, tuple) else u.reshape(x.shape) * eps
    return _wirtinger(step, along, x.is_complex(), forward)


def _differences(func: Func, inputs: Tensors, entry: Tensor, eps: float, place: Any) -> Callable[[Any], Tensors]:
    """What maps a step in `entry` (a window into an input) to central differences of the outputs."""

    def values() -> Tensors:
        return tuple(out.clone() for out in as_tuple(func(*inputs)))

    def step(v: Any) -> Tensors:
        original = entry.clone()
        entry.copy_(original - v)
        before = values()
        entry.copy_(original + v)
        after = values()
        entry.copy_(original)
        return tuple(_slope(a, b, eps, place) for a, b in zip(before, after, strict=False))

    return step


def _slope(a: Any, b: Any, eps: float, place: Any) -> Tensor:
    where = "" if place is None else f"on index {place} "
    for what, mine, theirs in (("shape", a.shape, b.shape), ("dtype", a.dtype, b.dtype)):
        if mine != theirs:
            raise AssertionError(
                f"Expected `func` to return outputs with the same {what} when inputs are perturbed {where}by {eps}, "
                f"but got: {what}s {mine} and {theirs}."
            )
    return ((b - a) / (2 * eps)).detach().reshape(-1)  # type: ignore[no-any-return]


def _wirtinger(step: Callable[[Any], Tensors], along: Any, is_complex: bool, forward: bool) -> list[Tensor]:
    """Derivatives along real numbers; for a complex input the conjugate Wirtinger derivative of real outputs."""
    real = step(along[0] if isinstance(along, tuple) else along)
    if not is_complex:
        if not forward and any(d.is_complex() for d in real):
            raise AssertionError("Expected ds_dx to be real-valued, not complex.")
        return list(real)
    imaginary = step((along[1] if isinstance(along, tuple) else along) * 1j)
    if any(d.is_complex() for d in real):
        raise AssertionError("Expected ds_dx to be real-valued, not complex")
    return [x + y * 1j for x, y in zip(real, imaginary, strict=True)]


# -- backward passes ------------------------------------------------------------------------------------

NONDETERMINISTIC = """\n
NOTE: If your op relies on non-deterministic operations i.e., it is listed here:
https://pytorch.org/docs/stable/generated/torch.use_deterministic_algorithms.html
this failure might be expected.

If you are adding a new operator, please file an issue and then use one of the
workarounds. The workaround depends on how your test invokes gradcheck/gradgradcheck.
If the test
- manually invokes gradcheck/gradgradcheck, then call gradcheck/gradgradcheck
  with `nondet_tol=<tol>` as a keyword argument.
- is OpInfo-based (e.g., in test_ops_gradients.py), then modify the OpInfo for the test
  to have `gradcheck_nondet_tol=<tol>`.
- is a Module test (e.g., in common_nn.py), then modify the corresponding
  module_test entry to have `gradcheck_nondet_tol=<tol>`
"""


def backward_jacobians(
    inputs: Tensors, output: Any, nondet_tol: float, check_dtypes: bool, v: Any = None
) -> Tensors:
    """Per input that requires grad its Jacobian with `output`; of one column, multiplied with `v`, where `v` is given.

    Computed twice. Raises GradcheckError where both differ, or gradients have a wrong dtype or size.
    """
    leaves = needing_grad(inputs)

    def once() -> list[list[Any]]:
        sample = output.clone()
        cotangents = _units(sample) if v is None else [v.reshape(sample.shape)]
        rows: list[list[Any]] = [[] for _ in leaves] if output.numel() or v is not None else []
        for cotangent in cotangents:
            found = grad(output, leaves, cotangent, retain_graph=True, allow_unused=True)
            for row, g in zip(rows, found, strict=True):
                row.append(None if g is None else g.clone())
        return rows

    columns = output.numel() if v is None else 1
    first, dtypes_fit, sizes_fit = _matrices(once(), leaves, columns)
    second, _, _ = _matrices(once(), leaves, columns)
    alike = all(a.numel() == 0 or not (a - b).abs().max() > nondet_tol for a, b in zip(first, second, strict=True))
    if not dtypes_fit and check_dtypes:
        raise GradcheckError("Gradient has dtype mismatch")
    if not sizes_fit:
        raise GradcheckError("Analytical gradient has incorrect size")
    if not alike:
        raise GradcheckError(
            "Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives "
            "different values, although analytical gradient matches numerical gradient."
            f"The tolerance for nondeterminism was {nondet_tol}." + NONDETERMINISTIC
        )
    return first


def _units(like: Tensor) -> Iterator[Tensor]:
    unit = like.new_zeros(like.shape)
    flat = unit.view(-1)
    for k in range(flat.numel()):
        flat.zero_()
        flat[k] = 1.0
        yield unit


def _matrices(rows: list[list[Any]], leaves: list[Tensor], columns: int) -> tuple[Tensors, bool, bool]:
    out = tuple(x.new_zeros((x.numel(), columns)) for x in leaves)
    dtypes_fit = sizes_fit = True
    for x, matrix, mine in zip(leaves, out, rows, strict=False):
        for j, g in enumerate(mine):
            if g is None:
                continue
            if g.size() != x.size():
                sizes_fit = False
            elif g.dtype != x.dtype:
                dtypes_fit = False
            if matrix[:, j].numel() != g.numel():
                raise AssertionError(
                    f"Expected out_jacobian column to have {g.numel()} elements, but got {matrix[:, j].numel()}"
                )
            matrix[:, j] = g.reshape(-1)
    return out, dtypes_fit, sizes_fit


# -- forward mode ---------------------------------------------------------------------------------------


def forward_jacobians(func: Func, inputs: Tensors, outputs: Tensors, check_dtypes: bool, all_u: Any = None) -> Any:
    """The same by forward mode, column by column; multiplied with `all_u`, one vector per input, where given."""
    leaves = needing_grad(inputs)
    if any(x.is_complex() for x in leaves):
        raise ValueError("Expected inputs to be non-complex for _get_analytical_jacobian_forward_ad.")
    made = [
        [o.new_zeros((o.numel(),) if all_u else (x.numel(), o.numel())) for o in outputs if is_continuous(o)]
        for x in leaves
    ]
    with forward_ad.dual_level():
        tangents: list[Any] = []
        duals: list[Any] = []
        for x in inputs:
            if isinstance(x, Tensor) and x.requires_grad:
                x = forward_ad.make_dual(x.detach(), zeros_like(x))
                tangents.append(forward_ad.unpack_dual(x).tangent)
            duals.append(x)

        def run() -> Iterator[tuple[int, Any]]:
            for i, out in enumerate(o for o in as_tuple(func(*duals)) if is_continuous(o)):
                primal, found = forward_ad.unpack_dual(out)
                if check_dtypes and found is not None and primal.is_complex() != found.is_complex():
                    raise GradcheckError("Forward AD gradient has dtype mismatch.")
                yield i, 0 if found is None else found.reshape(-1)

        for n, tangent in enumerate(tangents):
            if all_u:
                tangent.copy_(all_u[n].view_as(tangent))
                for i, found in run():
                    made[n][i].copy_(found)
                tangent.zero_()
                continue
            for k, place in enumerate(product(*[range(m) for m in tangent.size()])):
                tangent[place] = 1.0
                for i, found in run():
                    made[n][i][k] = found
                tangent[place] = 0.0
    return made
