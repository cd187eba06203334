"""What the functions of `autograd.functional` share: arguments in, zeros for what is missing, results out.

What may live here: conversions and torch's complaints about them. No derivative is worked out here, but for
`gradients`, which is `autograd.grad` that puts up with outputs outside of the graph.
"""

from __future__ import annotations

from typing import Any

from minigrad.autograd.passes import grad
from minigrad.ops.carriers import zeros_like
from minigrad.tensor import Tensor

Tensors = tuple[Any, ...]


def as_tensors(given: Any, what: str, function: str | None) -> tuple[bool, Tensors]:
    """Whether `given` is a tuple, and it as one. TypeError where there is something other than a Tensor in it."""
    several = isinstance(given, tuple)
    out = given if several else (given,)
    for i, one in enumerate(out):
        if not isinstance(one, Tensor):
            found = f"value at index {i} has" if several else f"given {what} has"
            raise TypeError(
                f"The {what} given to {function} must be either a Tensor or a tuple of Tensors but the {found} "
                f"type {type(one)}."
            )
    return several, out


def prepared(inputs: Tensors, create_graph: bool, needs: bool) -> Tensors:
    """New tensors over the inputs, so that those can be told from the same ones used by the function by itself;
    in the graph of the inputs if that is wanted, else leaves that require grad where `needs`."""
    return tuple(
        x.view_as(x) if create_graph and x.requires_grad else x.detach().requires_grad_(needs) for x in inputs
    )


def handed_back(results: Any, create_graph: bool) -> Any:
    """The results, outside of any graph unless one was asked for."""
    if create_graph:
        return results
    if isinstance(results[0], Tensor):
        return tuple(x.detach() for x in results)
    return tuple(handed_back(one, create_graph) for one in results)


def unwrapped(results: Any, keep: bool | tuple[bool, bool]) -> Any:
    """Tuples only where the caller gave some: `keep` for the outer level, or for both."""
    outer, inner = keep if isinstance(keep, tuple) else (keep, True)
    if not inner:
        results = tuple(one[0] for one in results)
    return results if outer else results[0]


def check_vector(v: Tensors, other: Tensors, several: bool) -> None:
    """Raises RuntimeError where a vector has not the sizes of what it is multiplied with."""
    if len(v) != len(other):
        if several:
            raise RuntimeError(f"v is a tuple of invalid length: should be {len(other)} but got {len(v)}.")
        raise RuntimeError("The given v should contain a single Tensor.")
    for i, (mine, theirs) in enumerate(zip(v, other, strict=True)):
        if mine.size() != theirs.size():
            entry = f"Entry {i} in " if several else ""
            raise RuntimeError(f"{entry}v has invalid size: should be {theirs.size()} but got {mine.size()}.")


def require_grad(found: Any, what: str, strict: bool) -> None:
    """In strict mode: raises RuntimeError where one of `found` (called `what`) depends on no input."""
    if not strict:
        return
    for i, x in enumerate(found):
        if x is None:
            raise RuntimeError(
                f"The output of the user-provided function is independent of input {i}. This is not allowed in "
                "strict mode."
            )
        if x.requires_grad:
            continue
        if what == "hessian":
            raise RuntimeError(
                f"The hessian of the user-provided function with respect to input {i} is independent of the input. "
                "This is not allowed in strict mode. You should ensure that your function is thrice differentiable "
                "and that the hessian depends on the inputs."
            )
        if what == "jacobian":
            raise RuntimeError(
                "While computing the hessian, found that the jacobian of the user-provided function with respect to "
                f"input {i} is independent of the input. This is not allowed in strict mode. You should ensure that "
                "your function is twice differentiable and that the jacobian depends on the inputs (this would be "
                "violated by a linear function for example)."
            )
        if what == "grad_inputs":
            raise RuntimeError(
                f"The gradient with respect to input {i} is independent of the inputs of the user-provided function. "
                "This is not allowed in strict mode."
            )
        raise RuntimeError(
            f"Output {i} of the user-provided function does not require gradients. The outputs must be computed in a "
            "differentiable manner from the input when running in strict mode."
        )


def gradients(
    outputs: Tensors,
    inputs: Tensors,
    grad_outputs: Tensors | None = None,
    create_graph: bool = False,
    retain_graph: bool | None = None,
    batched: bool = False,
) -> Tensors:
    """`autograd.grad` of the outputs that are in a graph; None for every input where none is."""
    given = grad_outputs if grad_outputs is not None else (None,) * len(outputs)
    if len(outputs) != len(given):
        raise AssertionError(
            "Expected outputs and grad_outputs to have the same length, but got "
            f"{len(outputs)} and {len(given)}"
        )
    pairs = [(out, g) for out, g in zip(outputs, given, strict=True) if out is not None and out.requires_grad]
    if not pairs:
        return (None,) * len(inputs)
    roots, cotangents = zip(*pairs, strict=True)
    got: Tensors = grad(
        roots,
        inputs,
        cotangents,
        allow_unused=True,
        create_graph=create_graph,
        retain_graph=retain_graph,
        is_grads_batched=batched,
    )
    return got


def filled(found: Tensors, like: Tensors, strict: bool, create_graph: bool, stage: str) -> Tensors:
    """Zeros for gradients that are None. In strict mode raises RuntimeError for those, and under create_graph for
    gradients that are constant; `stage` says which pass they come of."""
    for i, g in enumerate(found):
        if g is None and strict:
            raise RuntimeError(_MISSING[stage].format(i))
        if g is not None and strict and create_graph and not g.requires_grad:
            matrix = "hessian" if "double" in stage else "jacobian"
            raise RuntimeError(
                f"The {matrix} of the user-provided function is independent of input {i}. This is not allowed in "
                "strict mode when create_graph=True."
            )
    return tuple(zeros_like(x) if g is None else g for g, x in zip(found, like, strict=True))


_MISSING = {
    "back": "The output of the user-provided function is independent of input {}. This is not allowed in strict mode.",
    "back_trick": "The gradient with respect to the input is independent of entry {} in the grad_outputs when using "
    "the double backward trick to compute forward mode gradients. This is not allowed in strict mode.",
    "double_back": "The jacobian of the user-provided function is independent of input {}. This is not allowed in "
    "strict mode.",
    "double_back_trick": "The hessian of the user-provided function is independent of entry {} in the grad_jacobian. "
    "This is not allowed in strict mode as it prevents from using the double backward trick to replace forward mode "
    "AD.",
}
