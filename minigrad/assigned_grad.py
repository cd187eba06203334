"""What a `.grad` may be: the refusals of assigning one, and of saying which dtype it is to have (`grad_dtype`).

What may live here: those two checks, in torch's words.
"""

from __future__ import annotations

from typing import Any

from minigrad.errors import CPP_NAMES, TYPE_NAMES, shape_text, type_of


def check_assigned_grad(tensor: Any, value: Any, tensor_type: type[Any]) -> None:
    """Raises where `value` cannot be the `.grad` of `tensor`."""
    if not isinstance(value, tensor_type):
        raise TypeError(f"assigned grad expected to be a Tensor or None but got grad of type {type_of(value)}")
    if value is tensor:
        raise RuntimeError("can't assign Variable as its own grad")
    allowed = tensor._grad_dtype()
    if allowed is not None and value._a.dtype != allowed:
        raise RuntimeError(
            f"attempting to assign a gradient with dtype '{CPP_NAMES[value._a.dtype.name]}' to a tensor with "
            f"grad_dtype '{TYPE_NAMES[allowed.name]}'. The gradient must match the tensor's grad_dtype (defaults to "
            "the tensor's dtype). You can set the tensor's grad_dtype attribute with a specific dtype, or None to "
            "allow any dtype. Set grad_dtype with caution. Diverging the dtypes of a tensor and its gradient may "
            "break downstream systems that assume they match."
        )
    if value._a.shape != tensor._a.shape:
        raise RuntimeError(
            f"attempting to assign a gradient of size '{shape_text(value._a.shape)}' to a tensor of size "
            f"'{shape_text(tensor._a.shape)}'. Please ensure that the gradient and the tensor are the same "
            f"size"
        )


def check_grad_dtype(tensor: Any, value: Any) -> None:
    """Raises where `value` cannot be the grad_dtype of `tensor`."""
    if value is not None and type(value).__name__ != "dtype":
        raise RuntimeError(f"grad_dtype must be a torch.dtype or None, but got {type_of(value)}")
    had = tensor.grad  # which warns of what is no leaf
    if not tensor.is_leaf:
        raise RuntimeError("grad_dtype can only be set on leaf tensors.")
    if had is not None and value is not None and had.dtype is not value:
        raise RuntimeError(
            f"Cannot set grad_dtype to '{value.scalar_type}' because there is already a gradient with dtype "
            f"'{CPP_NAMES[had._a.dtype.name]}'. Please clear the gradient (.grad = None) before changing grad_dtype, "
            "or ensure the new grad_dtype matches the existing gradient's dtype."
        )
