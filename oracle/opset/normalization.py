"""Normalization layers: layer, rms, group, instance, batch, local response.

What may live here: one line per op, and rules that serve ops of this file alone. Running statistics, for which torch
has no derivative, are `Const`s.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import prod
from typing import Any

from oracle.opset.constants import const, constants
from oracle.opset.metas import FLOAT, Meta, Shape, meta
from oracle.opset.params import choice, flag, number
from oracle.opset.spec import Const, Operand, OpSpec, Param, rule

FLOATS = ("float32", "float64")
ROWS = meta((2, 3), "float32")
SAMPLES = meta((2, 4, 3), "float32")
EPS = number("eps", 0.5, default=1e-5)


# -- by shape -------------------------------------------------------------------------------------------


def _trailing(x: Meta) -> Sequence[Shape]:
    return tuple(dict.fromkeys((x.shape[-1:], x.shape[-2:], x.shape))) if x.rank else ()


def _normalized_shapes(x: Meta, weight: Meta | None = None, *_: Meta) -> Sequence[Shape]:
    return _trailing(x) if weight is None else (weight.shape,)


def _like_weight(x: Meta, weight: Meta | None) -> Sequence[Meta]:
    return _of_trailing(x) if weight is None else (weight,)


def _of_trailing(x: Meta, *_: Meta) -> Sequence[Meta]:
    return tuple(meta(shape, x.dtype) for shape in _trailing(x))


def _wrong_trailing(x: Meta, *_: Meta) -> Sequence[Shape]:
    return ((), ((x.shape[-1] if x.rank else 0) + 1,))


NORMALIZED = Param("normalized_shape", _normalized_shapes, wrong=_wrong_trailing)
GAIN = Operand("weight", likes=_of_trailing, optional=True)
SHIFT = Operand("bias", likes=_like_weight, optional=True)


def _fits(x: Meta, size: Shape, *parameters: Meta | None) -> bool:
    fitting = (p is None or (p.shape == size and p.dtype == x.dtype) for p in parameters)
    return bool(x.rank) and x.shape[-len(size) :] == size and all(fitting)


@rule(Operand("input", fresh=ROWS), NORMALIZED, GAIN, SHIFT, EPS)
def layer(x: Meta, size: Shape, weight: Meta | None, bias: Meta | None, eps: float) -> Meta | None:
    if x.dtype not in FLOATS or not _fits(x, size, weight, bias) or (weight is None and bias is not None):
        return None
    return x


@rule(Operand("input", fresh=ROWS), NORMALIZED, GAIN, number("eps", 0.5, default=None))
def root_mean_square(x: Meta, size: Shape, weight: Meta | None, eps: float | None) -> Meta | None:
    return x if x.dtype in FLOATS and _fits(x, size, weight) else None


# -- by channel -----------------------------------------------------------------------------------------


def _channels(x: Meta) -> int:
    return x.shape[1] if x.rank > 1 else 0


def _per_channel(x: Meta, *_: Meta) -> Sequence[Meta]:
    return (meta((_channels(x),), x.dtype),)


def _groups(x: Meta, *_: Meta) -> Sequence[int]:
    return tuple(n for n in (1, 2, 3, 4) if _channels(x) and _channels(x) % n == 0)


def _wrong_groups(x: Meta, *_: Meta) -> Sequence[int]:
    return (-1, _channels(x) + 1)


WEIGHT = Operand("weight", likes=_per_channel, optional=True)
BIAS = Operand("bias", likes=_per_channel, optional=True)


def _matches(x: Meta, *parameters: Meta | None) -> bool:
    fitting = (p is None or (p.shape == (_channels(x),) and p.dtype == x.dtype) for p in parameters)
    return x.rank > 1 and x.dtype in FLOATS and x.numel > 0 and all(fitting)


@rule(Operand("input", fresh=SAMPLES), Param("num_groups", _groups, wrong=_wrong_groups), WEIGHT, BIAS, EPS)
def grouped(x: Meta, groups: int, weight: Meta | None, bias: Meta | None, eps: float) -> Meta | None:
    if not _matches(x, weight, bias) or (weight is None and bias is not None):
        return None
    return x if x.shape[0] * x.shape[1] // groups * prod(x.shape[2:]) > 1 else None


def _running(name: str, *values: float, default: bool = True) -> Param:
    return constants(name, lambda x, *_: (const((_channels(x),), x.dtype, *values),), default=default)


MEAN, VAR = (0.0, 1.0, -0.5), (1.0, 0.25, 2.0)


def _normalized(x: Meta, mean: Const | None, var: Const | None, weight: Any, bias: Any, fresh: bool) -> bool:
    if not _matches(x, weight, bias) or (weight is None and bias is not None):
        return False
    return (mean is None) == (var is None) and (fresh or mean is not None)


@rule(
    Operand("input", fresh=SAMPLES), _running("running_mean", *MEAN), _running("running_var", *VAR), WEIGHT, BIAS,
    flag("use_input_stats", True), number("momentum", 0.5, default=0.1), EPS,
)  # fmt: skip
def by_sample(x: Meta, mean: Any, var: Any, weight: Any, bias: Any, fresh: bool, *_: float) -> Meta | None:
    return x if _normalized(x, mean, var, weight, bias, fresh) and (not fresh or prod(x.shape[2:]) > 1) else None


def _batched(training: bool) -> Any:
    running = [_running("running_mean", *MEAN, default=False), _running("running_var", *VAR, default=False)]

    @rule(
        Operand("input", fresh=SAMPLES), *running, WEIGHT, BIAS,
        choice("training", True) if training else choice("training", default=False),
        number("momentum", 0.5, default=0.1), EPS,
    )  # fmt: skip
    def infer(x: Meta, mean: Any, var: Any, weight: Any, bias: Any, fresh: bool, *_: float) -> Meta | None:
        several = not training or x.rank < 2 or x.numel > x.shape[1]
        return x if _normalized(x, mean, var, weight, bias, fresh) and several else None

    return infer


# -- by neighbours --------------------------------------------------------------------------------------


@rule(
    Operand("input", fresh=SAMPLES), choice("size", 2, 3, 1), number("alpha", 0.5, default=1e-4),
    number("beta", 0.5, default=0.75), number("k", 2.0, default=1.0),
)  # fmt: skip
def by_neighbours(x: Meta, size: int, *_: float) -> Meta | None:
    return x if x.rank > 2 and x.category == FLOAT and x.dtype in FLOATS else None


OpSpec_ = partial(OpSpec, forms=("call",), tolerance="cancelling", dense=False)
SPECS = (
    *(OpSpec_(prefix + "layer_norm", infer=layer) for prefix in ("nn.functional.", "")),
    *(OpSpec_(prefix + "rms_norm", infer=root_mean_square) for prefix in ("nn.functional.", "")),
    *(OpSpec_(prefix + "group_norm", infer=grouped) for prefix in ("nn.functional.", "")),
    OpSpec_("nn.functional.instance_norm", infer=by_sample),
    OpSpec_("nn.functional.batch_norm", infer=_batched(True)),
    OpSpec_("nn.functional.batch_norm", infer=_batched(False), overload="evaluation"),
    OpSpec_("nn.functional.local_response_norm", infer=by_neighbours),
)
