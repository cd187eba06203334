"""Similarities and distances of pairs, bilinear forms and prelu, beside torch's.

What may live here: tables of calls, held against torch while the tests run.
"""

from __future__ import annotations

import pytest
import torch

import minigrad
from tests.minigrad.layers import close, refusal
from tests.minigrad.side_by_side import lines

CALLS = lines("""
F.cosine_similarity(x(3,4),x(3,4))
F.cosine_similarity(x(3,4),x(4),0)
F.cosine_similarity(x(2,1,4),x(3,4),-1,0.5)
F.cosine_similarity(x(3,4),T.zeros(3,4,dtype=x(1).dtype),eps=1e-3)
F.cosine_similarity(i([1,2]),x(1,2))
F.cosine_similarity(x(1)[0],x(1)[0],0)
F.cosine_similarity(x(0,4),x(0,4))
T.cosine_similarity(x(3,4),x(3,4),dim=0)
F.pairwise_distance(x(3,4),x(3,4))
F.pairwise_distance(x(3,4),x(4),1.5)
F.pairwise_distance(x(3,4),x(3,4),3,0.0,True)
F.pairwise_distance(x(4),x(4),keepdim=True)
F.pairwise_distance(i([1,2]),i([3,5]))
T.pairwise_distance(x(2,1,4),x(3,4))
F.pdist(x(4,3))
F.pdist(x(4,3),1.0)
F.pdist(x(4,3),0.0)
F.pdist(x(4,3),1.5)
F.pdist(x(4,3),3)
F.pdist(x(4,3),float('inf'))
F.pdist(x(3,4).t())
F.pdist(b(1,3))
F.pdist(b(0,3))
F.pdist(x(3,0))
F.pdist(T.ones(3,2,dtype=T.float64,requires_grad=True))
T.pdist(x(3,2),p=0.5)
F.bilinear(x(3,4),x(3,5),x(2,4,5),x(2))
F.bilinear(x(3,4),x(3,5),x(2,4,5))
F.bilinear(x(4),x(5),x(2,4,5),x(2))
F.bilinear(x(2,3,4),x(2,3,5),x(2,4,5),x(2))
F.bilinear(b(3,4),x(3,5),b(2,4,5))
F.bilinear(x(3,4),b(3,5),x(2,4,5),x(1))
F.bilinear(x(0,4),x(0,5),x(2,4,5))
F.bilinear(c(3,2),c(3,2),c(1,2,2))
F.bilinear(i([1,2]),i([3,4]),i([[1,2],[3,4]]))
T.bilinear(x(3,4).t().reshape(3,4),x(5,3).t(),x(2,4,5))
F.prelu(x(3,4),x(4))
F.prelu(x(3,4),x(1))
F.prelu(x(2,3,2),x(3))
F.prelu(x(3),x(1))
F.prelu(x(1)[0],x(1))
F.prelu(x(3,4),x(1)[0])
F.prelu(x(3,4),b(4))
F.prelu(b(3,4)-1,x(4))
F.prelu(x(0,4),x(4))
F.prelu(x(4,3).t(),x(4))
F.prelu(T.tensor([0.0,-0.0,1.0,-1.0,float('nan')],dtype=T.float64,requires_grad=True),x(1))
x(3,4).prelu(x(4))
T.prelu(x(3,4),weight=x(4))
""")
REFUSED = lines("""
F.cosine_similarity(b(3,4),b(2,4))
F.cosine_similarity(i(1),i(2))
F.cosine_similarity(b(3,4),b(3,4)+0j)
F.cosine_similarity(b(3,4),b(3,4),2)
F.cosine_similarity(b(3,4),1)
F.cosine_similarity(b(3,4),b(3,4),1.0)
F.pairwise_distance(b(3,4),b(2,4))
F.pairwise_distance(b(3,4)>0,b(3,4)>0)
F.pairwise_distance(b(3,4),1)
F.pairwise_distance(b(1)[0],b(1)[0])
F.pdist(b(3))
F.pdist(i([1,2]))
F.pdist(b(3,4),-1)
F.pdist(b(3,4),'a')
F.pdist(b(3,4).half())
F.bilinear(b(3,4),b(4),b(2,4,4))
F.bilinear(b(3,4),b(2,4),b(2,4,4))
F.bilinear(b(3,4),b(3,5),b(2,3,5))
F.bilinear(b(3,4),b(3,5),b(2,4,4))
F.bilinear(b(3,4),b(3,5),b(2,4,5),b(3))
F.bilinear(b(3,4),b(3,5),b(2,4,5),b(2,2))
F.bilinear(b(3,4),b(3,5).float(),b(2,4,5))
F.bilinear(b(3,4),b(3,5),b(2,4,5).float(),b(2))
F.bilinear(b(1)[0],b(1)[0],b(2,4,5))
F.bilinear(b(3,4),b(3,5),b(4,5))
F.bilinear(b(3,4),b(3,4),b(4,4))
F.bilinear(b(3,4),b(3,5),1)
F.prelu(b(3,4),b(3))
F.prelu(b(3,4),b(2,2))
F.prelu(b(3,4),b(1,4))
F.prelu(b(3,4),b(1,1))
F.prelu(b(1)[0],b(2))
F.prelu(b(3),b(3))
F.prelu(b(3,4),b(4).float())
F.prelu(i(1),i(1))
F.prelu(b(3,4)+0j,b(4)+0j)
F.prelu(b(3,4),1.0)
b(3,4).prelu(1.0)
""")


@pytest.mark.parametrize("call", CALLS)
def test_pairs_and_forms_are_torchs_with_their_derivatives(call: str) -> None:
    assert close(call) == []


@pytest.mark.parametrize("call", REFUSED)
def test_what_torch_refuses_is_refused_in_its_words(call: str) -> None:
    assert refusal(minigrad, call) == refusal(torch, call)
