"""multi_head_attention_forward of nn.functional, composed as torch composes it.

What may live here: its steps (checks, projections, masks, heads) and the function.
"""

from __future__ import annotations

import math
import warnings
from typing import Any, NamedTuple

from minigrad.dtypes import dtype
from minigrad.filling import zeros, zeros_like
from minigrad.ops.attention import dropped
from minigrad.ops.joining import cat
from minigrad.ops.linear import linear
from minigrad.ops.loss_forms import functional
from minigrad.ops.products import bmm
from minigrad.registry import FUNCTIONS
from minigrad.tensor import Tensor

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


# -- checks ---------------------------------------------------------------------------------------------


def _require(holds: bool, complaint: str) -> None:
    """torch asserts what it asks of its caller here."""
    if not holds:
        raise AssertionError(complaint)


def _is_batched(query: Any, key: Any, value: Any, padding: Any, mask: Any, heads: int) -> bool:
    """Whether there is a batch dimension. AssertionError for ranks that do not go together."""
    rank = query.dim()
    _require(
        rank in (2, 3), f"query should be unbatched 2D or batched 3D tensor but received {rank}-D query tensor"
    )
    kind = "batched" if rank == 3 else "unbatched"
    found = f"{key.dim()}-D and {value.dim()}-D tensors respectively"
    _require(
        key.dim() == value.dim() == rank,
        f"For {kind} ({rank}-D) `query`, expected `key` and `value` to be {rank}-D but found {found}",
    )
    for name, given, wanted in (("key_padding_mask", padding, (rank - 1,)), ("attn_mask", mask, (2, 3))):
        if given is not None:
            shown = f"`None` or {rank - 1}-D" if len(wanted) == 1 else "`None`, 2-D or 3-D"
            _require(
                given.dim() in wanted,
                f"For {kind} ({rank}-D) `query`, expected `{name}` to be {shown} but found {given.dim()}-D tensor "
                "instead",
            )
    if rank == 2 and mask is not None and mask.dim() == 3:
        expected = (heads, query.shape[0], key.shape[0])
        _require(mask.shape == expected, f"Expected `attn_mask` shape to be {expected} but got {mask.shape}")
    return bool(rank == 3)


def _added(mask: Any, name: str, target: dtype, other: Any = None) -> Any:
    """A mask as what is added to products: of bools, minus infinity where it holds."""
    if mask is None:
        return None
    floats = mask.is_floating_point()
    _require(mask._a.dtype.kind == "b" or floats, f"only bool and floating types of {name} are supported")
    if other is not None and mask.dtype != other.dtype:
        warnings.warn(
            f"Support for mismatched {name} and attn_mask is deprecated. Use same type for both instead.",
            stacklevel=3,
        )
    return mask if floats else zeros_like(mask, dtype=target).masked_fill_(mask, -math.inf)


def _checked_mask(mask: Any, target: int, source: int, batch: int, heads: int) -> Any:
    """With three dimensions, of the sizes that fit."""
    if mask is None:
        return None
    two, three = (target, source), (batch * heads, target, source)
    for rank, wanted in ((2, two), (3, three)):
        if mask.dim() == rank and mask.shape != wanted:
            raise RuntimeError(f"The shape of the {rank}D attn_mask is {mask.shape}, but should be {wanted}.")
    return mask.unsqueeze(0) if mask.dim() == 2 else mask


# -- projections ----------------------------------------------------------------------------------------


def _unpacked(projected: Any, count: int, size: int) -> Any:
    """What one projection made of so many side by side, one after the other."""
    apart = projected.unflatten(-1, (count, size)).unsqueeze(0)
    return apart.transpose(0, -2).squeeze(-2).contiguous()


def _projected_together(query: Any, key: Any, value: Any, weight: Any, bias: Any) -> tuple[Any, Any, Any]:
    """By one matrix for all three, in as few products as the operands allow."""
    size = query.size(-1)
    if key is value and query is key:
        packed = _unpacked(linear(query, weight, bias), 3, size)
        return packed[0], packed[1], packed[2]
    if key is value:
        for_query, for_both = weight.split([size, size * 2])
        biases = (None, None) if bias is None else bias.split([size, size * 2])
        first = linear(query, for_query, biases[0])
        packed = _unpacked(linear(key, for_both, biases[1]), 2, size)
        return first, packed[0], packed[1]
    first, second, third = weight.chunk(3)
    biases = (None,) * 3 if bias is None else bias.chunk(3)
    return _each((query, key, value), (first, second, third), biases)


def _each(operands: Any, weights: Any, biases: Any) -> tuple[Any, Any, Any]:
    first, second, third = map(linear, operands, weights, biases)
    return first, second, third


def _projected_apart(operands: Any, weights: Any, biases: Any) -> tuple[Any, Any, Any]:
    """By a matrix each."""
    size = operands[0].size(-1)
    names = ("query", "key", "value")
    for name, x, weight in zip(names, operands, weights, strict=True):
        wanted = (size, x.size(-1))
        _require(weight.shape == wanted, f"expecting {name} weights shape of {wanted}, but got {weight.shape}")
    for name, bias in zip(names, biases, strict=True):
        if bias is not None:
            _require(bias.shape == (size,), f"expecting {name} bias shape of {(size,)}, but got {bias.shape}")
    return _each(operands, weights, biases)


def _projected(operands: Any, packed: Any, bias: Any, weights: Any, separate: bool) -> tuple[Any, Any, Any]:
    if not separate:
        _require(packed is not None, "use_separate_proj_weight is False but in_proj_weight is None")
        query, key, value = operands
        return _projected_together(query, key, value, packed, bias)
    for name, weight in zip("qkv", weights, strict=True):
        _require(weight is not None, f"use_separate_proj_weight is True but {name}_proj_weight is None")
    return _projected_apart(operands, weights, (None,) * 3 if bias is None else bias.chunk(3))


# -- heads ----------------------------------------------------------------------------------------------


class _Heads(NamedTuple):
    """How many heads of which size, for batches of which size."""

    batch: int
    each: int
    size: int

    @property
    def all(self) -> int:
        return self.batch * self.each

    def apart(self, x: Any) -> Any:
        """(length, batch, size of all) as (batch times heads, length, size of one)."""
        return x.view(x.shape[0], self.all, self.size).transpose(0, 1)

    def given(self, x: Any, name: str) -> Any:
        """A key or value that the caller has made already."""
        _require(x.size(0) == self.all, f"expecting {name}.size(0) of {self.all}, but got {x.size(0)}")
        _require(x.size(2) == self.size, f"expecting {name}.size(2) of {self.size}, but got {x.size(2)}")
        return x


def _wider(*masks: Any) -> list[Any]:
    """Masks with a column for one more key."""
    return [None if mask is None else FUNCTIONS["nn.functional.pad"](mask, (0, 1)) for mask in masks]


def _merged(mask: Any, padding: Any, heads: _Heads, source: int) -> Any:
    """The mask of keys that are padding added to that of pairs."""
    if padding is None:
        return mask
    for d, wanted in enumerate((heads.batch, source)):
        _require(
            padding.shape[d] == wanted,
            f"Expected key_padded_mask.shape[{d}] to be {wanted}, but got {padding.shape[d]}",
        )
    spread = padding.view(heads.batch, 1, 1, source).expand(-1, heads.each, -1, -1)
    spread = spread.reshape(heads.all, 1, source)
    return spread if mask is None else mask + spread


def _with_weights(q: Any, k: Any, v: Any, mask: Any, dropout_p: float) -> tuple[Any, Any]:
    """What every query attends to, and how much."""
    scaled = q * math.sqrt(1.0 / float(q.shape[-1]))
    turned = k.transpose(-2, -1)
    scores = bmm(scaled, turned) if mask is None else FUNCTIONS["baddbmm"](mask, scaled, turned)
    weights = FUNCTIONS["nn.functional.softmax"](scores, dim=-1)
    if dropout_p > 0:
        weights = dropped(weights, dropout_p)
    return bmm(weights, v), weights


def _without_weights(q: Any, k: Any, v: Any, mask: Any, dropout_p: float, is_causal: bool, heads: _Heads) -> Any:
    source = k.size(1)
    if mask is not None:
        alone = mask.size(0) == 1 and mask.dim() == 3
        mask = mask.unsqueeze(0) if alone else mask.view(heads.batch, heads.each, -1, source)
    q, k, v = (x.view(heads.batch, heads.each, x.size(1), heads.size) for x in (q, k, v))
    attend = FUNCTIONS["nn.functional.scaled_dot_product_attention"]
    return attend(q, k, v, mask, dropout_p, is_causal).permute(2, 0, 1, 3)


@functional("multi_head_attention_forward")
def multi_head_attention_forward(
    query: Tensor, key: Tensor, value: Tensor, embed_dim_to_check: int, num_heads: int, in_proj_weight: Any,
    in_proj_bias: Any, bias_k: Any, bias_v: Any, add_zero_attn: bool, dropout_p: float, out_proj_weight: Tensor,
    out_proj_bias: Any, training: bool = True, key_padding_mask: Any = None, need_weights: bool = True,
    attn_mask: Any = None, use_separate_proj_weight: bool = False, q_proj_weight: Any = None,
    k_proj_weight: Any = None, v_proj_weight: Any = None, static_k: Any = None, static_v: Any = None,
    average_attn_weights: bool = True, is_causal: bool = False,
) -> tuple[Any, Any]:  # fmt: skip
    """What `nn.MultiheadAttention` computes: (attention, weights or None), lengths first and batch second."""
    batched = _is_batched(query, key, value, key_padding_mask, attn_mask, num_heads)
    if not batched:
        query, key, value = (x.unsqueeze(1) for x in (query, key, value))
        key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
    target, batch, size = query.shape
    padding = _added(key_padding_mask, "key_padding_mask", query.dtype, attn_mask)
    mask, is_causal = _pair_mask(attn_mask, padding, is_causal, need_weights, query.dtype)
    heads = _heads(query, key, value, batch, num_heads, embed_dim_to_check, use_separate_proj_weight)
    matrices = (q_proj_weight, k_proj_weight, v_proj_weight)
    q, k, v = _projected((query, key, value), in_proj_weight, in_proj_bias, matrices, use_separate_proj_weight)
    mask = _checked_mask(mask, target, key.shape[0], batch, num_heads)
    if bias_k is not None and bias_v is not None:
        _require(static_k is None, "bias cannot be added to static key.")
        _require(static_v is None, "bias cannot be added to static value.")
        k, v = (cat([x, one.repeat(1, batch, 1)]) for x, one in ((k, bias_k), (v, bias_v)))
        mask, padding = _wider(mask, padding)
    else:
        _require(bias_k is None, "bias_k is set but bias_v is None")
        _require(bias_v is None, "bias_v is set but bias_k is None")
    q = heads.apart(q)
    k = heads.apart(k) if static_k is None else heads.given(static_k, "static_k")
    v = heads.apart(v) if static_v is None else heads.given(static_v, "static_v")
    if add_zero_attn:
        k, v = (cat([x, zeros((heads.all, 1, heads.size), dtype=x.dtype)], dim=1) for x in (k, v))
        mask, padding = _wider(mask, padding)
    mask = _merged(mask, padding, heads, k.size(1))
    dropout_p = dropout_p if training else 0.0
    weights: Any = None
    if need_weights:
        _require(not is_causal or mask is not None, "FIXME: is_causal not implemented for need_weights")
        found, weights = _with_weights(q, k, v, mask, dropout_p)
        found = found.transpose(0, 1)
    else:
        found = _without_weights(q, k, v, mask, dropout_p, is_causal, heads)
    out = linear(found.reshape(target * batch, size), out_proj_weight, out_proj_bias)
    out = out.view(target, batch, out.size(1))
    if weights is not None:
        weights = weights.view(batch, num_heads, target, k.size(1))
        weights = weights.mean(dim=1) if average_attn_weights else weights
    if batched:
        return out, weights
    return out.squeeze(1), None if weights is None else weights.squeeze(0)


def _pair_mask(mask: Any, padding: Any, is_causal: bool, need_weights: bool, target: dtype) -> tuple[Any, bool]:
    """The mask of pairs, and whether it is still only a hint that says causal."""
    if is_causal and mask is None:
        raise RuntimeError(
            "Need attn_mask if specifying the is_causal hint. You may use the Transformer module method "
            "`generate_square_subsequent_mask` to create this mask."
        )
    if is_causal and padding is None and not need_weights:
        return None, True
    return _added(mask, "attn_mask", target), is_causal and padding is None


def _heads(
    query: Any, key: Any, value: Any, batch: int, count: int, expected: int, separate: bool
) -> _Heads:
    """How the last dimension is divided. AssertionError where it is not what was promised."""
    size = query.shape[-1]
    _require(size == expected, f"was expecting embedding dimension of {expected}, but got {size}")
    _require(size // count * count == size, f"embed_dim {size} not divisible by num_heads {count}")
    if separate:
        _require(
            key.shape[:2] == value.shape[:2],
            f"key's sequence and batch dims {key.shape[:2]} do not match value's {value.shape[:2]}",
        )
    else:
        _require(key.shape == value.shape, f"key shape {key.shape} does not match value shape {value.shape}")
    return _Heads(batch, count, size // count)
