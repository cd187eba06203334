"""The old `lu`, which torch writes in Python: function and method differ, and outputs are copied into.

What may live here: these two. The factorisation itself is in `lu`.
"""

from __future__ import annotations

from typing import Any

from minigrad.arguments import type_name
from minigrad.ops.lu import check_lu, lu_factor_op
from minigrad.registry import publish
from minigrad.return_types import named
from minigrad.warn import warn_once

# ruff: noqa: N803 - matrices bear the names that torch gives them

LuWithInfo = named("_lu_with_info", ("LU", "pivots", "info"))


def _old_factors(A: Any, pivot: Any, get_infos: Any) -> Any:
    """What `lu` gives, which warns of its age."""
    warn_once(
        "torch.lu is deprecated in favor of torch.linalg.lu_factor / torch.linalg.lu_factor_ex and will be removed in "
        "a future PyTorch release.\nLU, pivots = torch.lu(A, compute_pivots)\nshould be replaced with\nLU, pivots = "
        "torch.linalg.lu_factor(A, compute_pivots)\nand\nLU, pivots, info = torch.lu(A, compute_pivots, "
        "get_infos=True)\nshould be replaced with\nLU, pivots, info = torch.linalg.lu_factor_ex(A, compute_pivots)"
    )
    check_lu(A._a, "torch.lu_factor", pivot)
    found = lu_factor_op(A, pivot)
    return LuWithInfo(found) if get_infos else tuple(found[:2])


def _old_lu(A: Any, pivot: Any = True, get_infos: Any = False, out: Any = None) -> Any:
    """`torch.lu`, which copies into outputs with a history."""
    found = _old_factors(A, pivot, get_infos)
    if out is None:
        return found
    if len(out) != len(found):
        raise TypeError(f"expected tuple of {len(found)} elements but got {len(out)}")
    if not isinstance(out, (tuple, list)):
        raise TypeError(f"argument 'out' must be tuple of Tensors, not {type_name(out)}")
    for target, result in zip(out, found, strict=True):
        target.resize_as_(result).copy_(result)
    return out


def _old_method(self: Any, pivot: Any = True, get_infos: Any = False) -> Any:
    """`Tensor.lu`, which gives a plain tuple."""
    return tuple(_old_factors(self, pivot, get_infos))


_old_method.__name__ = "lu"
publish("lu", _old_lu, method=False)
publish("lu", _old_method, function=False)
