"""scaled_dot_product_attention: by one fused op where torch has it so, else composed of products and a softmax.

What may live here: the choice between the two ways, and both. Attention with several heads is in `multi_head`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.draws import kept
from minigrad.dtypes import C_NAMES
from minigrad.memory import allocate, dense_strides, strides_of
from minigrad.ops import elementary
from minigrad.ops.arithmetic import over, times
from minigrad.ops.carriers import HALF, SINGLE
from minigrad.ops.conversion import cast
from minigrad.ops.native_forms import FUNCTIONAL, native
from minigrad.ops.products import matmul
from minigrad.ops.softmax import softmax_along, softmax_backward, total
from minigrad.ops.undifferentiated import recorded_opaquely
from minigrad.registry import derivative, inplace_of, op
from minigrad.tensor import Tensor, wrap

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def _scale(query: Any, scale: float | None) -> float:
    """What products are multiplied by: the root of the length of a vector, inverted, if nothing was asked for."""
    size = query.shape[-1]
    return (1.0 / math.sqrt(size) if size else math.inf) if scale is None else scale


# -- fused ----------------------------------------------------------------------------------------------


def _scores(query: Any, key: Any, attn_mask: Any, scale: float | None) -> Any:
    """Scaled products with what the mask adds; heads of the key stand for as many of the query."""
    scores = np.matmul(query, key.swapaxes(-1, -2)) * query.dtype.type(_scale(query, scale))
    if attn_mask is not None:
        scores = scores + attn_mask.astype(query.dtype, copy=False)
    return scores


def _without_future(found: Any, value: Any) -> Any:
    """Where the key comes after the query, this value."""
    rows, columns = np.indices(found.shape[-2:])
    return np.where(columns > rows, found.dtype.type(value), found)


def _widened(query: Any, *others: Any) -> Any:
    """Operands in the precision of the kernel, those with fewer heads repeated."""
    kind = SINGLE if query.dtype == HALF else query.dtype
    out = [query.astype(kind, copy=False)]
    for x in others:
        repeats = query.shape[1] // x.shape[1] if x.shape[1] else 1
        out.append(np.repeat(x.astype(kind, copy=False), repeats, 1))
    return out


@op("__scaled_dot_product_flash_attention_for_cpu", promote="keep", numbers=False, outs=("output", "logsumexp"))
def fused_op(
    query, key, value, dropout_p: float = 0.0, is_causal: bool = False, attn_mask=None, scale: Any = None
):
    q, k, v = _widened(query, key, value)
    scores = _scores(q, k, attn_mask, scale)
    if is_causal:  # which torch does before it scales
        scores = _without_future(scores, -np.inf * _scale(q, scale))
    highest = np.fmax.reduce(scores, -1, keepdims=True, initial=-np.inf)  # as its loop for a few keys passes over nan
    unseen = highest == -np.inf
    highest = np.where(unseen, 0, highest)
    raised = np.where(unseen, 0, elementary.exp(scores - highest))
    sums = raised.sum(-1, keepdims=True)
    nothing = sums == 0  # every key is masked
    chances = raised if q.dtype == query.dtype else raised.astype(query.dtype).astype(q.dtype)
    found = np.matmul(chances, v) / np.where(nothing, 1, sums)
    out = allocate(query.shape, query.dtype, dense_strides(query.shape, strides_of(query)), zero=False)
    out[...] = found
    logs = np.where(nothing, 0, highest + elementary.log(np.where(nothing, 1, sums)))[..., 0]
    return [out, np.ascontiguousarray(logs, q.dtype)]


def _rows_first(made: Any, like: Any) -> Any:
    """In the memory that torch's kernel makes: (batch, length, heads, size), seen with heads second."""
    batch, heads, length, size = like.shape
    strides = (length * heads * size, size, heads * size, 1)
    out = allocate(like.shape, like.dtype, tuple(max(s, 1) for s in strides), zero=False)
    out[...] = made if made.shape == like.shape else made.reshape(batch, heads, -1, length, size).sum(2)
    return out


@op("__scaled_dot_product_flash_attention_for_cpu_backward", several=True, promote="keep", numbers=False)
def fused_back(
    grad_out, query, key, value, out, logsumexp, dropout_p: float, is_causal: bool, attn_mask=None, scale: Any = None
):
    q, k, v, grad, found = _widened(query, key, value, grad_out, out)
    chances = elementary.exp(_scores(q, k, attn_mask, scale) - logsumexp[..., None])
    if is_causal:
        chances = _without_future(chances, 0)
    to_value = np.matmul(chances.swapaxes(-1, -2), grad)
    slopes = np.matmul(grad, v.swapaxes(-1, -2)) - (grad * found).sum(-1, keepdims=True)
    to_scores = chances * slopes * q.dtype.type(_scale(query, scale))
    to_query, to_key = np.matmul(to_scores, k), np.matmul(to_scores.swapaxes(-1, -2), q)
    return [_rows_first(*pair) for pair in ((to_query, query), (to_key, key), (to_value, value))]


_back = recorded_opaquely("_scaled_dot_product_flash_attention_for_cpu_backward", fused_back)


def _gradients(
    grad, query, key, value, output, logsumexp, dropout_p, is_causal, attn_mask, scale, wanted
):  # fmt: skip
    made = _back(grad, query, key, value, output, logsumexp, dropout_p, is_causal, attn_mask, scale)
    return [one if want else None for one, want in zip(made, wanted, strict=True)]


derivative(
    "ScaledDotProductFlashAttentionForCpuBackward0",
    of=fused_op,
    forward=None,
    joint=(("query", "key", "value"), _gradients),
)


def _mask_fits(query: Any, key: Any, mask: Tensor | None) -> bool:
    if mask is None:
        return True
    if mask.requires_grad:
        return False
    shape = mask._a.shape
    if mask.size(-2) not in (1, query.shape[2]) or mask.size(-1) not in (1, key.shape[2]):
        return False
    lead = len(shape) == 4 and shape[0] in (1, query.shape[0]) and shape[1] in (1, query.shape[1])
    return lead or len(shape) == 2


def _can_be_fused(query: Any, key: Any, value: Any, mask: Tensor | None, dropout_p: float, gqa: bool) -> bool:
    """Whether torch's fused kernel takes these."""
    q, k, v = query._a, key._a, value._a
    if any(a.ndim != 4 for a in (q, k, v)) or q.dtype.kind != "f" or dropout_p > 0:
        return False
    heads = q.shape[1] == k.shape[1] or (gqa and k.shape[1] > 0 and not q.shape[1] % k.shape[1])
    alike = q.shape[0] == k.shape[0] and q.shape[3] == k.shape[3] and k.shape == v.shape
    whole = all(strides_of(a)[-1] == 1 for a in (q, k, v))
    return heads and alike and whole and min(q.shape[2], k.shape[2]) > 0 and _mask_fits(q, k, mask)


# -- composed -------------------------------------------------------------------------------------------


@op("__safe_softmax", promote="keep", numbers=False)
def safe_softmax(self, dim: int):
    made = softmax_along(self, dim)
    masked = (self == -np.inf).all(axis=dim, keepdims=True)
    return np.where(masked, self.dtype.type(0), made) if masked.any() else made


derivative(
    "SafeSoftmaxBackward0",
    of=safe_softmax,
    forward=lambda self_t, result, dim: result * (self_t - total(result * self_t, dim)),
    self=lambda grad, result, dim: softmax_backward(grad, result, dim),
)


def _repeated(query: Any, key: Any, value: Any) -> tuple[Any, Any]:
    """Heads of key and value as often as the query has them."""
    heads = query.size(-3)
    if key.size(-3) == value.size(-3) == heads:
        return key, value
    if heads % key.size(-3) or heads % value.size(-3):
        raise RuntimeError("Number of heads in key and value must divide the number of heads in ")
    one, two = (
        x if x.size(-3) == heads else x.repeat_interleave(heads // x.size(-3), -3) for x in (key, value)
    )
    return one, two


def _composed(
    query: Any, key: Any, value: Any, mask: Any, dropout_p: float, is_causal: bool, scale: Any, gqa: bool
) -> Any:
    kind = query._a.dtype
    if kind == HALF:
        query, key, value = (cast(x, SINGLE) for x in (query, key, value))
    factor = math.sqrt(abs(_scale(query._a, scale)))
    query = times(query, -factor if scale is not None and scale < 0 else factor)
    if is_causal:
        if mask is not None:
            raise RuntimeError(
                "_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True"
            )
        mask = _added(wrap(np.tril(np.ones((query.size(-2), key.size(-2)), np.bool_))), query._a.dtype)
    if gqa:
        key, value = _repeated(query, key, value)
    scores = matmul(query, times(key.transpose(-2, -1), factor))
    if mask is not None:
        scores.add_(mask)
    chances = dropped(safe_softmax(scores, -1), dropout_p)
    out = matmul(chances, value)
    return cast(out, kind) if kind == HALF else out


def dropped(x: Any, p: float) -> Any:
    """With each element dropped with this probability, and the others scaled up."""
    if p > 1:
        raise RuntimeError(f"dropout probability has to be between 0 and 1, but got {p}")
    if p <= 0 or not x._a.size:
        return x
    if p == 1:
        return x * wrap(np.zeros((), x._a.dtype))
    noise = wrap(kept(x._a.size, 1 - p).reshape(x._a.shape).astype(x._a.dtype))
    inplace_of(over)(noise, 1 - p)
    return x * noise


def _added(mask: Any, kind: Any) -> Any:
    """What a mask of bools adds to products: nothing where it holds, minus infinity elsewhere."""
    return wrap(np.where(mask._a, kind.type(0), kind.type(-np.inf)))


def _of_nothing(query: Any, key: Any, value: Any) -> Any:
    """torch keeps the graph together where there is nothing to attend to."""
    zeros = wrap(np.zeros((*query._a.shape[:-1], value._a.shape[-1]), query._a.dtype))
    return zeros + times(query.sum() + key.sum() + value.sum(), 0)


def _check(query: Any, key: Any, value: Any, mask: Any) -> None:
    """What torch refuses of both ways."""
    named = {"query": query._a, "key": key._a, "value": value._a}
    if len({a.dtype for a in named.values()}) > 1:
        q, k, v = (f"{name}.dtype: {C_NAMES[a.dtype.name]}" for name, a in named.items())
        raise RuntimeError(f"Expected query, key, and value to have the same dtype, but got {q} {k} and {v} instead.")
    if any(a.ndim < 2 for a in named.values()):
        q, k, v = (f"{name}.dim: {a.ndim}" for name, a in named.items())
        raise RuntimeError(
            f"Expected query, key, and value to all be  at least 2 dimensional, but got {q} {k} and {v} instead."
        )
    if mask is not None and mask._a.dtype not in (np.bool_, SINGLE, query._a.dtype):
        raise RuntimeError(
            "Expected attn_mask dtype to be bool or float or to match query dtype, but got attn_mask.dtype: "
            f"{C_NAMES[mask._a.dtype.name]} and  query.dtype: {C_NAMES[query._a.dtype.name]} instead."
        )


@native(
    "scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor attn_mask = None, "
    "float dropout_p = 0.0, bool is_causal = False, *, float scale = None, bool enable_gqa = False)",
    FUNCTIONAL,
)
def scaled_dot_product_attention(
    query: Any, key: Any, value: Any, attn_mask: Any = None, dropout_p: float = 0.0, is_causal: bool = False,
    scale: Any = None, enable_gqa: bool = False,
) -> Any:  # fmt: skip
    """`softmax(query @ key.mT * scale + attn_mask) @ value`, without the rows whose keys are all masked."""
    _check(query, key, value, attn_mask)
    if not (query._a.size and key._a.size and value._a.size):
        return _of_nothing(query, key, value)
    fused = _can_be_fused(query, key, value, attn_mask, dropout_p, enable_gqa)
    if attn_mask is not None and attn_mask._a.dtype.kind == "b":
        attn_mask = _added(attn_mask, query._a.dtype)
    if not fused:
        return _composed(query, key, value, attn_mask, dropout_p, is_causal, scale, enable_gqa)
    if dropout_p < 0:
        raise RuntimeError("scaled_dot_product_attention_flash_attention: Currently do not support dropout > 0")
    return fused_op(query, key, value, dropout_p, is_causal, attn_mask, scale)[0]
