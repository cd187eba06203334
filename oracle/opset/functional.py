"""nn.functional: activations, losses, layers.

What may live here: one line per op, and rules that serve ops of this file alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from oracle.opset.metas import BOOL, COMPLEX, FLOAT, Meta, broadcast, float_dtype, meta
from oracle.opset.params import choice, dim, dtype, flag, joint, number
from oracle.opset.rules import kept_dims
from oracle.opset.spec import Operand, OpSpec, Rule, rule

INF, NAN = float("inf"), float("nan")
INPUT = Operand("input")
CORNER = (0.0, -0.0)


def _is_real_float(x: Meta) -> bool:
    return x.category == FLOAT


@rule(INPUT)
def real_float(x: Meta) -> Meta | None:
    """Floating point alone: mish, selu, ..."""
    return x if _is_real_float(x) else None


@rule(INPUT)
def ordered(x: Meta) -> Meta | None:
    return None if x.category in (BOOL, COMPLEX) else x


@rule(INPUT)
def made_float(x: Meta) -> Meta | None:
    """Integers become floating point: softsign, tanhshrink."""
    return None if x.category == BOOL else meta(x.shape, float_dtype(x.dtype))


def _with(*params: object) -> Rule:
    """Floating point with these parameters, none of which shows in the result."""

    @rule(INPUT, *params)  # type: ignore[arg-type]
    def kept(x: Meta, *_: object) -> Meta | None:
        return x if _is_real_float(x) else None

    return kept


@rule(INPUT, joint("min_val", lambda x: ((), (-0.5, 2.0), (0.0, 1.0), (1.0, 1.0))))
def bounded(x: Meta, bounds: object) -> Meta | None:
    return x if _is_real_float(x) else None


@rule(INPUT, number("threshold", 0.0, 0.5, -1.0), number("value", 0.0, 3.0))
def above(x: Meta, threshold: float, value: float) -> Meta | None:
    return x if _is_real_float(x) else None


@rule(INPUT, dim(), dtype("float64", "float32"))
def along(x: Meta, axis: int, to: Any) -> Meta | None:
    rank = max(x.rank, 1)
    if not -rank <= axis < rank or x.category == COMPLEX:
        return None
    if to is not None:
        return meta(x.shape, to.path)
    return x if _is_real_float(x) else None


@rule(*along.parameters)
def along_negated(x: Meta, axis: int, to: Any) -> Meta | None:
    """softmin, which negates."""
    return None if x.category == BOOL else along.infer(x, axis, to)  # type: ignore[return-value]


@rule(Operand("input", fresh=meta((2, 2), "float32")), dim(default=-1, dims=True))
def halved(x: Meta, axis: int) -> Meta | None:
    """glu: one dim, of an even size, becomes half as long."""
    if not _is_real_float(x) or not -x.rank <= axis < x.rank or x.shape[axis] % 2:
        return None
    at = axis % x.rank
    return meta((*x.shape[:at], x.shape[at] // 2, *x.shape[at + 1 :]), x.dtype)


@rule(INPUT, joint("lower", lambda x: ((), (0.25, 0.5), (-0.5, 0.25), (0.25, 0.25, True))))
def sloped(x: Meta, bounds: object) -> Meta | None:
    """What is drawn while training is not random where both bounds are one."""
    return x if _is_real_float(x) else None


@rule(INPUT, joint("lower", lambda x: ((), (0.25, 0.5), (0.25, 0.25, True))))
def rising(x: Meta, bounds: object) -> Meta | None:
    return x if _is_real_float(x) else None


def _weights(x: Meta) -> Sequence[Meta]:
    return (meta((2, x.shape[-1] if x.rank else 2), x.dtype),)


def _biases(x: Meta, weight: Meta) -> Sequence[Meta]:
    return (meta(weight.shape[:1], x.dtype),)


@rule(
    Operand("input", fresh=meta((2, 2), "float32")),
    Operand("weight", likes=_weights),
    Operand("bias", likes=_biases, optional=True),
)
def linear(x: Meta, weight: Meta, bias: Meta | None) -> Meta | None:
    if not x.rank or weight.rank != 2 or x.shape[-1] != weight.shape[1] or not _is_real_float(x):
        return None
    if x.dtype != weight.dtype or (bias is not None and (bias.dtype, bias.shape) != (x.dtype, weight.shape[:1])):
        return None
    return meta((*x.shape[:-1], weight.shape[0]), x.dtype)


@rule(
    Operand("input", fresh=meta((2, 2), "float32")),
    number("p", 1.0, 3, float("inf"), default=2.0),
    dim(default=1),
    number("eps", 0.5, default=1e-12),
)
def normalized(x: Meta, p: float, axis: int, eps: float) -> Meta | None:
    fits = x.rank and -x.rank <= axis < x.rank and x.shape[axis] and _is_real_float(x)
    return x if fits else None


# -- of two and more ------------------------------------------------------------------------------------


@rule(
    Operand("x1", fresh=meta((2, 3), "float32")),
    Operand("x2"),
    dim(default=1),
    number("eps", 0.5, default=1e-8),
)
def cosine(x: Meta, other: Meta, axis: int, eps: float) -> Meta | None:
    shape = broadcast(x.shape, other.shape)
    if shape is None or x.dtype != other.dtype or not _is_real_float(x) or not -len(shape) <= axis < len(shape):
        return None
    kept = meta(shape, x.dtype)
    return meta(kept_dims(kept, axis, False) or (), x.dtype) if shape else None


@rule(
    Operand("x1", fresh=meta((2, 3), "float32")),
    Operand("x2"),
    number("p", 1.0, 3, 1.5, default=2.0),
    number("eps", 0.5, 0, default=1e-6),
    flag("keepdim"),
)
def apart(x: Meta, other: Meta, p: float, eps: float, keepdim: bool) -> Meta | None:
    shape = broadcast(x.shape, other.shape)
    if not shape or x.dtype != other.dtype or not _is_real_float(x) or not shape[-1]:
        return None
    return meta((*shape[:-1], *((1,) if keepdim else ())), x.dtype)


@rule(Operand("input", fresh=meta((3, 2), "float32")), number("p", 1.0, 3.0, float("inf"), 0.0, 1.5, default=2.0))
def all_apart(x: Meta, p: float) -> Meta | None:
    # of one row torch's backward may crash
    if x.rank != 2 or x.shape[0] < 2 or not x.numel or x.dtype not in ("float32", "float64"):
        return None
    return meta((x.shape[0] * (x.shape[0] - 1) // 2,), x.dtype)


def _seconds(x: Meta) -> Sequence[Meta]:
    return (meta((*x.shape[:-1], 2), x.dtype), x)


def _forms(x: Meta, other: Meta) -> Sequence[Meta]:
    ends = [one.shape[-1] if one.rank else 1 for one in (x, other)]
    return (meta((2, *ends), x.dtype), meta((1, *ends), x.dtype))


def _added(x: Meta, other: Meta, weight: Meta) -> Sequence[Meta]:
    return (meta(weight.shape[:1], x.dtype),)


@rule(
    Operand("input1", fresh=meta((2, 2), "float32")),
    Operand("input2", likes=_seconds),
    Operand("weight", likes=_forms),
    Operand("bias", likes=_added, optional=True),
)
def bilinear(x: Meta, other: Meta, weight: Meta, bias: Meta | None) -> Meta | None:
    if not x.rank or not x.numel or x.shape[:-1] != other.shape[:-1] or not _is_real_float(x) or weight.rank != 3:
        return None
    if weight.shape[1:] != (x.shape[-1], *other.shape[-1:]) or {x.dtype} != {other.dtype, weight.dtype}:
        return None
    if bias is not None and (bias.dtype, bias.shape) != (x.dtype, weight.shape[:1]):
        return None
    return meta((*x.shape[:-1], weight.shape[0]), x.dtype)


def _slopes(x: Meta) -> Sequence[Meta]:
    channels = x.shape[1] if x.rank > 1 else 1
    return (meta((channels,), x.dtype), meta((1,), x.dtype), meta((), x.dtype))


@rule(INPUT, Operand("weight", likes=_slopes))
def learned(x: Meta, weight: Meta) -> Meta | None:
    channels = x.shape[1] if x.rank > 1 else 1
    fits = weight.rank < 2 and (weight.numel == 1 or (weight.numel == channels and x.rank))
    return x if fits and weight.dtype == x.dtype and _is_real_float(x) else None


OpSpec_ = partial(OpSpec, forms=("call",))
SPECS = tuple(
    OpSpec_("nn.functional." + name, **facts)  # type: ignore[arg-type]
    for name, facts in {
        "relu": {"infer": ordered, "tolerance": "exact", "edges": CORNER},
        "threshold": {"infer": above, "tolerance": "exact", "edges": (0.0, 0.5, -1.0)},
        "leaky_relu": {"infer": _with(number("negative_slope", 0.5, 0.0, -1.0, default=0.01)), "edges": CORNER},
        "hardtanh": {"infer": bounded, "tolerance": "exact", "edges": (-1.0, 1.0, -0.5, 2.0)},
        "relu6": {"infer": ordered, "tolerance": "exact", "edges": (0.0, 6.0)},
        "elu": {"infer": _with(number("alpha", 0.5, 2.0, default=1.0)), "edges": CORNER},
        "selu": {"infer": real_float, "edges": CORNER},
        "celu": {"infer": _with(number("alpha", 0.5, 2.0, default=1.0)), "edges": CORNER},
        "softplus": {"infer": _with(joint("beta", lambda x: ((), (2,), (0.5, 3)))), "edges": (20.0, 0.0)},
        "rrelu": {"infer": sloped, "halves": False, "edges": CORNER, "saves": "noise"},
        "logsigmoid": {"infer": real_float, "edges": CORNER},
        "gelu": {"infer": _with(choice("approximate", "tanh", default="none", keyword="must")), "tolerance": "loose"},
        "glu": {"infer": halved, "edges": CORNER},
        "hardsigmoid": {"infer": real_float, "edges": (3.0, -3.0, 0.0)},
        "hardswish": {"infer": real_float, "edges": (3.0, -3.0, 0.0)},
        "softshrink": {"infer": _with(number("lambd", 1.0, 0.0, default=0.5)), "edges": (0.5, -0.5, 0.0)},
        "silu": {"infer": real_float, "edges": CORNER},
        "mish": {"infer": real_float, "edges": CORNER},
        "softsign": {"infer": made_float, "edges": CORNER},
        "hardshrink": {"infer": _with(number("lambd", 1.0, 0.0, default=0.5)), "edges": (0.5, -0.5, 0.0)},
        "tanhshrink": {"infer": made_float, "edges": CORNER, "tolerance": "cancelling"},  # x - tanh(x), near 0
        "softmax": {"infer": along, "tolerance": "cancelling"},
        "linear": {"infer": linear, "tolerance": "unordered"},
        "softmin": {"infer": along_negated, "tolerance": "cancelling"},
        "log_softmax": {"infer": along, "tolerance": "cancelling"},
        "normalize": {"infer": normalized, "tolerance": "cancelling", "edges": (0.0, -0.0)},
        "prelu": {"infer": learned, "edges": CORNER},
        "cosine_similarity": {"infer": cosine, "tolerance": "cancelling", "edges": (0.0, -0.0)},
        "pairwise_distance": {"infer": apart, "tolerance": "loose", "edges": (0.0, 1.0)},
        "pdist": {"infer": all_apart, "halves": False, "tolerance": "loose", "edges": (0.0, 1.0), "forward": False},
        "bilinear": {"infer": bilinear, "tolerance": "unordered"},
    }.items()
)
# in place, where the gradient is told from the result
WRITTEN: dict[str, Rule] = {
    "relu_": ordered,
    "threshold_": above,
    "leaky_relu_": _with(number("negative_slope", 0.5, 0.0, default=0.01)),
    "hardtanh_": bounded,
    "elu_": _with(number("alpha", 0.5, 2.0, default=1.0)),
    "selu_": real_float,
    "celu_": _with(number("alpha", 0.5, 2.0, default=1.0)),
    "rrelu_": rising,
}
WRITES = tuple(
    OpSpec_(f"nn.functional.{name}", infer=rule, writes=True, edges=CORNER, halves=name != "rrelu_",
            saves="noise" if name == "rrelu_" else True)
    for name, rule in WRITTEN.items()
)
QUIETLY = tuple(
    OpSpec_(f"nn.functional.{name}", infer=_with(choice("inplace", True, keyword="must")), overload="inplace",
            writes=True, edges=CORNER)
    for name in ("silu", "mish", "hardswish", "hardsigmoid")
)  # fmt: skip
"""In place though their name does not say so."""
SPECS = (*SPECS, *WRITES, *QUIETLY, OpSpec("prelu", infer=learned, edges=CORNER))
