"""Attention beside torch's: the fused op and what takes its place, masks, groups of heads, projections, refusals.

What may live here: tables of calls, held against torch while the tests run.
"""

from __future__ import annotations

import pytest
import torch

import minigrad
from tests.minigrad.layers import close, refusal
from tests.minigrad.side_by_side import lines

CALLS = lines("""
F.scaled_dot_product_attention(x(2,3,4,5),x(2,3,4,5),x(2,3,4,5))
F.scaled_dot_product_attention(x(1,2,3,4),x(1,2,5,4),x(1,2,5,4))
F.scaled_dot_product_attention(x(1,2,3,4),x(1,2,5,4),b(1,2,5,4),is_causal=True)
F.scaled_dot_product_attention(b(1,2,3,4),x(1,2,5,4),x(1,2,5,4),b(3,5)-1)
F.scaled_dot_product_attention(x(1,2,3,4),x(1,2,5,4),x(1,2,5,4),b(1,2,3,5)>0.7)
F.scaled_dot_product_attention(x(1,2,3,4),x(1,2,5,4),x(1,2,5,4),b(3,1)>9,scale=0.3)
F.scaled_dot_product_attention(x(1,2,3,4),x(1,2,5,4),x(1,2,5,4),b(3,5)>0.7,is_causal=True)
F.scaled_dot_product_attention(x(1,4,3,2),x(1,2,5,2),x(1,2,5,2),enable_gqa=True)
F.scaled_dot_product_attention(x(1,3,2,4).transpose(1,2),x(1,3,2,4).transpose(1,2),x(1,3,2,4).transpose(1,2))
F.scaled_dot_product_attention(x(1,2,3,4),x(1,2,5,4),x(1,2,5,4),scale=-0.5)
F.scaled_dot_product_attention(x(0,2,3,4),x(0,2,5,4),x(0,2,5,4))
F.scaled_dot_product_attention(b(1,2,3,4).half(),b(1,2,3,4).half(),b(1,2,3,4).half()).float()
F.scaled_dot_product_attention(x(3,4),x(5,4),x(5,4))
F.scaled_dot_product_attention(x(2,3,4),x(2,5,4),x(2,5,6))
F.scaled_dot_product_attention(x(2,3,4),x(2,5,4),x(2,5,4),x(3,5))
F.scaled_dot_product_attention(x(2,3,4),x(2,5,4),x(2,5,4),b(3,5)>0.7)
F.scaled_dot_product_attention(x(2,3,4),x(2,5,4),x(2,5,4),b(3,5)>9)
F.scaled_dot_product_attention(x(2,3,4),x(2,5,4),x(2,5,4),is_causal=True)
F.scaled_dot_product_attention(x(2,3,4),x(2,5,4),x(2,5,4),scale=-0.5)
F.scaled_dot_product_attention(x(2,3,4),x(2,5,4),x(2,5,4),dropout_p=1.0)
F.scaled_dot_product_attention(x(4,3,2),x(2,5,2),x(2,5,2),enable_gqa=True)
F.scaled_dot_product_attention(x(1,2,3,4),x(1,2,5,4),x(1,2,5,4),x(1,1,3,5))
F.scaled_dot_product_attention(x(1,2,3,4),x(1,1,5,4),x(1,1,5,4))
F.scaled_dot_product_attention(x(2,2,3,4),x(2,2,5,4),x(2,2,5,4),b(2,3,5))
F.scaled_dot_product_attention(x(1,2,4,3).transpose(2,3),x(1,2,5,4),x(1,2,5,4))
F.scaled_dot_product_attention(x(1,2,3,4),x(1,2,0,4),x(1,2,0,4))
F.scaled_dot_product_attention(b(2,3,4).half(),b(2,5,4).half(),b(2,5,4).half(),b(3,5).half()).float()
F.scaled_dot_product_attention(x(2,3,4),x(3,4),x(3,4))
M(x(3,2,4),x(5,2,4),x(5,2,4))
(lambda q: M(q,q,q))(x(3,2,4))
(lambda q,k: M(q,k,k))(x(3,2,4),x(5,2,4))
(lambda q: M(q,q,q,b=None,o=None))(x(3,2,4))
(lambda q,k: M(q,k,k,b=None))(x(3,4),x(5,4))
M(x(3,4),x(5,4),x(5,4),average_attn_weights=False)
M(x(3,2,4),x(5,2,4),x(5,2,4),need_weights=False)
M(x(3,2,4),x(5,2,4),x(5,2,4),need_weights=False,attn_mask=b(3,5)>0.7)
M(x(3,2,4),x(3,2,4),x(3,2,4),need_weights=False,attn_mask=b(3,3),is_causal=True)
M(x(3,2,4),x(5,2,4),x(5,2,4),attn_mask=b(3,5)>0.7)
M(x(3,2,4),x(5,2,4),x(5,2,4),attn_mask=b(4,3,5))
M(x(3,2,4),x(5,2,4),x(5,2,4),attn_mask=b(4,3,5),need_weights=False)
M(x(3,2,4),x(5,2,4),x(5,2,4),key_padding_mask=b(2,5)>0.9)
M(x(3,2,4),x(5,2,4),x(5,2,4),key_padding_mask=b(2,5)>0.9,attn_mask=b(3,5)>1.2,need_weights=False)
M(x(3,4),x(5,4),x(5,4),key_padding_mask=b(5)>0.9)
M(x(3,2,4),x(5,2,4),x(5,2,4),kv=(x(1,1,4),x(1,1,4)),attn_mask=b(3,5)>0.7,key_padding_mask=b(2,5)>0.9)
M(x(3,2,4),x(5,2,4),x(5,2,4),zero=True,attn_mask=b(3,5),key_padding_mask=b(2,5))
M(x(3,2,4),x(5,2,4),x(5,2,4),static_k=x(4,6,2),static_v=x(4,6,2))
M(x(3,2,4),x(5,2,3),x(5,2,6),use_separate_proj_weight=True,q_proj_weight=x(4,4),k_proj_weight=x(4,3),v_proj_weight=x(4,6))
M(x(3,2,4),x(5,2,3),x(5,2,6),b=None,use_separate_proj_weight=True,q_proj_weight=x(4,4),k_proj_weight=x(4,3),v_proj_weight=x(4,6))
M(x(3,2,4),x(5,2,4),x(5,2,4),p=1.0)
M(x(3,2,4),x(5,2,4),x(5,2,4),p=0.5,training=False)
""")
REFUSED = lines("""
F.scaled_dot_product_attention(b(1,2,3,4),b(1,2,3,4),b(1,2,3,4).float())
F.scaled_dot_product_attention(b(1,2,3,4),b(1,2,3,4).long(),b(1,2,3,4))
F.scaled_dot_product_attention(b(4),b(4),b(4))
F.scaled_dot_product_attention(b(3,4),b(4),b(3,4))
F.scaled_dot_product_attention(b(1,2,3,4),b(1,2,3,4),b(1,2,3,4),b(3,3).float())
F.scaled_dot_product_attention(b(1,2,3,4),b(1,2,3,4),b(1,2,3,4),b(3,3).long())
F.scaled_dot_product_attention(b(1,2,3,4),b(1,2,3,4),b(1,2,3,4),b(2,3))
F.scaled_dot_product_attention(b(1,2,3,4),b(1,2,3,4),b(1,2,3,4),b(3))
F.scaled_dot_product_attention(b(1,2,3,4),b(1,2,3,4),b(1,2,3,4),b(2,1,3,3))
F.scaled_dot_product_attention(b(1,2,3,4),b(1,2,3,4),b(1,2,3,4),dropout_p=1.5)
F.scaled_dot_product_attention(b(1,2,3,4),b(1,2,3,4),b(1,2,3,4),dropout_p=-0.5)
F.scaled_dot_product_attention(b(2,3,4),b(2,3,4),b(2,3,4),dropout_p=-0.5)
F.scaled_dot_product_attention(b(1,2,3,4),b(1,2,3,5),b(1,2,3,5))
F.scaled_dot_product_attention(b(1,2,3,4),b(1,3,3,4),b(1,3,3,4))
F.scaled_dot_product_attention(b(1,3,3,4),b(1,2,3,4),b(1,2,3,4),enable_gqa=True)
F.scaled_dot_product_attention(b(2,3,4),b(2,3,4),b(2,3,4),b(3,3)>0,is_causal=True)
F.scaled_dot_product_attention(b(1,2,3,4)+0j,b(1,2,3,4)+0j,b(1,2,3,4)+0j)
F.scaled_dot_product_attention(1,b(1,2,3,4),b(1,2,3,4))
F.scaled_dot_product_attention(b(1,2,3,4),b(1,2,3,4))
F.scaled_dot_product_attention(b(3,4),b(3,4),b(3,4),None,0.0,True,0.5)
F.scaled_dot_product_attention(b(3,4),b(3,4),b(3,4),is_causal=1)
M(b(4),b(5,4),b(5,4))
M(b(3,2,4),b(5,4),b(5,4))
M(b(3,4),b(5,2,4),b(5,4))
M(b(3,2,4),b(5,2,4),b(5,2,4),key_padding_mask=b(5)>0)
M(b(3,4),b(5,4),b(5,4),key_padding_mask=b(2,5)>0)
M(b(3,2,4),b(5,2,4),b(5,2,4),attn_mask=b(5)>0)
M(b(3,4),b(5,4),b(5,4),attn_mask=b(5)>0)
M(b(3,4),b(5,4),b(5,4),attn_mask=b(3,3,5)>0)
M(b(3,2,4),b(5,2,4),b(5,2,4),attn_mask=b(3,4)>0)
M(b(3,2,4),b(5,2,4),b(5,2,4),attn_mask=b(2,3,5)>0)
M(b(3,2,4),b(5,2,4),b(5,2,4),attn_mask=b(3,5).long())
M(b(3,2,4),b(5,2,4),b(5,2,4),key_padding_mask=b(2,5).long())
M(b(3,2,4),b(5,2,4),b(5,2,4),key_padding_mask=b(2,4)>0)
M(b(3,2,4),b(5,2,4),b(5,2,4),key_padding_mask=b(3,5)>0)
M(b(3,2,4),b(5,2,4),b(5,2,4),is_causal=True)
M(b(3,2,4),b(5,2,4),b(5,2,4),heads=3)
M(b(3,2,4),b(5,2,4),b(5,2,4),expected=6)
M(b(3,2,4),b(5,2,4),b(4,2,4))
M(b(3,2,4),b(5,2,4),b(5,2,4),use_separate_proj_weight=True)
M(b(3,2,4),b(5,2,4),b(5,2,4),use_separate_proj_weight=True,q_proj_weight=b(4,4))
M(b(3,2,4),b(5,2,4),b(4,2,4),use_separate_proj_weight=True)
M(b(3,2,4),b(5,2,4),b(5,2,4),use_separate_proj_weight=True,q_proj_weight=b(4,4),k_proj_weight=b(4,3),v_proj_weight=b(4,4))
M(b(3,2,4),b(5,2,4),b(5,2,4),w=None)
M(b(3,2,4),b(5,2,4),b(5,2,4),kv=(b(1,1,4),None))
M(b(3,2,4),b(5,2,4),b(5,2,4),kv=(None,b(1,1,4)))
M(b(3,2,4),b(5,2,4),b(5,2,4),kv=(b(1,1,4),b(1,1,4)),static_k=b(4,6,2))
M(b(3,2,4),b(5,2,4),b(5,2,4),static_k=b(3,6,2))
M(b(3,2,4),b(5,2,4),b(5,2,4),static_v=b(4,6,3))
""")
# attention with two heads of a last dimension of four, and parameters for what is left out
MANY = (
    "(lambda query, key, value, heads=2, expected=4, w='x', b='x', kv=(None, None), zero=False, p=0.0, o='x', **how: "
    "F.multi_head_attention_forward(query, key, value, expected, heads, x(12, 4) if w == 'x' else w, "
    "x(12) if b == 'x' else b, *kv, zero, p, x(4, 4), x(4) if o == 'x' else o, **how))"
)


def spelled(call: str) -> str:
    """The call with what `M` stands for."""
    return call.replace("M(", f"{MANY}(")



@pytest.mark.parametrize("call", CALLS)
def test_attention_is_torchs_with_its_derivatives(call: str) -> None:
    assert close(spelled(call)) == []


@pytest.mark.parametrize("call", REFUSED)
def test_what_torch_refuses_is_refused_in_its_words(call: str) -> None:
    assert refusal(minigrad, spelled(call)) == refusal(torch, spelled(call))
