"""`*_copy`: what the view ops give, as copies.

What may live here: one line per view op. The derivative is that of the view under a name of its own.
"""

from __future__ import annotations

import math
from functools import wraps
from inspect import Parameter, Signature
from typing import Any

from minigrad import dispatch, dtypes, errors
from minigrad.ops import complex_views, expanding, reshaping, slicing, splitting, transposing
from minigrad.ops.restriding import strided_window
from minigrad.ops.slicing import slice_kernel, slice_op
from minigrad.ops.undifferentiated import recorded_opaquely
from minigrad.registry import composite, decl_of, derivative, op, publish
from minigrad.strided import AsStridedBackward0
from minigrad.tensor import Tensor
from minigrad.windows import infer_size

# mypy: disable-error-code="no-untyped-def"


def _copied(result: Any) -> Any:
    if isinstance(result, list):
        return [one.copy(order="C") for one in result]
    return result.copy(order="C")


def copy_of(view: Any, overload: str, label: str) -> Any:
    """An op that copies what the kernel of `view` gives, with the formulas of `view`."""
    source = decl_of(view)

    @wraps(source.kernel)
    def kernel(*args: Any, **kwargs: Any) -> Any:
        return _copied(source.kernel(*args, **kwargs))

    kernel.__doc__ = f"A copy of what `{source.name}` gives."
    made = op(overload, several=source.several, promote="keep", numbers=False, method=False)(kernel)
    plain = [p.name for p in source.params if not p.is_tensor]

    def viewed(self_t: Any, **values: Any) -> Any:
        return source.function(self_t, *values.values()) if overload != "alias_copy" else self_t

    names = ["self_t", *plain]  # the tangent is the view itself, no copy, and that of all is its operand's
    viewed.__signature__ = Signature([Parameter(n, Parameter.POSITIONAL_OR_KEYWORD) for n in names])  # type: ignore[attr-defined]
    derivative(label, of=made, forward=viewed, shows=source.shows, **source.formulas)  # type: ignore[arg-type]
    return made


def refusing_complex(made: Any, name: str, method: bool = False) -> None:
    """Publishes an op (with `method` as one, too) so that it refuses to record complex results, as torch's does."""

    def checked(input: Any, *args: Any, **kwargs: Any) -> Any:
        out = made(input, *args, **kwargs)
        if out.requires_grad and out.is_complex():
            raise errors.complex_not_recorded(name)
        return out

    checked.__name__ = checked.__qualname__ = name
    publish(name, checked, method=method)


alias_copy = copy_of(slicing.alias, "alias_copy", "AliasBackward0_copy")
diagonal_copy = copy_of(slicing.diagonal, "diagonal_copy", "DiagonalBackward0_copy")
select_copy = copy_of(slicing.select, "select_copy.int", "SelectBackward0_copy")
slice_copy = copy_of(slice_op, "slice_copy.Tensor", "SliceBackward0_copy")
split_copy = copy_of(splitting.split_evenly, "split_copy.Tensor", "SplitBackward0_copy")
split_with_sizes_copy = copy_of(
    splitting.split_with_sizes, "split_with_sizes_copy", "SplitWithSizesBackward0_copy"
)
t_copy = copy_of(transposing.t, "t_copy", "TBackward0_copy")
transpose_copy = copy_of(transposing.transpose, "transpose_copy.int", "TransposeBackward0_copy")
unbind_copy = copy_of(splitting.unbind, "unbind_copy.int", "UnbindBackward0_copy")
unfold_copy = copy_of(slicing.unfold, "unfold_copy", "UnfoldBackward0_copy")
unsqueeze_copy = copy_of(reshaping.unsqueeze, "unsqueeze_copy", "UnsqueezeBackward0_copy")
view_as_complex_copy = copy_of(
    complex_views.view_as_complex_op, "view_as_complex_copy", "ViewAsComplexBackward0_copy"
)
view_as_real_copy = copy_of(complex_views.view_as_real_op, "view_as_real_copy", "ViewAsRealBackward0_copy")

for _made, _name in (
    (select_copy, "select_copy"),
    (slice_copy, "slice_copy"),
    (view_as_complex_copy, "view_as_complex_copy"),
):
    refusing_complex(_made, _name)

_expand_copy = copy_of(expanding.expand_op, "_expand_copy", "ExpandBackward0_copy")
_permute_copy = copy_of(transposing.permute_op, "_permute_copy", "PermuteBackward0_copy")
_squeeze_copy = copy_of(reshaping.squeeze_all, "_squeeze_copy", "SqueezeBackward0_copy")
_squeeze_copy_dim = copy_of(reshaping.squeeze_one, "_squeeze_copy.dim", "SqueezeBackward1_copy")
_squeeze_copy_dims = copy_of(reshaping.squeeze_several, "_squeeze_copy.dims", "SqueezeBackward2_copy")


@composite("expand_copy", method=False)
def expand_copy(self, size: Any, *, implicit: bool = False):
    """A copy of what `expand` gives."""
    return _expand_copy(self, tuple(size))


@composite("permute_copy", method=False)
def permute_copy(self, dims: Any):
    """A copy of what `permute` gives."""
    return _permute_copy(self, tuple(dims))


@composite("squeeze_copy", method=False)
def squeeze_copy(self, dim: Any = None):
    """A copy of what `squeeze` gives."""
    if dim is None:
        return _squeeze_copy(self)
    return _squeeze_copy_dim(self, dim) if isinstance(dim, int) else _squeeze_copy_dims(self, tuple(dim))


@op("_view_copy", promote="keep", numbers=False)
def _view_copy(self, size: Any):
    out = self.copy(order="C")
    out.shape = infer_size(size, self.size)
    return out


derivative(
    "ViewBackward0_copy",
    of=_view_copy,
    forward=lambda self_t, size: self_t.view(size),
    self=lambda grad, self_shape: reshaping.reshape_to(grad, self_shape),
)


@composite("view_copy", method=False)
def view_copy(self, size: Any):
    """A copy of what `view` gives, for any strides."""
    if isinstance(size, dtypes.dtype):
        return reshaping.view_dtype(self, size).clone()
    return _view_copy(self, tuple(size))


@op("_narrow_copy", promote="keep", numbers=False)
def _narrow_copy(self, dim: int, start: int, length: int):
    first = slicing.narrow_start(self.shape, dim, start, length, shortest=-math.inf)
    if length < 0:
        raise slicing.beyond(first, length, self.shape[dim])
    return slice_kernel(self, dim, first, first + length, 1).copy(order="C")


derivative(
    "NarrowCopyBackward0",
    of=_narrow_copy,
    forward="linear",
    # a start counted from the end, too, as torch has it
    self=lambda grad, self_shape, dim, start, length: slicing.slice_back(
        grad, self_shape, dim, start, start + length, 1
    ),
)


@composite("narrow_copy")
def narrow_copy(self, dim: int, start: int, length: int):
    """A copy of what `narrow` gives."""
    if dim >= self._a.ndim > 0:
        raise RuntimeError(
            "Expected dim < static_cast<int64_t>(self_sizes.size()) to be true, but got false.  (Could this error "
            "message be improved?  If so, please report an enhancement request to PyTorch.)"
        )
    return _narrow_copy(self, dim, start, length)


class AsStridedBackward0_copy(AsStridedBackward0):  # noqa: N801 - torch's name
    """The node of as_strided_copy."""

    __slots__ = ()
    label = "AsStridedBackward0_copy"


@composite("as_strided_copy", method=False)
def as_strided_copy(self: Tensor, size: Any, stride: Any, storage_offset: int | None = None):
    """A copy of what `as_strided` gives."""
    made = strided_window(self._a, tuple(size), tuple(stride), storage_offset)
    out = dispatch.recorded(self, made.copy(order="C"), AsStridedBackward0_copy(self, made, storage_offset))
    if dispatch.tangents:
        dispatch.tangents[0].after_strided_copy(out, self, (size, stride, storage_offset))
    return out


@op("_detach_copy", promote="keep", numbers=False)
def _plain_copy(self):
    return self.copy()


_detached = recorded_opaquely("detach_copy", _plain_copy)


@composite("detach_copy", method=False)
def detach_copy(input: Tensor):
    """A copy, through which torch has no gradient, though it is recorded."""
    return _detached(input)
