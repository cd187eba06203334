"""Padding beside torch's: values, graphs, gradients twice, tangents, layouts, refusals.

What may live here: tables of calls, held against torch while the tests run.
"""

from __future__ import annotations

import pytest
import torch

import minigrad
from tests.minigrad.layers import close, refusal
from tests.minigrad.side_by_side import lines

CALLS = lines("""
F.pad(x(4,3),(1,2))
F.pad(x(4,3),(1,2),value=1.5)
F.pad(x(4,3),(1,-2,-1,1),value=1.5)
F.pad(x(4,3),(-1,-1))
F.pad(x(4,3).t(),(-1,-1))
F.pad(x(4,3).t(),(0,0))
F.pad(x(4,3).t(),(1,0))
F.pad(c(4,3),(1,0),value=2)
F.pad(x(2,3,4,5).to(memory_format=T.channels_last),(1,0))
F.pad(x(2,3,4,5).to(memory_format=T.channels_last),(1,0,2,1),mode='reflect')
F.pad(x(2,3,4,5).to(memory_format=T.channels_last),(1,0,2,1),mode='replicate')
F.pad(x(1,4,3),(1,2),mode='reflect')
F.pad(x(1,4,3),(-1,2),mode='reflect')
F.pad(x(1,4,3),(2,-1),mode='reflect')
F.pad(x(1,2,4,3),(1,2,1,1),mode='reflect')
F.pad(x(1,2,4,3,3),(1,2,1,1,1,1),mode='reflect')
F.pad(x(2,4,3,3),(1,2,1,1,1,1),mode='reflect')
F.pad(x(1,4,3),(1,2),mode='replicate')
F.pad(x(1,4,3),(-1,5),mode='replicate')
F.pad(x(1,2,4,3),(1,2,1,1),mode='replicate')
F.pad(x(1,2,4,3,3),(1,2,1,1,1,1),mode='replicate')
F.pad(x(1,4,3),(1,2),mode='circular')
F.pad(x(4,3),(1,-2),mode='circular')
F.pad(x(1,2,4,3),(1,2,1,1),mode='circular')
F.pad(x(1,2,4,3),(-1,2,1,-1),mode='circular')
F.pad(x(1,2,4,3,3),(1,2,1,1,1,1),mode='circular')
F.pad(x(0,4,3),(1,2),mode='reflect')
F.pad(x(0,4,3),(1,2),mode='circular')
F.pad(x(0,4,3),(1,2))
F.pad(x(2,0),(1,2))
F.pad(c(1,4,3),(1,2),mode='replicate')
F.pad(c(1,4,3),(1,2),mode='reflect')
""")
REFUSED = lines("""
F.pad(b(2,2,5,4),(1,))
F.pad(b(2,2,5,4),1)
F.pad(b(2,2,5,4),(1,1,1))
F.pad(b(2,2,5,4),(1,)*10)
F.pad(b(2,2,5,4),(1,1),mode='reflect')
F.pad(b(2,2,5,4),(1,1,1,1),mode='b(2,2,5,4)')
F.pad(b(2,2,5,4),(1,1,1,1),mode='reflect',value=1.)
F.pad(b(2,2,5,4),(4,1,1,1),mode='reflect')
F.pad(b(2,2,5,4),(1,1,5,1),mode='reflect')
F.pad(b(2,2,5,4),(-5,1),value=1)
F.pad(b(2,2,5,4),(-5,0),value=1)
F.pad(b(2,2,5,4),(5,1,1,1),mode='circular')
F.pad(b(2,2,5,4),(-5,-1,1,1),mode='circular')
F.pad(b(2,2,5,4),(-5,-1,1,1),mode='replicate')
F.pad(b(2,2,5,4)[0,0,0],(1,1),mode='circular')
F.pad(b(2,2,5,4)[None],(4,1,1,1,1,1),mode='reflect')
F.pad(b(2,2,5,4)[None],(1,1,1,1,2,1),mode='reflect')
F.pad(b(2,2,5,4)[None],(1,1,1,1,3,1),mode='circular')
F.pad(b(2,2,5,4)[:,:0],(1,1,1,1),mode='replicate')
F.pad(b(2,2,5,4)[:,:0],(1,1,1,1),mode='reflect')
F.pad(b(2,2,5,4)[:,:,:0],(1,1,1,1),mode='reflect')
F.pad(b(2,2,5,4)[:,:,:0],(1,1,1,1),mode='replicate')
F.pad(b(2,2,5,4)[0][:,:0],(1,1),mode='replicate')
F.pad(b(2,2,5,4)[0][:,:0],(1,1),mode='reflect')
F.pad(b(2,2,5,4)>0,(1,1,1,1),mode='reflect')
F.pad(b(2,2,5,4)>0,(1,1,1,1),mode='replicate')
F.pad(b(2,2,5,4).long(),(1,1,1,1),value='a')
F.pad(b(2,2,5,4),(1,'a'))
F.pad(3,(1,1))
F.pad(T.ones(()),(1,1))
F.pad(b(2,2,5,4).to(T.complex64),(1,1,1,1),value=1j)
F.pad(b(2,2,5,4),(1,1,1,1),value=1j)
F.pad(b(2,2,5,4)[0,0],(1,1,1,1),mode='reflect')
F.pad(b(2,2,5,4)[0],(5,1),mode='reflect')
F.pad(b(2,2,5,4)[0],(-3,-3),mode='reflect')
F.pad(b(2,2,5,4)[0],(-3,-3),mode='replicate')
F.pad(b(2,2,5,4)[0],(-3,-3),mode='circular')
F.pad(b(2,2,5,4)[None],(-3,-3,1,1,1,1),mode='replicate')
F.pad(b(2,2,5,4)[None],(-3,-3,1,1,1,1),mode='reflect')
F.pad(b(2,2,5,4)[None][0],(-3,-3,1,1,1,1),mode='reflect')
""")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("call", CALLS)
def test_layers_and_their_derivatives_are_torchs(call: str, dtype: str) -> None:
    assert close(call, dtype) == []


@pytest.mark.parametrize("call", REFUSED)
def test_what_they_cannot_take_is_refused_in_torchs_words(call: str) -> None:
    assert refusal(minigrad, call) == refusal(torch, call)
