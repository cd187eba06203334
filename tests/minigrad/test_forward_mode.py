"""Forward mode agrees with torch: tangents of ops, writes and views, their gradients, levels and refusals."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import minigrad
from tests.minigrad.duals import differences
from tests.minigrad.side_by_side import assert_same

EXPRESSIONS = r"""
    x+w; x-v; x*w; x/w; x*v; 2/x; -x; x**2; x.abs(); x.exp(); (x*x).sqrt(); x.sin(); x.tanh(); x.sigmoid()
    x.relu(); x.clamp(-1,1); x.clamp(v,w); T.maximum(x,w); T.atan2(x,w); T.hypot(x,w); T.lerp(x,w,0.3)
    T.addcmul(x,x,w); T.where(x>0,x,w); (x.abs()+1)**w; T.angle(x); T.angle(c); c*c; c.abs(); c.real; c.imag.exp()
    c.conj(); c*2; T.copysign(v.detach(),x); T.div(x,w,rounding_mode='floor'); x.float()*2; x.detach(); x>0
    x.sum(); x.sum(1); x.mean((0,1)); x.prod(); x.prod(1); x.std(); x.var(1); x.amax(1); x.max(0); x.median(1)
    x.sort(1); x.topk(2); x.kthvalue(2); x.cumsum(0); x.cumprod(1); x.cummax(0); x.logcumsumexp(1); x.norm()
    x.norm(3,1); T.dist(x,w); m.renorm(2,0,1.0); x.quantile(0.3); T.std_mean(m); m@m; m@v[:3]; x@x.mT
    x.view(6,4); x.transpose(0,1).reshape(6,4); x[0]; x[:,1:]; x[i]; x[mask]; x.unbind(0); x.split(2,1)
    x.expand(5,2,3,4); x.repeat(2,1,1); x.diagonal(); x[1].as_strided((2,2),(4,1)); T.as_strided_copy(x,(2,),(1,))
    T.split_copy(x,1); T.expand_copy(v,(2,4)); x.as_strided_scatter(v[:2],(2,),(3,)); T.view_copy(x,(24,))
    T.cat([x,w]); T.stack([x,w],1); x.flip(0); x.roll(1,0); x.tril(); T.diag_embed(v); x.gather(0,idx)
    x.index_add(0,i,w); x.index_select(0,i); x.scatter(0,idx,w); x.scatter_reduce(0,idx,w,'amax'); x.take(idx)
    x.masked_fill(mask,1.); x.masked_fill(mask,s); x.masked_select(mask); x.masked_scatter(mask,w)
    x.index_reduce(0,i,w,'prod'); x.scatter(0,idx,w,reduce='add'); T.floor_divide(x,w); T.nextafter(x,w)
"""

STATEMENTS = r"""
    !r=x*1; r.mul_(w)
    !r=x*1; r.exp_()
    !r=x*1; r[1].exp_()
    !r=x*1; r[1].mul_(w[1])
    !r=x*1; r.pow_(2)
    !r=x*1; r.zero_()
    !r=x*1; r.fill_(s)
    !r=x*1; r[0]=v
    !r=x*1; r[:,i]=2.
    !r=x*1; r.copy_(v)
    !r=x*1; r.copy_(w.detach())
    !r=T.ones(2,3,4,dtype=T.float64); r[1].mul_(w[1])
    !r=T.ones(2,3,4,dtype=T.float64); r[0].copy_(w[0])
    !r=T.ones(2,3,4,dtype=T.float64); y=r[1]; r.mul_(x); r=y
    !r=T.ones(2,3,4,dtype=T.float64); y=r.transpose(0,1); y.add_(x.transpose(0,1))
    !r=x*1; r.transpose_(0,1); r.sin_()
    !r=x.unbind(0)[0]*1
    !r=x*1; r.index_put_((i,),w)
    !r=x*1; r.masked_fill_(mask,0.)
"""


def rows(table: str) -> list[str]:
    return [one.strip() for line in table.strip().split("\n") for one in line.split("; ")]


@pytest.mark.parametrize("text", [*rows(EXPRESSIONS), *(line.strip() for line in STATEMENTS.strip().split("\n"))])
def test_tangents_are_those_of_torch(text: str) -> None:
    assert differences(text, recorded=False) == []
    if "renorm" not in text:
        assert without_torchs_refusals(differences(text, recorded=True)) == []


def without_torchs_refusals(found: list[str]) -> list[str]:
    """Without gradients of tangents where torch breaks its own version check, or lacks a rule for a backward op."""
    if any("modified by an inplace operation" in one for one in found):
        return [one for one in found if "gradient of tangent" not in one]
    return found


SITUATIONS = """
F.make_dual(T.ones(2), T.ones(2))
F.unpack_dual(T.ones(2))
F.exit_dual_level()
F.exit_dual_level(level=-3)
run(lambda: F.enter_dual_level())
run(lambda: F.make_dual(T.ones(2), T.ones(3)))
run(lambda: F.make_dual(T.ones(2, dtype=T.int64), T.ones(2)))
run(lambda: F.make_dual(T.ones(2), T.ones(2, dtype=T.int64)))
run(lambda: F.make_dual(F.make_dual(T.ones(2), T.ones(2)), T.ones(2)))
run(lambda: F.make_dual(T.ones(2), T.ones(2), level=3))
run(lambda: F.unpack_dual(T.ones(2)))
run(lambda: F.unpack_dual(3))
run(lambda: F.unpack_dual(F.make_dual(T.ones(2), t)).tangent is t)
run(lambda: F.unpack_dual(F.make_dual(T.ones(2, 2), T.ones(2, 2).t())).tangent.stride())
run(lambda: F.unpack_dual(F.make_dual(T.ones(2), T.ones(1).expand(2))).tangent.stride())
run(lambda: F.unpack_dual(T.no_grad()(lambda: F.make_dual(T.ones(2), t) * 3)()))
run(lambda: F.make_dual(T.ones(2), t))
run(lambda: T.ones(2).add_(F.make_dual(T.ones(2), t)).mul_(2))
""".strip().split("\n")


@pytest.mark.parametrize("expression", SITUATIONS)
def test_levels_and_their_errors_are_torchs(expression: str) -> None:
    assert_same(
        "F = T.autograd.forward_ad\nt = T.tensor([1.0, 2.0])\ndef run(work):\n"
        "    with F.dual_level():\n        return work()\n" + expression
    )


def test_a_user_defined_function_carries_tangents_by_its_jvp() -> None:
    def result(engine: Any) -> Any:
        class Cube(engine.autograd.Function):  # type: ignore[name-defined, misc]
            @staticmethod
            def forward(ctx: Any, x: Any) -> Any:
                ctx.save_for_forward(x)
                return x**3

            @staticmethod
            def jvp(ctx: Any, tangent: Any) -> Any:
                (x,) = ctx.saved_tensors
                return 3 * x * x * tangent

        forward = engine.autograd.forward_ad
        with forward.dual_level():
            dual = forward.make_dual(engine.tensor([2.0, 3.0]), engine.tensor([1.0, -1.0]))
            return forward.unpack_dual(Cube.apply(dual)).tangent.tolist()

    assert result(minigrad) == result(torch)
