"""The law of autograd: one function per prohibition, each returning the exception in torch's words.

What may live here: texts and nothing else. Callers write `raise errors.leaf_modified_in_place()`.
"""

from __future__ import annotations

from typing import Any

from minigrad.node import short_name

TYPE_NAMES = {
    "float16": "Half",
    "float32": "Float",
    "float64": "Double",
    "complex64": "ComplexFloat",
    "complex128": "ComplexDouble",
    "int8": "Char",
    "int16": "Short",
    "int32": "Int",
    "int64": "Long",
    "uint8": "Byte",
    "bool": "Bool",
}
"""Scalar type names as torch's messages use them, by NumPy dtype name."""

CPP_NAMES = {
    "float16": "c10::Half",
    "float32": "float",
    "float64": "double",
    "complex64": "c10::complex<float>",
    "complex128": "c10::complex<double>",
    "int8": "signed char",
    "int16": "short int",
    "int32": "int",
    "int64": "long int",
    "uint8": "unsigned char",
    "bool": "bool",
}
"""The C++ types of elements, which other messages use."""


def type_name(array: Any) -> str:
    return TYPE_NAMES[array.dtype.name]


def tensor_type(array: Any) -> str:
    """`torch.FloatTensor`; the newer types have another name in torch's messages."""
    name = type_name(array)
    return f"CPU{name}Type" if array.dtype.kind in "bc" else f"torch.{name}Tensor"


def shape_text(shape: tuple[int, ...]) -> str:
    """`[2, 3]`: sizes without spaces missing, unlike Python's own `(2,)`."""
    return "[" + ", ".join(map(str, shape)) + "]"


def size_text(shape: tuple[int, ...]) -> str:
    return f"torch.Size({shape_text(shape)})"


# -- flags ----------------------------------------------------------------------------------------------


def requires_grad_of_non_leaf(value: bool) -> RuntimeError:
    """requires_grad set on the result of a recorded operation."""
    text = "you can only change requires_grad flags of leaf variables."
    if not value:
        text += (
            " If you want to use a computed variable in a subgraph that doesn't require differentiation use "
            "var_no_grad = var.detach()."
        )
    return RuntimeError(text)


def only_floating_require_grad(made: bool = False) -> RuntimeError:
    """requires_grad = True on an integer or bool tensor, or where one is `made`."""
    return RuntimeError(f"{'O' if made else 'o'}nly Tensors of floating point and complex dtype can require gradients")


def only_floating_require_grad_method() -> RuntimeError:
    """The same, said by `requires_grad_()`."""
    return RuntimeError("only Tensors of floating point dtype can require gradients")


def retain_grad_without_requires_grad() -> RuntimeError:
    """retain_grad() on a tensor outside of every graph."""
    return RuntimeError("can't retain_grad on Tensor that has requires_grad=False")


def hook_without_requires_grad() -> RuntimeError:
    """register_hook() on a tensor outside of every graph."""
    return RuntimeError("cannot register a hook on a tensor that doesn't require gradient")


GRAD_OF_NON_LEAF = (
    "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't "
    "be "
    "populated during autograd.backward(). If you indeed want the .grad field to be populated for a non-leaf "
    "Tensor, "
    "use .retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure you "
    "access "
    "the leaf Tensor instead. See github.com/pytorch/pytorch/pull/30531 for more information."
)
"""The warning of reading `.grad` where none will come; torch adds the place in its own source."""


def not_differentiable(function: str, argument: str) -> RuntimeError:
    """An argument that requires grad of a function that has no derivative for it."""
    return RuntimeError(
        f"The function '{function}' is not differentiable with respect to argument '{argument}'. "
        "This input cannot have requires_grad True."
    )


def complex_not_recorded(function: str) -> RuntimeError:
    """A complex result that would require grad, of a function whose derivative torch knows for real ones alone."""
    return RuntimeError(f"{function} does not support automatic differentiation for outputs with complex dtype.")


def unlike_dtypes(found: Any, expected: Any) -> RuntimeError:
    """Arrays of different types where a kernel promotes none."""
    return RuntimeError(f"Found dtype {type_name(found)} but expected {type_name(expected)}")


def wrong_scalar_type(expected: str, found: Any) -> RuntimeError:
    """An array of another type than a kernel reads."""
    return RuntimeError(f"expected scalar type {expected} but found {type_name(found)}")


# -- writing in place -----------------------------------------------------------------------------------


def leaf_modified_in_place() -> RuntimeError:
    """A recorded write to a leaf that requires grad."""
    return RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")


def view_of_leaf_modified_in_place() -> RuntimeError:
    """A recorded write to a view of such a leaf."""
    return RuntimeError("a view of a leaf Variable that requires grad is being used in an in-place operation.")


_FORBIDDEN = (
    " Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both "
    "the view and the inplace either both inside the {mode} block (if you don't want the inplace to be tracked) or "
    "both outside (if you want the inplace to be tracked)."
)
_MULTI = (
    " This view is the output of a function that returns multiple views. Such functions do not allow the output views "
    "to be modified inplace. You should replace the inplace operation by an out-of-place one."
)
_CUSTOM = (
    " This view was created inside a custom Function (or because an input was returned as-is) and the autograd logic "
    "to handle view+inplace would override the custom backward associated with the custom Function, leading to "
    "incorrect gradients. This behavior is forbidden. You can fix this by cloning the output of the custom Function."
)


def view_modified_in_place(creation: int, label: str | None, output_nr: int, indirect: bool) -> RuntimeError:
    """A write to a view that was made in a way which forbids it (or to its base, seen later: `indirect`)."""
    custom, multi, no_grad, inference = 1, 2, 3, 4
    modified = "its base or another view of its base has been" if indirect else "is being"
    if creation in (inference, no_grad) or label is None:
        if label is not None:
            prefix = f"Output {output_nr} of {short_name(label)} is a view of a view which was created in"
        else:
            prefix = "A view was created in"
        if creation == inference:
            text = f"{prefix} inference mode and {modified} modified inplace in normal mode."
        else:
            text = f"{prefix} no_grad mode and {modified} modified inplace with grad mode enabled."
    else:
        text = f"Output {output_nr} of {short_name(label)} is a view and {modified} modified inplace."
    if creation == multi:
        text += _MULTI
    elif creation == no_grad:
        text += _FORBIDDEN.format(mode="no_grad")
    elif creation == inference:
        text += _FORBIDDEN.format(mode="inference_mode")
    elif creation == custom:
        text += _CUSTOM
    return RuntimeError(text)


def complex_gradient_of_real() -> RuntimeError:
    """A formula that gives a real operand a complex gradient."""
    return unexplained("isFloatingType(grad.scalar_type()) || (input_is_complex == grad_is_complex)")


def unexplained(condition: str) -> RuntimeError:
    """What torch requires without a message of its own."""
    return RuntimeError(
        f"Expected {condition} to be true, but got false.  (Could this error message be improved?  If so, please "
        "report an enhancement request to PyTorch.)"
    )


def zero_tensor_written(hint: str = "") -> RuntimeError:
    """A write to a ZeroTensor, which has no memory."""
    usual = "Please use the materialized zero tensor obtained using .clone() if you want a mutable tensor."
    return RuntimeError(f"ZeroTensors are immutable. {hint or usual}")


def overlapping_write() -> RuntimeError:
    """A write to an expanded tensor, several elements of which are one number in memory."""
    return RuntimeError(
        "unsupported operation: more than one element of the written-to tensor refers to a single memory "
        "location. "
        "Please clone() the tensor before performing the operation."
    )


def partly_overlapping_write() -> RuntimeError:
    """A write to memory that an operand looks into otherwise."""
    return RuntimeError(
        "unsupported operation: some elements of the input tensor and the written-to tensor refer to a "
        "single memory "
        "location. Please clone() the tensor before performing the operation."
    )


def output_shape_mismatch(out: tuple[int, ...], broadcast: tuple[int, ...], by: str = "") -> RuntimeError:
    """An in-place result of the op `by` that would not fit."""
    if by in ("addmm", "addmv", "baddbmm"):  # which are not work on each element
        return RuntimeError(
            f"Bad in-place call: input tensor size {shape_text(out)} and output tensor size {shape_text(broadcast)} "
            "should match"
        )
    return RuntimeError(
        f"output with shape {shape_text(out)} doesn't match the broadcast shape {shape_text(broadcast)}"
    )


def cannot_cast_result(result: Any, out: Any) -> RuntimeError:
    """An in-place result of a higher category than the tensor written to."""
    return RuntimeError(
        f"result type {TYPE_NAMES[result.name]} can't be cast to the desired output type "
        f"{TYPE_NAMES[out.name]}"
    )


def detach_view_in_place() -> RuntimeError:
    """detach_() on a view."""
    return RuntimeError(
        "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) "
        "for "
        "training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence "
        "detach_() cannot be called on these gradients. To fix this error, please refer to the "
        "Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution."
    )


# -- inference ------------------------------------------------------------------------------------------


def inference_has_no_version() -> RuntimeError:
    """`_version` of an inference tensor."""
    return RuntimeError("Inference tensors do not track version counter.")


def inference_requires_grad() -> RuntimeError:
    """requires_grad=True on an inference tensor outside of inference mode."""
    return RuntimeError("Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.")


def output_not_differentiated(called: str) -> RuntimeError:
    """What is made of something that requires grad is to be written into an `out=`."""
    return RuntimeError(
        f"{called}(): functions with out=... arguments don't support automatic differentiation, but one of the "
        "arguments requires grad."
    )


def inference_saved() -> RuntimeError:
    """An inference tensor would have to be saved for backward."""
    return RuntimeError(
        "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in "
        "computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and use "
        "it in autograd, or use `torch.no_grad()` instead of `torch.inference_mode()`."
    )


def inference_written() -> RuntimeError:
    """A write to an inference tensor outside of inference mode."""
    return RuntimeError(
        "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get "
        "a "
        "normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more "
        "details."
    )


# -- shapes, dims and arguments -------------------------------------------------------------------------


def size_mismatch(a: int, b: int, dim: int) -> RuntimeError:
    """Two shapes that do not broadcast."""
    return RuntimeError(
        f"The size of tensor a ({a}) must match the size of tensor b ({b}) at non-singleton dimension {dim}"
    )


def dim_out_of_range(dim: int, ndim: int) -> IndexError:
    """A dimension outside of [-ndim, ndim - 1], where a 0-d tensor counts as having one."""
    n = max(ndim, 1)
    return IndexError(f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {dim})")


def too_few_sizes(array: Any, size: tuple[int, ...]) -> RuntimeError:
    """expand() to fewer dimensions than there are."""
    return RuntimeError(
        f"expand({tensor_type(array)}{{{shape_text(array.shape)}}}, size={shape_text(size)}): "
        f"the number of sizes provided ({len(size)}) must be greater or equal to the number of dimensions in "
        f"the "
        f"tensor ({array.ndim})"
    )


def expanded_leading_dimension(dim: int) -> RuntimeError:
    """expand() with -1 for a dimension that does not exist."""
    return RuntimeError(
        f"The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension {dim}"
    )


def expanded_size(
    wanted: int, have: int, dim: int, size: tuple[int, ...], shape: tuple[int, ...]
) -> RuntimeError:
    """expand() of a dimension that is neither 1 nor the size asked for."""
    return RuntimeError(
        f"The expanded size of the tensor ({wanted}) must match the existing size ({have}) at non-singleton "
        f"dimension {dim}.  Target sizes: {shape_text(size)}.  Tensor sizes: {shape_text(shape)}"
    )


def resized_output(had: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    """What is said where a tensor for results had elements, and another shape."""
    return (
        f"An output with one or more elements was resized since it had shape {shape_text(had)}, which does not match "
        f"the required output shape {shape_text(wanted)}. This behavior is deprecated, and in a future PyTorch release "
        "outputs will not be resized unless they have zero elements. You can explicitly reuse an out tensor t by "
        "resizing it, inplace, to zero elements with t.resize_(0)."
    )


def repeated_dim(dim: int) -> RuntimeError:
    """The same dimension twice where each may be named once."""
    return RuntimeError(f"dim {dim} appears multiple times in the list of dims")


def no_dimensions(dim: int) -> IndexError:
    """A dimension of a 0-d tensor, for ops that need one."""
    return IndexError(f"Dimension specified as {dim} but tensor has no dimensions")


def integers_recorded(dt: Any) -> RuntimeError:
    """An op that would record a result which has no gradient, since it is of integers or bools."""
    return RuntimeError(f"Autograd not support dtype: {TYPE_NAMES[dt.name]}")


def not_implemented_for(kernel: str, dt: Any) -> NotImplementedError:
    """A dtype that torch's CPU kernel of this name does not have."""
    return NotImplementedError(f"\"{kernel}\" not implemented for '{TYPE_NAMES[dt.name]}'")


def no_derivative(name: str) -> NotImplementedError:
    """A gradient that torch has no formula for."""
    return NotImplementedError(f"the derivative for '{name}' is not implemented.")


def wrong_argument(function: str, name: str, position: int | None, expected: str, got: Any) -> TypeError:
    """An argument of the wrong type; `position` counts from 1 and leaves the receiver of a method out."""
    place = "" if position is None else f" (position {position})"
    called = function.removeprefix("_")  # ops that composites call
    return TypeError(f"{called}(): argument '{name}'{place} must be {expected}, not {type_of(got)}")


def type_of(value: Any) -> str:
    """How torch's argument parser names the type of what it was given."""
    return type(value).__name__


def forward_rule_of_set_missing() -> NotImplementedError:
    """Forward mode through set_, which torch will never have."""
    return NotImplementedError(
        "Trying to use forward AD with set_ that does not support it because it has not been implemented yet.\n"
        "Please file an issue to PyTorch at https://github.com/pytorch/pytorch/issues/new?template=feature-request.yml "
        "so that we can prioritize its implementation."
    )


def forward_rule_missing(name: str) -> NotImplementedError:
    """Forward mode through an op for which torch has no rule (nor have we)."""
    return NotImplementedError(
        f"Trying to use forward AD with {name} that does not support it because it has not been implemented yet.\n"
        "Please file an issue to PyTorch at https://github.com/pytorch/pytorch/issues/new?template=feature-request.yml "
        "so that we can prioritize its implementation"
        + ("." if name.endswith("_") else " or submit a PR adding the implementation to derivatives.yaml")
    )
