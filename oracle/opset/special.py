"""Special functions that torch has in `torch.special`, or of two operands.

What may live here: one line per op, and their rules. Those that are methods of old stand in `pointwise`.
"""

from __future__ import annotations

from typing import Any

from oracle.opset.metas import BOOL, COMPLEX, FLOAT, Meta, float_dtype, meta
from oracle.opset.params import number
from oracle.opset.pointwise import INF, NAN, raised_or_number
from oracle.opset.rules import OTHER, SELF, TENSOR_OTHER, floating_real, promoted
from oracle.opset.spec import OpSpec, rule


@rule(SELF)
def wide_real(x: Meta) -> Meta | None:
    """Like `floating_real`, where kernels take no halves."""
    return None if x.category == COMPLEX or x.dtype == "float16" else meta(x.shape, float_dtype(x.dtype))


@rule(SELF, OTHER)
def wide_or_number(x: Meta, other: Meta) -> Meta | None:
    found = promoted(x, other)
    if found is None or found.category == COMPLEX or float_dtype(found.dtype) == "float16":
        return None
    return meta(found.shape, float_dtype(found.dtype))


@rule(SELF, TENSOR_OTHER)
def promoted_floats(x: Meta, other: Meta) -> Meta | None:
    found = promoted(x, other)
    return found if found is not None and found.category == FLOAT else None


@rule(SELF, number("p", 1, 2, 3))
def several_gammas(x: Meta, p: int) -> Meta | None:
    return None if x.category in (BOOL, COMPLEX) else meta(x.shape, float_dtype(x.dtype))


LOOSE: dict[str, Any] = {"tolerance": "loose"}
CALLED: dict[str, Any] = {"forms": ("call",), "tolerance": "loose"}
QUIET: dict[str, Any] = {**CALLED, "grad": False, "saves": False}

SPECS = (
    OpSpec("special.entr", infer=floating_real, domain="positive", edges=(0.0, -0.0, -1.0, INF, NAN), **CALLED),
    OpSpec("special.ndtr", infer=floating_real, edges=(0.0, INF, -INF), **CALLED),
    OpSpec("special.ndtri", infer=wide_real, domain="probability", edges=(0.0, 1.0, 0.5, 2.0), **CALLED),
    OpSpec("special.log_ndtr", infer=wide_real, edges=(0.0, -1.0, -40.0, INF, -INF), **CALLED),
    OpSpec("special.erfcx", infer=wide_real, edges=(0.0, -9.0, 50.0, INF, -INF), **CALLED),
    OpSpec("special.i0e", infer=floating_real, edges=(0.0, -0.0, 8.0, INF), **CALLED),
    OpSpec("special.i1", infer=wide_real, edges=(0.0, -0.0, 8.0), **CALLED),
    OpSpec("special.i1e", infer=wide_real, edges=(0.0, -0.0, 8.0, INF), **CALLED),
    OpSpec("special.xlog1py", infer=raised_or_number, number_first=True, domain="positive",
           edges=(0.0, -0.0, -1.0, -2.0, NAN), **CALLED),
    OpSpec("special.zeta", infer=wide_or_number, number_first=True, domain="above_one", grad="refused", forward=False,
           edges=(1.0, 0.0, -1.0, 0.5), **CALLED),
    OpSpec("igamma", infer=promoted_floats, inplace=True, domain="positive", grad="refused", forward=False,
           edges=(0.0, -0.0, 1.0, -1.0, INF), **LOOSE),
    OpSpec("igammac", infer=promoted_floats, inplace=True, domain="positive", grad="refused", forward=False,
           edges=(0.0, -0.0, 1.0, -1.0, INF), **LOOSE),
    OpSpec("mvlgamma", infer=several_gammas, inplace=True, domain="above_one", edges=(1.0, 0.5, 2.0), **LOOSE),
    OpSpec("special.modified_bessel_i0", infer=wide_real, edges=(0.0, 8.0, INF), **QUIET),
    OpSpec("special.modified_bessel_i1", infer=wide_real, edges=(0.0, -0.0, 8.0, INF), **QUIET),
    OpSpec("special.modified_bessel_k0", infer=wide_real, domain="positive", edges=(0.0, 2.0, -1.0, INF), **QUIET),
    OpSpec("special.modified_bessel_k1", infer=wide_real, domain="positive", edges=(0.0, 2.0, -1.0, INF), **QUIET),
    OpSpec("special.scaled_modified_bessel_k0", infer=wide_real, domain="positive", edges=(0.0, 2.0, -1.0, INF),
           **QUIET),
    OpSpec("special.scaled_modified_bessel_k1", infer=wide_real, domain="positive", edges=(0.0, 2.0, -1.0, INF),
           **QUIET),
    OpSpec("special.spherical_bessel_j0", infer=wide_real, edges=(0.0, 0.5, INF), **QUIET),
)  # fmt: skip
