"""interpolate in all its modes beside torch's: values, graphs, gradients twice, tangents, layouts, refusals.

What may live here: tables of calls, held against torch while the tests run.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import minigrad
from tests.minigrad.layers import close, refusal
from tests.minigrad.side_by_side import lines

CALLS = lines("""
F.interpolate(x(2,2,4),6)
F.interpolate(x(1,2,4),scale_factor=2)
F.interpolate(x(1,1,5),scale_factor=0.7)
F.interpolate(x(2,2,4,3),6)
F.interpolate(x(1,2,4,3),(2,5))
F.interpolate(x(1,2,4,3),scale_factor=(1.5,0.5))
F.interpolate(x(1,2,2,3,2),3)
F.interpolate(x(0,2,4,3),6)
F.interpolate(x(1,2,4,3).to(memory_format=T.channels_last),3)
F.interpolate(x(1,2,4,3).transpose(2,3),3)
F.interpolate(b(1,1,2,2).to(T.uint8),3)
F.interpolate(x(1,1,3,70),(2,130))
F.interpolate(x(1,2,5),3,mode='nearest-exact')
F.interpolate(x(1,2,4,3),(3,5),mode='nearest-exact')
F.interpolate(x(1,1,2,3,2),scale_factor=1.6,mode='nearest-exact')
F.interpolate(x(1,2,5),3,mode='area')
F.interpolate(x(1,2,4,4),scale_factor=0.6,mode='area')
F.interpolate(x(1,1,2,4,2),1,mode='area')
F.interpolate(x(2,2,4),7,mode='linear')
F.interpolate(x(1,2,4),7,mode='linear',align_corners=True)
F.interpolate(x(1,2,4),1,mode='linear',align_corners=True)
F.interpolate(x(2,2,4,3),6,mode='bilinear')
F.interpolate(x(1,2,4,3),(2,5),mode='bilinear',align_corners=True)
F.interpolate(x(1,2,4,3),scale_factor=1.5,mode='bilinear')
F.interpolate(x(1,2,4,3),scale_factor=1.6,mode='bilinear',recompute_scale_factor=True)
F.interpolate(x(1,2,4,3),(4,3),mode='bilinear')
F.interpolate(x(1,2,4,3).to(memory_format=T.channels_last),3,mode='bilinear')
F.interpolate(x(1,1,3,70),(2,130),mode='bilinear')
F.interpolate(x(1,2,2,3,2),3,mode='trilinear')
F.interpolate(x(1,2,2,3,2).to(memory_format=T.channels_last_3d),(2,2,3),mode='trilinear',align_corners=True)
F.interpolate(x(1,2,4,3),(6,5),mode='bicubic')
F.interpolate(x(1,2,4,3),(2,5),mode='bicubic',align_corners=True)
F.interpolate(x(1,2,4,3).to(memory_format=T.channels_last),3,mode='bicubic')
F.interpolate(x(1,2,5,4),(2,3),mode='bilinear',antialias=True)
F.interpolate(x(1,2,4,3),6,mode='bilinear',antialias=True,align_corners=True)
F.interpolate(x(1,2,5,4),(2,3),mode='bicubic',antialias=True)
F.interpolate(x(1,1,9,8),scale_factor=0.4,mode='lanczos',antialias=True)
F.interpolate(T.tensor([[[1.0,float('inf'),2.0]]],requires_grad=True),5,mode='linear')
F.upsample(x(1,2,4,3),2)
F.upsample_nearest(x(1,2,4,3),scale_factor=2)
F.upsample_bilinear(x(1,2,4,3),2)
""")
REFUSED = lines("""
F.interpolate(b(1,2,4),0)
F.interpolate(b(1,2,4)[:,:0],3)
F.interpolate(b(1,2,4)[:,:,:0],3)
F.interpolate(b(1,2,4,3)[:,:,:0],3)
F.interpolate(b(1,2,4,3)[:,:0],3)
F.interpolate(b(1,2,4,3,2)[:,:0],3)
F.interpolate(b(1,2,4,4),(3,0))
F.interpolate(b(1,2,4,4),-3,mode='bilinear')
F.interpolate(b(1,2,4,4),scale_factor=0.1)
F.interpolate(b(1,2,4,4,4),scale_factor=-1.0)
F.interpolate(b(1,2,4,4).long(),3)
F.interpolate(b(1,2,4,4).long(),100)
F.interpolate(b(1,2,4,4).long(),3,mode='bilinear')
F.interpolate(b(1,2,4,4).long(),100,mode='bilinear')
F.interpolate(b(1,2,4,4)>0,3)
F.interpolate(b(1,2,4,4)+0j,3)
F.interpolate(b(1,2,4).long(),3)
F.interpolate(b(1,2,4).long(),3,mode='linear')
F.interpolate(b(1,2,4,4,4).long(),3,mode='trilinear')
F.interpolate(b(1,2,4,4).long(),3,mode='bicubic')
F.interpolate(b(1,2,4,4).long(),3,mode='bilinear',antialias=True)
F.interpolate(b(1,2,4,4).half(),3,mode='bilinear',antialias=True)
F.interpolate(b(1,2,4,4),2.5)
F.interpolate(b(1,2,4,4),'a')
F.interpolate(b(1,2,4,4),'a',mode='bilinear')
F.interpolate(b(1,2,4),'a')
F.interpolate(b(1,2,4,4,4),scale_factor='a',mode='trilinear')
F.interpolate(b(1,2,4,4),'a',mode='bicubic',antialias=True)
F.interpolate(b(1,2,4,4),(2.0,2))
F.interpolate(b(1,2,4,4))
F.interpolate(b(1,2,4,4),2,2.0)
F.interpolate(b(1,2,4,4),(2,2,2))
F.interpolate(b(1,2,4,4),scale_factor=(2,2,2))
F.interpolate(b(1,2,4,4),2,align_corners=True)
F.interpolate(b(1,2,4,4),2,recompute_scale_factor=True)
F.interpolate(b(1,2,4,4),2,mode='linear')
F.interpolate(b(1,2,4),2,mode='bilinear')
F.interpolate(b(1,2,4,4,4),2,mode='bilinear')
F.interpolate(b(2,4),2)
F.interpolate(b(1,2,4,4),2,mode='x')
F.interpolate(b(1,2,4,4),2,antialias=True)
F.interpolate(b(1,2,4),2,mode='bilinear',antialias=True)
F.interpolate(b(1,2,4,4),2,mode='lanczos')
F.interpolate(b(1,2,4,4),2,mode='lanczos',align_corners=True)
F.interpolate(b(1,2,4,4),2,mode='lanczos',antialias=True,align_corners=True)
F.interpolate(1,2)
""")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("call", CALLS)
def test_what_is_resampled_is_torchs_with_its_derivatives(call: str, dtype: str) -> None:
    assert close(call, dtype) == []


@pytest.mark.parametrize("call", REFUSED)
def test_what_torch_refuses_is_refused_in_its_words(call: str) -> None:
    assert refusal(minigrad, call) == refusal(torch, call)


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "linear"])
@pytest.mark.parametrize("new", [1, 2, 3, 5, 8, 13, 21, 40])
def test_every_size_is_made_of_the_same_places(mode: str, new: int) -> None:
    def made(engine: Any) -> Any:
        row = engine.arange(30, dtype=engine.float32).reshape(1, 1, 30)
        return engine.nn.functional.interpolate(row, new, mode=mode).numpy()

    assert np.allclose(made(minigrad), made(torch), rtol=0, atol=1e-4)
