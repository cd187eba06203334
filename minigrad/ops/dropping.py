"""Dropout: elements, or whole channels, replaced by zero (or by what SELU saturates at), the others scaled up.

What may live here: that family, in place and not, composed as torch composes it. What is drawn is in `random_fills`.
"""

from __future__ import annotations

import math
from typing import Any

from minigrad.filling import empty_like, new_empty, zeros
from minigrad.ops.carriers import written
from minigrad.ops.random_fills import bernoulli_
from minigrad.refusals import handed
from minigrad.registry import composite
from minigrad.tensor import Tensor
from minigrad.warn import warn

_SATURATED = 1.7580993408473766  # minus the least value of SELU


def _range(p: float, error: type[Exception]) -> None:
    if p < 0.0 or p > 1.0:
        shown = f"{p:g}" if error is RuntimeError else f"{p}"
        raise error(f"dropout probability has to be between 0 and 1, but got {shown}")


def _noise(x: Tensor, feature: bool) -> Tensor:
    if not feature:
        return empty_like(x)
    shape = x.shape
    if len(shape) < 2:
        raise RuntimeError("Feature dropout requires at least 2 dimensions in the input")
    return new_empty(x, (*shape[:2], *(1,) * (len(shape) - 2)))


def _dropped(x: Tensor, p: float, train: bool, feature: bool, alpha: bool, inplace: bool) -> Any:
    _range(p, RuntimeError)
    if p == 0 or not train or not x.numel():
        return x
    if p == 1:
        factor = written(zeros((), dtype=x.dtype))
        return x.mul_(factor) if inplace else x * factor
    factor = bernoulli_(_noise(x, feature), 1 - p)
    if not alpha:
        factor.div_(1 - p)
        return x.mul_(factor) if inplace else x * factor
    scale = 1.0 / math.sqrt((_SATURATED * _SATURATED * p + 1) * (1 - p))
    shift = factor.add(-1).mul_(_SATURATED * scale).add_(_SATURATED * scale * p)
    factor.mul_(scale)
    return (x.mul_(factor) if inplace else x * factor).add_(shift)


def _publish(name: str, feature: bool, alpha: bool) -> None:
    """`name` and `name_` of the namespace itself."""
    for inplace in (False, True):

        def drop(input: Any, p: float, train: bool, inplace: bool = inplace) -> Any:
            return _dropped(input, p, train, feature, alpha, inplace)

        drop.__name__ = drop.__qualname__ = name + "_" * inplace
        composite(drop.__name__, method=False)(drop)


for _name, _feature, _alpha in (
    ("dropout", False, False),
    ("alpha_dropout", False, True),
    ("feature_dropout", True, False),
    ("feature_alpha_dropout", True, True),
):
    _publish(_name, _feature, _alpha)


def _asked(name: str, input: Any, p: float, training: bool, inplace: bool) -> Any:
    handed(name + "_" * bool(inplace), input, p, training)
    return _dropped(input, p, training, name.startswith("feature"), "alpha" in name, inplace)


@composite("nn.functional.dropout", method=False)
def dropout(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Elements replaced by zero with probability `p`, the others divided by 1 - p."""
    _range(p, ValueError)
    return _asked("dropout", input, p, training, inplace)


@composite("nn.functional.alpha_dropout", method=False)
def alpha_dropout(input: Any, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """Elements replaced by what SELU saturates at, and all scaled so that mean and variance stay."""
    _range(p, ValueError)
    return _asked("alpha_dropout", input, p, training, inplace)


@composite("nn.functional.feature_alpha_dropout", method=False)
def feature_alpha_dropout(input: Any, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """`alpha_dropout` of whole channels."""
    _range(p, ValueError)
    return _asked("feature_alpha_dropout", input, p, training, inplace)


@composite("nn.functional.dropout1d", method=False)
def dropout1d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Whole channels (N, C, L), or (C, L), replaced by zero."""
    _range(p, ValueError)
    rank = input.dim()
    if rank not in (2, 3):
        raise RuntimeError(
            f"dropout1d: Expected 2D or 3D input, but received a {rank}D input. Note that dropout1d exists to provide "
            "channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional batch "
            "dimension (i.e. 2D or 3D inputs)."
        )
    return _batched(input, p, training, inplace, 3)


@composite("nn.functional.dropout2d", method=False)
def dropout2d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Whole channels (N, C, H, W) replaced by zero; three dimensions are taken for (N, C, L)."""
    _range(p, ValueError)
    rank = input.dim()
    _warn_of_rank("dropout2d", rank, 2)
    if rank == 3:
        warn(
            "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior is desired "
            "- input is interpreted as shape (N, C, L), where C is the channel dim. This behavior will change in a "
            "future release to interpret the input as one without a batch dimension, i.e. shape (C, H, W). To maintain "
            "the 1D channel-wise dropout behavior, please switch to using dropout1d instead."
        )
    return _asked("feature_dropout", input, p, training, inplace)


@composite("nn.functional.dropout3d", method=False)
def dropout3d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Whole channels (N, C, D, H, W), or (C, D, H, W), replaced by zero."""
    _range(p, ValueError)
    _warn_of_rank("dropout3d", input.dim(), 3)
    return _batched(input, p, training, inplace, 5)


def _batched(input: Any, p: float, training: bool, inplace: bool, rank: int) -> Any:
    """Dropped channels of a batch of one where there is no batch."""
    alone = input.dim() != rank
    if alone:
        input = input.unsqueeze_(0) if inplace else input.unsqueeze(0)
    out = _asked("feature_dropout", input, p, training, inplace)
    if not alone:
        return out
    return out.squeeze_(0) if inplace else out.squeeze(0)


def _warn_of_rank(name: str, rank: int, spatial: int) -> None:
    if rank not in (spatial + 1, spatial + 2):
        warn(
            f"{name}: Received a {rank}-D input to {name}, which is deprecated and will result in an error in a "
            "future release. To retain the behavior and silence this warning, please use dropout instead. Note that "
            f"{name} exists to provide channel-wise dropout on inputs with {spatial} spatial dimensions, a channel "
            f"dimension, and an optional batch dimension (i.e. {spatial + 1}D or {spatial + 2}D inputs)."
        )
