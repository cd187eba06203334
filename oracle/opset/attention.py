"""Attention: fused, composed, with several heads.

What may live here: one line per op, and rules that serve ops of this file alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oracle.opset.metas import Meta, broadcast, meta
from oracle.opset.params import choice, flag, joint
from oracle.opset.spec import Operand, OpSpec, rule

FLOATS = ("float32", "float64")


def _keys(query: Meta) -> Sequence[Meta]:
    if query.rank < 2:
        return (query,)
    *lead, _, size = query.shape
    return (meta((*lead, 3, size), query.dtype), query)


def _masks(query: Meta, key: Meta, _: Meta) -> Sequence[Meta]:
    if min(query.rank, key.rank) < 2:
        return (query,)
    return (meta((query.shape[-2], key.shape[-2]), query.dtype),)


def _attended(query: Meta, key: Meta, value: Meta, mask: Meta | None, is_causal: bool) -> Meta | None:
    if query.rank < 2 or query.dtype not in FLOATS or not query.numel or not key.numel:
        return None
    if key.dtype != query.dtype or value.dtype != query.dtype or key.shape != value.shape:
        return None
    if key.shape[:-2] != query.shape[:-2] or key.shape[-1] != query.shape[-1] or (is_causal and mask is not None):
        return None
    if mask is not None:
        scores = (*query.shape[:-1], key.shape[-2])
        if mask.rank != 2 or mask.dtype != query.dtype or broadcast(mask.shape, scores) != scores:
            return None
    return query


def _attending(shape: tuple[int, ...], rank: int) -> Any:
    """For operands of this rank, made of this shape where there are none: four dimensions are fused."""

    @rule(
        Operand("query", fresh=meta(shape, "float32")),
        Operand("key", likes=_keys),
        Operand("value", likes=lambda query, key: (key,)),
        Operand("attn_mask", likes=_masks, optional=True),
        flag("is_causal", keyword="must"),
        choice("scale", 0.5, -0.5, default=None, keyword="must"),
    )
    def attended(
        query: Meta, key: Meta, value: Meta, mask: Meta | None, is_causal: bool, scale: float | None
    ) -> Meta | None:
        return _attended(query, key, value, mask, is_causal) if query.rank == rank else None

    return attended


def _sources(query: Meta) -> Sequence[Meta]:
    return (query, meta((3, *query.shape[1:]), query.dtype)) if query.rank == 3 else (query,)


def _weights(query: Meta, *_: Meta) -> Sequence[Meta]:
    size = query.shape[-1] if query.rank else 0
    return (meta((3 * size, size), query.dtype),)


def _outputs(query: Meta, *_: Meta) -> Sequence[Meta]:
    size = query.shape[-1] if query.rank else 0
    return (meta((size, size), query.dtype),)


def _bias(weight_at: int) -> Any:
    return lambda *before: (meta(before[weight_at].shape[:1], before[weight_at].dtype),)


@rule(
    Operand("query", made=lambda: (meta((2, 1, 2), "float32"), meta((3, 2, 2), "float64"))),
    Operand("key", likes=_sources),
    Operand("value", likes=lambda query, key: (key,)),
    joint("embed_dim_to_check", lambda query, *_: tuple((query.shape[-1], n) for n in (2, 1)) if query.rank else ()),
    Operand("in_proj_weight", likes=_weights),
    Operand("in_proj_bias", likes=_bias(3), optional=True),
    joint("bias_k", lambda *_: ((None, None, False, 0.0), (None, None, True, 0.0))),
    Operand("out_proj_weight", likes=_outputs),
    Operand("out_proj_bias", likes=_bias(5), optional=True),
    choice("average_attn_weights", False, default=True, keyword="must"),
)
def with_heads(
    query: Meta, key: Meta, value: Meta, how: tuple[int, int], inner: Meta, bias: Meta | None, more: tuple[Any, ...],
    outer: Meta, last: Meta | None, average: bool,
) -> tuple[Meta, ...] | None:  # fmt: skip
    if query.rank != 3 or query.dtype not in FLOATS or not query.numel or not key.numel or key.shape != value.shape:
        return None
    length, batch, size = query.shape
    heads = how[1]
    if key.shape[1:] != query.shape[1:] or size % heads or inner.shape != (3 * size, size):
        return None
    fits = outer.shape == (size, size) and all(b is None or b.shape == (n * size,) for b, n in ((bias, 3), (last, 1)))
    if not fits or any(one is not None and one.dtype != query.dtype for one in (key, value, inner, bias, outer, last)):
        return None
    source = key.shape[0] + more[2]
    lead = (batch,) if average else (batch, heads)
    return query, meta((*lead, length, source), query.dtype)


LOOSE: dict[str, Any] = {"forms": ("call",), "tolerance": "cancelling", "dense": False}
SPECS = (
    OpSpec("nn.functional.scaled_dot_product_attention", infer=_attending((1, 1, 2, 2), 4), forward=False, **LOOSE),
    OpSpec(
        "nn.functional.scaled_dot_product_attention", infer=_attending((2, 2, 2), 3), overload="composed", **LOOSE
    ),
    # the second result, the weights, knows nothing of the values; its query is made for the call, since chains of
    # softmaxes of products leave gradients of roundings alone
    OpSpec("nn.functional.multi_head_attention_forward", infer=with_heads, outs="many", grad="refused", **LOOSE),
)
