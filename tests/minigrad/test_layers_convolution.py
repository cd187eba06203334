"""Convolution beside torch's: values, graphs, gradients twice, tangents, layouts, refusals.

What may live here: tables of calls, held against torch while the tests run.
"""

from __future__ import annotations

import pytest
import torch

import minigrad
from tests.minigrad.layers import close, refusal
from tests.minigrad.side_by_side import lines

CALLS = lines("""
F.conv1d(x(2,2,5),x(3,2,3),x(3))
F.conv1d(x(2,5),x(3,2,3),x(3))
F.conv1d(x(2,2,5),x(3,2,3),x(3),padding='same')
F.conv1d(x(2,2,5),x(3,2,2),padding='same')
F.conv2d(x(2,2,5,4),x(3,2,3,2),x(3))
F.conv2d(x(2,2,5,4),x(3,2,3,2))
F.conv2d(x(2,5,4),x(3,2,3,2))
F.conv2d(x(2,2,5,4),x(4,1,3,2),x(4),2,1,2,2)
F.conv2d(x(2,2,5,4),x(4,1,3,2),x(4),(2,1),(1,0),(1,2),2)
F.conv2d(x(2,2,5,4),x(3,2,2,2),x(3),padding='same')
F.conv2d(x(2,2,5,4),x(3,2,3,3),x(3),padding='valid')
F.conv2d(x(2,2,5,4),b(3,2,3,3),x(3))
F.conv2d(b(2,2,5,4),b(3,2,3,3),x(3))
F.conv2d(b(2,2,5,4),x(3,2,3,3),b(3))
F.conv2d(x(0,2,5,4),x(3,2,3,3),x(3))
F.conv2d(x(2,0,5,4),x(3,0,3,3),x(3))
F.conv2d(x(2,2,5,4).to(memory_format=T.channels_last),x(3,2,3,2),x(3))
F.conv2d(x(2,2,5,4),x(3,2,3,2).to(memory_format=T.channels_last),x(3))
F.conv2d(x(2,2,5,4).transpose(2,3),x(3,2,3,2),x(3))
F.conv3d(x(2,2,5,4,3),x(3,2,3,2,2),x(3))
F.conv3d(x(2,5,4,3),x(3,2,3,2,2),x(3))
F.conv_transpose1d(x(2,2,5),x(2,3,3),x(3))
F.conv_transpose1d(x(2,5),x(2,3,3))
F.conv_transpose1d(x(2,2,5),x(2,3,3),x(3),2,1,1)
F.conv_transpose2d(x(2,2,5,4),x(2,3,3,2),x(3),2,1,1)
F.conv_transpose2d(x(2,2,5,4),x(2,3,3,2),x(6),2,1,1,groups=2)
F.conv_transpose2d(x(2,2,3,4),x(2,3,3,2),x(3),1,1,1,dilation=2)
F.conv_transpose3d(x(2,2,5,4,3),x(2,3,3,2,2),x(3))
F.conv1d(c(2,2,5),c(3,2,3),c(3))
F.conv1d(c(2,2,5),c(3,2,3))
F.conv_transpose1d(c(2,2,5),c(2,3,3),c(3))
T.conv2d(input=x(2,2,5,4),weight=x(3,2,3,2),stride=2)
""")
REFUSED = lines("""
F.conv2d(b(2,2,5,4))
F.conv2d(b(2,2,5,4),b(3,2,3,2),3)
F.conv2d(b(2,2,5,4),b(3,2,3,2),None,'a')
F.conv2d(b(2,2,5,4),b(3,2,3,2),None,1,'a')
F.conv2d(b(2,2,5,4),b(3,2,3,2),None,1,'full')
F.conv2d(b(2,2,5,4),b(3,2,3,2),None,2,'same')
F.conv2d(b(2,2,5,4),b(3,2,3,2),None,(1,2,3))
F.conv2d(b(2,2,5,4),b(3,2,3,2),None,1,(1,2,3))
F.conv2d(b(2,2,5,4),b(3,2,3,2),None,1,0,(1,2,3))
F.conv2d(b(2,2,5,4),b(3,2,3,2),None,0)
F.conv2d(b(2,2,5,4),b(3,2,3,2),None,-1)
F.conv2d(b(2,2,5,4),b(3,2,3,2),None,1,-1)
F.conv2d(b(2,2,5,4),b(3,2,3,2),None,1,0,0)
F.conv2d(b(2,2,5,4),b(3,2,3,2),None,1,0,1,0)
F.conv2d(b(2,2,5,4),b(3,2,3,2),None,1,0,1,2)
F.conv2d(b(2,2,5,4),b(3,2,3,2),b(2))
F.conv2d(b(2,2,5,4),b(3,2,3,2),b(3,1))
F.conv2d(b(2,2,5,4)[:,:1],b(3,2,3,2))
F.conv2d(b(2,2,5,4),b(3,2,6,2))
F.conv2d(b(2,2,5,4),b(3,2,6,2),padding='valid')
F.conv2d(b(2,2,5,4)[0,0],b(3,2,3,2))
F.conv2d(b(2,2,5,4).unsqueeze(0),b(3,2,3,2))
F.conv2d(b(2,2,5,4),b(3,2,3,2)[0])
F.conv2d(b(2,2,5,4)>0,b(3,2,3,2)>0)
F.conv2d(b(2,2,5,4),b(3,2,3,2)[:0])
F.conv2d(b(2,2,5,4),b(3,2,0,2))
F.conv2d(b(2,2,5,4)[:,:,:0],b(3,2,3,2))
F.conv2d(b(2,2,5,4)[:,:,:0],b(3,2,3,2),padding=2)
F.conv_transpose2d(b(2,2,5,4),b(3,2,3,2))
F.conv_transpose2d(b(2,2,5,4),b(2,3,3,2),output_padding=1)
F.conv_transpose2d(b(2,2,5,4),b(2,3,3,2),output_padding=-1)
F.conv_transpose2d(b(2,2,5,4),b(2,3,3,2),b(2))
F.conv_transpose2d(b(2,2,5,4),b(2,3,3,2),padding=5)
F.conv_transpose2d(b(2,2,5,4),b(2,3,3,2),padding='same')
F.conv_transpose1d(b(2,2,5,4)[0],b(2,3,3))
F.conv1d(b(2,2,5,4)[0],b(3,5,2),stride=(1,2))
F.conv1d(b(2,2,5,4)[0],b(3,5,2),b(3),'a')
T.conv_transpose2d(b(2,2,5,4))
T.conv_transpose2d(b(2,2,5,4),b(3,2,3,2),None,1,'a')
F.conv1d(b(4),b(3,2,2),padding='same')
F.conv_transpose1d(b(2,2,5,4)[0],b(5,3,3),padding=5)
F.conv_transpose1d(b(2,2,5,4)[0],b(5,3,3),output_padding=1)
F.conv_transpose3d(b(2,2,5,4)[None],b(2,3,3,3,3),padding=5)
F.conv_transpose3d(b(2,2,5,4)[None][:,[0,0]],b(2,3,3,3,3),padding=5)
F.conv_transpose3d(b(2,2,5,4)[None],b(2,3,3,3,3),output_padding=1)
F.conv_transpose2d(b(2,2,5,4)>0,b(2,3,3,2)>0)
F.conv_transpose3d(b(2,2,5,4)[None]>0,b(2,3,3,2,2)>0)
F.conv3d(b(2,2,5,4)[None]>0,b(2,2,1,1,1)>0)
F.conv1d(b(2,2,5,4)[0]>0,b(2,5,1)>0)
F.conv_transpose1d(b(2,2,5,4)[0][:,:,:0],b(5,2,1))
F.conv2d(b(2,2,5,4).long(),b(3,2,3,2))
F.conv2d(b(2,2,5,4).long(),b(3,2,3,2),b(3).long())
F.conv2d(b(2,2,5,4).to(T.complex64),b(3,2,3,2))
F.conv2d(b(2,2,5,4).to(T.complex64),b(3,2,3,2).to(T.complex128))
""")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("call", CALLS)
def test_layers_and_their_derivatives_are_torchs(call: str, dtype: str) -> None:
    assert close(call, dtype) == []


@pytest.mark.parametrize("call", REFUSED)
def test_what_they_cannot_take_is_refused_in_torchs_words(call: str) -> None:
    assert refusal(minigrad, call) == refusal(torch, call)
