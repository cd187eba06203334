"""`autograd.functional`: products with Jacobians and Hessians, and these matrices themselves.

What may live here: the public names of that module. How arguments are checked and results handed back is in
`functional_arguments`. What torch computes with vmap (`vectorize`) is computed on batched tensors, see `batched`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minigrad import modes
from minigrad.autograd import forward_ad
from minigrad.autograd.batched import batched, whole_of
from minigrad.autograd.batching import open_batch
from minigrad.autograd.functional_arguments import (
    Tensors,
    as_tensors,
    check_vector,
    filled,
    gradients,
    handed_back,
    prepared,
    require_grad,
    unwrapped,
)
from minigrad.filling import zeros_like
from minigrad.registry import FUNCTIONS

Func = Callable[..., Any]
Result = Any
"""One Tensor or a tuple of them, nested once more for matrices."""


def vjp(func: Func, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Result:
    """`(func(*inputs), v @ J)`; `v` has the shape of the outputs and may be left out for a single number.

    strict raises RuntimeError where an output does not depend on an input, instead of giving zeros.
    """
    with modes.enable_grad():
        several, points = as_tensors(inputs, "inputs", "vjp")
        points = prepared(points, create_graph, needs=True)
        many, outputs = _called(func, points, "vjp", strict)
        if v is not None:
            v = prepared(as_tensors(v, "v", "vjp")[1], create_graph, needs=False)
            check_vector(v, outputs, many)
        elif len(outputs) != 1 or outputs[0].nelement() != 1:
            raise RuntimeError(
                "The vector v can only be None if the user-provided function returns a single Tensor with a single "
                "element."
            )
    with modes.set_grad_enabled(create_graph or modes.is_grad_enabled()):
        found = gradients(outputs, points, v, create_graph=create_graph)
        product = filled(found, points, strict, create_graph, "back")
    return _pair(outputs, many, product, several, create_graph)


def jvp(func: Func, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Result:
    """`(func(*inputs), J @ v)`, by differentiating the gradient in its cotangent; `v` has the shape of the inputs."""
    with modes.enable_grad():
        several, points = as_tensors(inputs, "inputs", "jvp")
        points = prepared(points, create_graph, needs=True)
        v = _vector_for_inputs(
            v,
            points,
            several,
            create_graph,
            "jvp",
            "The vector v can only be None if the input to the user-provided function is a single Tensor with a "
            "single element.",
        )
        many, outputs = _called(func, points, "jvp", strict)
        cotangents = tuple(zeros_like(out).requires_grad_() for out in outputs)
        found = gradients(outputs, points, cotangents, create_graph=True)
        require_grad(found, "grad_inputs", strict)
    with modes.set_grad_enabled(create_graph or modes.is_grad_enabled()):
        again = gradients(found, cotangents, v, create_graph=create_graph)
        product = filled(again, outputs, strict, create_graph, "back_trick")
    return _pair(outputs, many, product, many, create_graph)


def vhp(func: Func, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Result:
    """`(func(*inputs), v @ H)` for a `func` that gives one number."""
    with modes.enable_grad():
        several, points, v, outputs, first = _first_gradient(func, inputs, v, create_graph, strict, "vhp")
    with modes.set_grad_enabled(create_graph or modes.is_grad_enabled()):
        found = gradients(first, points, v, create_graph=create_graph)
        product = filled(found, points, strict, create_graph, "double_back")
    return _pair(outputs, False, product, several, create_graph)


def hvp(func: Func, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Result:
    """`(func(*inputs), H @ v)` for a `func` that gives one number; `vhp` costs less where H is symmetric."""
    with modes.enable_grad():
        several, points, v, outputs, first = _first_gradient(func, inputs, v, create_graph, strict, "hvp")
        cotangents = tuple(zeros_like(x).requires_grad_() for x in points)
        second = gradients(first, points, cotangents, create_graph=True)
        require_grad(first, "hessian", strict)
    with modes.set_grad_enabled(create_graph or modes.is_grad_enabled()):
        found = gradients(second, cotangents, v, create_graph=create_graph)
        product = filled(found, points, strict, create_graph, "double_back_trick")
    return _pair(outputs, False, product, several, create_graph)


def jacobian(
    func: Func,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Result:
    """The Jacobian of `func`: per output and input a tensor of the output's shape followed by the input's.

    strategy  "reverse-mode", or "forward-mode", which asks for `vectorize` and excludes `strict` and
              `create_graph`, as in torch (RuntimeError, NotImplementedError).
    """
    if strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError(
            'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your function has more outputs '
            'than inputs, "forward-mode" tends to be more performant. Otherwise, prefer to use "reverse-mode".'
        )
    if strategy == "forward-mode":
        if create_graph:
            raise NotImplementedError(
                "torch.autograd.functional.jacobian: `create_graph=True` and `strategy=\"forward-mode\"` are not "
                "supported together (yet). Please either set `create_graph=False` or `strategy=\"reverse-mode\"`."
            )
        return _jacobian_forward(func, inputs, strict, vectorize)
    with modes.enable_grad():
        several, points = as_tensors(inputs, "inputs", "jacobian")
        points = prepared(points, create_graph, needs=True)
        many, outputs = _called(func, points, "jacobian", strict)
        if vectorize and strict:
            raise RuntimeError(
                "torch.autograd.functional.jacobian: `strict=True` and `vectorized=True` are not supported together. "
                "Please either set `strict=False` or `vectorize=False`."
            )
        if vectorize:
            blocks = _batched(outputs, points, create_graph)
        else:
            blocks = tuple(_rows(out, i, points, create_graph, strict) for i, out in enumerate(outputs))
        return unwrapped(handed_back(blocks, create_graph), (many, several))


def _units(tensors: Tensors) -> list[Any]:
    """The rows of one unit matrix over all elements of all tensors, cut into the columns that belong to each."""
    units, done = [], 0
    total = sum(x.nelement() for x in tensors)
    for x in tensors:
        unit = x.new_zeros(total, x.nelement())
        unit.diagonal(-done).fill_(1)
        units.append(unit)
        done += x.nelement()
    return units


def _batched(outputs: Tensors, points: Tensors, create_graph: bool) -> tuple[Tensors, ...]:
    """All blocks at once: one batch of unit cotangents over all elements of all outputs."""
    sizes = [out.nelement() for out in outputs]
    flat = tuple(out.reshape(-1) for out in outputs)
    found = gradients(flat, points, tuple(_units(outputs)), create_graph=create_graph, batched=True)
    columns = [
        (zeros_like(x).expand((sum(sizes), *x.size())) if g is None else g).split(sizes, dim=0)
        for g, x in zip(found, points, strict=True)
    ]
    return tuple(
        tuple(column[i].view(out.size() + x.size()) for column, x in zip(columns, points, strict=True))
        for i, out in enumerate(outputs)
    )


def _rows(out: Any, i: int, points: Tensors, create_graph: bool, strict: bool) -> Tensors:
    """The blocks of output `i`, one per input, row by row."""
    columns: list[list[Any]] = [[] for _ in points]
    for k in range(out.nelement()):
        found = gradients((out.reshape(-1)[k],), points, retain_graph=True, create_graph=create_graph)
        for j, (g, x) in enumerate(zip(found, points, strict=True)):
            if g is None and strict:
                raise RuntimeError(
                    f"Output {i} of the user-provided function is independent of input {j}. This is not allowed in "
                    "strict mode."
                )
            if g is not None and strict and create_graph and not g.requires_grad:
                raise RuntimeError(
                    f"The jacobian of the user-provided function is independent of input {i}. This is not allowed in "
                    "strict mode when create_graph=True."
                )
            columns[j].append(zeros_like(x) if g is None else g)
    stack = FUNCTIONS["stack"]
    return tuple(stack(rows, dim=0).view(out.size() + x.size()) for rows, x in zip(columns, points, strict=True))


def _jacobian_forward(func: Func, inputs: Any, strict: bool, vectorize: bool) -> Result:
    if strict:
        raise RuntimeError(
            "torch.autograd.functional.jacobian: `strict=True` and `strategy=\"forward-mode\"` are not supported "
            "together (yet). Please either set `strict=False` or `strategy=\"reverse-mode\"`."
        )
    several, points = as_tensors(inputs, "inputs", "jacobian")
    if not vectorize:
        raise NotImplementedError(
            "Computing Jacobian using forward-AD or forward-over-reverse Hessian isonly implemented for "
            "`vectorize=True`."
        )
    sizes = [x.nelement() for x in points]
    many, outputs, tangents = _along_each(func, points)
    matrix = []
    for out, whole in zip(outputs, tangents, strict=True):
        last = (*range(1, out.dim() + 1), 0)
        parts = zip(whole.split(sizes, dim=0), points, strict=True)
        matrix.append([part.permute(last).reshape(out.size() + x.size()) for part, x in parts])
    return unwrapped(matrix, (many, several))  # lists where there are several, unlike everywhere else, as in torch


def _along_each(func: Func, points: Tensors) -> tuple[bool, Tensors, list[Any]]:
    """The outputs, and the tangents of each along every element of every input, one behind the other."""
    units = _units(points)
    with open_batch(), forward_ad.dual_level():
        duals = [forward_ad.make_dual(x, batched(unit).view_as(x)) for x, unit in zip(points, units, strict=True)]
        many, outputs = as_tensors(func(*duals), "outputs", None)
        primals, tangents = zip(*map(forward_ad.unpack_dual, outputs), strict=True)
        found = [zeros_like(x) if t is None else t for x, t in zip(primals, tangents, strict=True)]
    return many, primals, [whole_of(t, len(units[0])) for t in found]


def hessian(
    func: Func,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Result:
    """The Hessian of a `func` that gives one number: per pair of inputs a tensor of both shapes."""
    several, points = as_tensors(inputs, "inputs", "hessian")
    if outer_jacobian_strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError('Expected strategy to be either "forward-mode" or "reverse-mode".')

    def single(*args: Any) -> Any:
        out = func(*args)
        many, outputs = as_tensors(out, "outputs of the user-provided function", "hessian")
        require_grad(outputs, "outputs", strict)
        _one_number(many, outputs, "hessian")
        return out.squeeze()

    def first(*args: Any) -> Any:
        if outer_jacobian_strategy == "forward-mode":
            args = tuple(x.requires_grad_(True) for x in args)
        found = jacobian(single, args, create_graph=True)
        require_grad(found, "jacobian", strict)
        return found

    found = jacobian(first, points, create_graph, strict, vectorize, outer_jacobian_strategy)
    return unwrapped(found, (several, several))


# -- steps that several of them share -------------------------------------------------------------------


def _called(func: Func, points: Tensors, name: str, strict: bool) -> tuple[bool, Tensors]:
    many, outputs = as_tensors(func(*points), "outputs of the user-provided function", name)
    require_grad(outputs, "outputs", strict)
    return many, outputs


def _one_number(many: bool, outputs: Tensors, name: str) -> None:
    if many:
        raise RuntimeError(f"The function given to {name} should return a single Tensor")
    if outputs[0].nelement() != 1:
        raise RuntimeError(f"The Tensor returned by the function given to {name} should contain a single element")


def _vector_for_inputs(v: Any, points: Tensors, several: bool, create_graph: bool, name: str, missing: str) -> Any:
    if v is not None:
        v = prepared(as_tensors(v, "v", name)[1], create_graph, needs=False)
        check_vector(v, points, several)
    elif len(points) != 1 or points[0].nelement() != 1:
        raise RuntimeError(missing)
    return v


def _first_gradient(func: Func, inputs: Any, v: Any, create_graph: bool, strict: bool, name: str) -> Any:
    """What both products with a Hessian begin with."""
    several, points = as_tensors(inputs, "inputs", name)
    points = prepared(points, create_graph, needs=True)
    v = _vector_for_inputs(
        v,
        points,
        several,
        create_graph,
        name,
        "The vector v can only be None if the input to the user-provided function is a single Tensor with a single "
        "element.",
    )
    many, outputs = _called(func, points, name, strict)
    _one_number(many, outputs, name)
    first = gradients(outputs, points, create_graph=True)
    require_grad(first, "jacobian", strict)
    return several, points, v, outputs, first


def _pair(outputs: Tensors, many: bool, product: Tensors, several: bool, create_graph: bool) -> Any:
    shown, made = handed_back(outputs, create_graph), handed_back(product, create_graph)
    return unwrapped(shown, many), unwrapped(made, several)


__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]
