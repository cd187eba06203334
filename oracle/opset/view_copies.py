"""Copies of views: the `*_copy` form of each view op, by the rule of the view where torch's agree.

What may live here: one line per such op, and rules of this file alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oracle.opset.copies import CALL, COPY
from oracle.opset.metas import COMPLEX, Meta, meta
from oracle.opset.params import by_shape, expansions, joint, views_of
from oracle.opset.rules import SELF, same
from oracle.opset.shape import (
    expanded,
    matrix_transposed,
    narrowed,
    selected,
    sliced_size,
    split_evenly,
    squeezed,
    transposed,
    unbound,
    unsqueezed,
    viewed,
)
from oracle.opset.spec import OpSpec, Param, Rule, rule
from oracle.opset.views import (
    as_pairs,
    diagonal_of,
    orders,
    permuted,
    restrided,
    split_by_sizes,
    unfolded,
)
from oracle.program.language import Slice


@rule(*selected.parameters)
def selected_real(x: Meta, where: Any) -> Meta | None:
    result = selected.infer(x, where)
    return result if isinstance(result, Meta) and result.category < COMPLEX else None


@rule(*narrowed.parameters)
def narrowed_forward(x: Meta, where: Any) -> Meta | None:
    """From the front only: torch's gradient is zero where the start counts from the back."""
    result = narrowed.infer(x, where)
    return result if isinstance(result, Meta) and where[1] >= 0 else None


@by_shape
def _slices(x: Meta) -> Sequence[tuple[Any, ...]]:
    """(dim, start, end, step), with what is left out at the end."""
    ends = ((), (0,), (0, 1), (0, None, 2), (-1, None, None, 2), (0, 0, 0), (-1, 0, -1), (0, 1, 99))
    return ends if x.rank else ()


@rule(SELF, joint("dim", _slices, wrong=lambda x: ((x.rank,), (0, 0, 1, 0))))
def sliced(x: Meta, how: tuple[Any, ...]) -> Meta | None:
    whole: tuple[Any, ...] = (0, None, None, 1)
    d, start, end, step = (*how, *whole[len(how) :])
    d, size = d % x.rank, sliced_size(Slice(start, end, step), x.shape[d])
    if x.category == COMPLEX:
        return None  # torch refuses those that require grad
    return meta((*x.shape[:d], size, *x.shape[d + 1 :]), x.dtype)


PLAIN: dict[str, Any] = {"forms": ("call",), "tolerance": "exact"}

SPECS = (
    OpSpec("t_copy", infer=matrix_transposed, **CALL),
    OpSpec("transpose_copy", infer=transposed, **CALL),
    OpSpec("permute_copy", infer=Rule((SELF, Param("dims", orders)), permuted.infer), **CALL),
    OpSpec("select_copy", infer=selected_real, **CALL),
    OpSpec("narrow_copy", infer=narrowed_forward, **COPY),
    OpSpec("squeeze_copy", infer=squeezed, **CALL),
    OpSpec("unsqueeze_copy", infer=unsqueezed, **CALL),
    OpSpec("unbind_copy", infer=unbound, outs="many", **PLAIN),
    OpSpec("diagonal_copy", infer=diagonal_of, **CALL),
    OpSpec("alias_copy", infer=same, **CALL),
    OpSpec("detach_copy", infer=same, grad="refused", forward=False, **PLAIN),
    OpSpec("view_copy", infer=Rule((SELF, Param("size", views_of)), viewed.infer), **CALL),
    OpSpec("expand_copy", infer=Rule((SELF, Param("size", expansions)), expanded.infer), **CALL),
    OpSpec("as_strided_copy", infer=restrided, needs_dense=True, **CALL),
    OpSpec("slice_copy", infer=sliced, **CALL),
    OpSpec("unfold_copy", infer=unfolded, **CALL),
    OpSpec("split_copy", infer=split_evenly, outs="many", **PLAIN),
    OpSpec("split_with_sizes_copy", infer=split_by_sizes, outs="many", **PLAIN),
    OpSpec("view_as_real_copy", infer=as_pairs, **PLAIN),
)
