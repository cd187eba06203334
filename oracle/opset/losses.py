"""Losses of nn.functional.

What may live here: one line per loss, and rules that serve losses alone. Class indices, signs and weights, for
which torch has no derivative, are `Const`s, written into the program for the call.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oracle.opset.constants import const as _const
from oracle.opset.constants import constants as _constants
from oracle.opset.metas import FLOAT, PROMOTED, Meta, Shape, broadcast, meta, result_dtype
from oracle.opset.params import choice, flag, number
from oracle.opset.rules import promoted
from oracle.opset.spec import Const, Operand, OpSpec, Param, Rule, rule
from oracle.program.language import ListArg

INPUT = Operand("input")
REDUCTION = choice("reduction", "none", "sum", default="mean", keyword="must")
MATRIX = meta((2, 3), "float32")
VECTOR = meta((3,), "float32")


def _is_float(x: Meta) -> bool:
    return x.category == FLOAT


def _reduced(losses: Meta | None, reduction: str) -> Meta | None:
    return losses if losses is None or reduction == "none" else meta((), losses.dtype)


def _like(x: Meta, *_: Meta) -> Sequence[Meta]:
    return (x,)


# -- constants ------------------------------------------------------------------------------------------


def _signs(shape: Shape, dtype: str) -> tuple[Const, Const]:
    """1 and -1, mixed; and 1 everywhere."""
    return (_const(shape, dtype, 1.0, -1.0, -1.0, 1.0, 1.0), _const(shape, dtype, 1.0))


def _weights(shape: Shape, dtype: str) -> Const:
    return _const(shape, dtype, 1.0, 0.5, 2.0, 0.0)


# -- differences ----------------------------------------------------------------------------------------


def _expanded(x: Meta, target: Meta) -> Meta | None:
    """Broadcast (with a warning) before they are promoted, so that none of them counts as 0-dim."""
    shape = broadcast(x.shape, target.shape) if _is_float(x) and _is_float(target) else None
    return None if shape is None else meta(shape, PROMOTED[x.dtype, target.dtype])


@rule(INPUT, Operand("target"), REDUCTION)
def compared(x: Meta, target: Meta, reduction: str) -> Meta | None:
    """A loss of differences: mse_loss, l1_loss."""
    return _reduced(_expanded(x, target), reduction)


@rule(INPUT, Operand("target"), REDUCTION, number("beta", 0.5, 2.0, 0.0, default=1.0, keyword="must"))
def smooth(x: Meta, target: Meta, reduction: str, beta: float) -> Meta | None:
    return _reduced(_expanded(x, target), reduction)


@rule(INPUT, Operand("target"), REDUCTION, number("delta", 0.5, 2.0, default=1.0, keyword="must"))
def huber(x: Meta, target: Meta, reduction: str, delta: float) -> Meta | None:
    """Of one dtype, or backward refuses it."""
    return _reduced(_expanded(x, target), reduction) if x.dtype == target.dtype else None


def _signed(*params: Param) -> Rule:
    """An input, signs of its shape, parameters that do not show, a reduction."""

    @rule(INPUT, _constants("target", lambda x: _signs(x.shape, x.dtype)), *params, REDUCTION)
    def losses(x: Meta, target: Const, *rest: Any) -> Meta | None:
        return _reduced(x, rest[-1]) if _is_float(x) else None

    return losses


MARGIN = number("margin", 0.5, default=1.0)


# -- probabilities --------------------------------------------------------------------------------------

WEIGHT = _constants("weight", lambda x, *_: (_weights(x.shape, x.dtype),), default=True)


@rule(INPUT, Operand("target", likes=_like), WEIGHT, REDUCTION)
def entropy(x: Meta, target: Meta, weight: Const | None, reduction: str) -> Meta | None:
    return _reduced(x, reduction) if _is_float(x) and x is target else None


POSITIVE = _constants("pos_weight", lambda x, *_: (_weights(x.shape[-1:], x.dtype),), default=True, keyword="must")


@rule(INPUT, Operand("target", likes=_like), WEIGHT, REDUCTION, POSITIVE)
def logits(x: Meta, target: Meta, weight: Const | None, reduction: str, positive: Const | None) -> Meta | None:
    """The dtype is the target's."""
    fits = _is_float(x) and _is_float(target) and x.shape == target.shape
    return _reduced(target, reduction) if fits else None


@rule(
    INPUT,
    Operand("target"),
    choice("reduction", "batchmean", "none", "sum", default="mean", keyword="must"),
    flag("log_target", keyword="must"),
)
def divergence(x: Meta, target: Meta, reduction: str, log_target: bool) -> Meta | None:
    return _reduced(promoted(x, target), reduction) if _is_float(x) and _is_float(target) else None


@rule(INPUT, Operand("target"), flag("log_input", default=True), flag("full"), REDUCTION)
def counts(x: Meta, target: Meta, log_input: bool, full: bool, reduction: str) -> Meta | None:
    both = promoted(x, target) if _is_float(x) and _is_float(target) else None
    if both is None or (full and target.shape != both.shape and broadcast(target.shape, both.shape) is None):
        return None
    return _reduced(both, reduction)


def _variances(x: Meta, *_: Meta) -> Sequence[Meta]:
    return (x, meta((*x.shape[:-1], 1), x.dtype)) if x.rank else (x,)


@rule(INPUT, Operand("target", likes=_like), Operand("var", likes=_variances), flag("full"), REDUCTION)
def gaussian(x: Meta, target: Meta, var: Meta, full: bool, reduction: str) -> Meta | None:
    spread = var is x or (x.rank and var is meta((*x.shape[:-1], 1), x.dtype) and x.shape[-1])
    return _reduced(x, reduction) if _is_float(x) and x is target and spread else None


# -- margins --------------------------------------------------------------------------------------------


@rule(
    Operand("input1"),
    Operand("input2", likes=_like),
    _constants("target", lambda x, other: _signs(x.shape, x.dtype)),
    number("margin", 0.5, default=0.0),
    REDUCTION,
)
def ranked(x: Meta, other: Meta, target: Const, margin: float, reduction: str) -> Meta | None:
    return _reduced(x, reduction) if _is_float(x) and x is other else None


def _other_vectors(x: Meta) -> Sequence[Meta]:
    """Of another shape: the cosine of a vector with itself is 1 but for rounding, and so is its loss 0."""
    return (meta((1, x.shape[-1]), x.dtype),) if x.rank else ()


@rule(
    Operand("input1", fresh=MATRIX),
    Operand("input2", likes=_other_vectors),
    _constants("target", lambda x, other: _signs(x.shape[:-1], x.dtype)),
    number("margin", 0.5, default=0.0),
    REDUCTION,
)
def turned(x: Meta, other: Meta, target: Const, margin: float, reduction: str) -> Meta | None:
    """Cosines of the rows of matrices with those of one row, of several elements."""
    fits = _is_float(x) and x.rank == 2 and x is not other and (other,) == _other_vectors(x) and x.shape[1] > 1
    return _reduced(meta(x.shape[:-1], x.dtype), reduction) if fits else None


@rule(
    Operand("anchor", fresh=MATRIX),
    Operand("positive", likes=_like),
    Operand("negative", likes=_like),
    MARGIN,
    choice("p", 1.0, 3.0, default=2.0),
    flag("swap", keyword="must"),
    REDUCTION,
)
def triplet(
    x: Meta, positive: Meta, negative: Meta, margin: float, p: float, swap: bool, reduction: str
) -> Meta | None:
    fits = _is_float(x) and x is positive and x is negative and x.numel
    return _reduced(meta(x.shape[:-1], x.dtype), reduction) if fits else None


def _classes(x: Meta) -> int:
    return x.shape[-1] if x.rank else 1


def _class_of_rows(x: Meta) -> Sequence[Const]:
    classes = _classes(x)
    return (_const(x.shape[:-1], "int64", *range(classes)), _const(x.shape[:-1], "int64", 0)) if classes else ()


@rule(
    Operand("anchor", fresh=MATRIX),
    Operand("positive", likes=_like),
    Operand("negative", likes=_like),
    number("margin", 0.5, 3.0, default=1.0, keyword="must"),
    flag("swap", keyword="must"),
    REDUCTION,
)
def triplet_at_a_distance(
    x: Meta, positive: Meta, negative: Meta, margin: float, swap: bool, reduction: str
) -> Meta | None:
    return triplet.infer(x, positive, negative, margin, 2.0, swap, reduction)  # type: ignore[return-value]


@rule(
    Operand("input", fresh=MATRIX),
    _constants("target", _class_of_rows),
    choice("p", 2, default=1),
    MARGIN,
    _constants("weight", lambda x: (_weights((_classes(x),), x.dtype),), default=True),
    REDUCTION,
)
def one_class(x: Meta, target: Const, p: int, margin: float, weight: Const | None, reduction: str) -> Meta | None:
    if x.dtype not in ("float32", "float64") or x.rank not in (1, 2) or not x.numel:
        return None
    return _reduced(meta(x.shape[:-1], x.dtype), reduction)


def _label_lists(x: Meta) -> Sequence[Const]:
    classes = _classes(x)
    if not classes:
        return ()
    row = (classes - 1, *[-1] * (classes - 1))
    return (_const(x.shape, "int64", *row), _const(x.shape, "int64", *range(classes)), _const(x.shape, "int64", -1))


@rule(Operand("input", fresh=MATRIX), _constants("target", _label_lists), REDUCTION)
def label_lists(x: Meta, target: Const, reduction: str) -> Meta | None:
    if x.dtype not in ("float32", "float64") or x.rank not in (1, 2) or not x.numel:
        return None
    return _reduced(meta(x.shape[:-1], x.dtype), reduction)


@rule(
    Operand("input", fresh=MATRIX),
    Operand("target", likes=_like),
    _constants("weight", lambda x, *_: (_weights((_classes(x),), x.dtype),), default=True),
    REDUCTION,
)
def labels(x: Meta, target: Meta, weight: Const | None, reduction: str) -> Meta | None:
    both = promoted(x, target) if x.rank and _is_float(x) and _is_float(target) else None
    if both is None or x.shape != target.shape:
        return None
    return _reduced(meta(x.shape[:-1], both.dtype), reduction)


# -- classes --------------------------------------------------------------------------------------------


IGNORED = -100


def _shape_of_indices(x: Meta) -> Shape:
    return () if x.rank < 2 else (x.shape[0], *x.shape[2:])


def _class_count(x: Meta) -> int:
    return x.shape[1 if x.rank > 1 else 0] if x.rank else 0


def _indices(x: Meta) -> Sequence[Const]:
    """A class for each row or place: running, the first for all, and some to be ignored."""
    classes, shape = _class_count(x), _shape_of_indices(x)
    if not classes:
        return ()
    return (
        _const(shape, "int64", *range(classes)),
        _const(shape, "int64", 0),
        _const(shape, "int64", classes - 1, IGNORED),
    )


def _skips(target: Const) -> bool:
    """Whether it names the index that is ignored by default."""
    return target is _const(target.meta.shape, "int64", _largest(target.data), IGNORED)


def _largest(data: Any) -> int:
    return max(map(_largest, data.items), default=0) if isinstance(data, ListArg) else data


def _indexed(*params: Param) -> Rule:
    """Class indices, with weights of the classes, an index to be ignored and further parameters."""

    @rule(
        Operand("input", fresh=MATRIX),
        _constants("target", _indices),
        _constants("weight", lambda x: (_weights((_class_count(x),), x.dtype),), default=True),
        choice("ignore_index", 0, default=IGNORED, keyword="must"),
        REDUCTION,
        *params,
    )
    def losses(x: Meta, target: Const, weight: Const | None, ignored: int, reduction: str, *rest: Any) -> Meta | None:
        if not _is_float(x) or not x.rank or (ignored != IGNORED and _skips(target)):
            return None
        return _reduced(meta(_shape_of_indices(x), x.dtype), reduction)

    return losses


SMOOTHING = number("label_smoothing", 0.25, 1.0, default=0.0, keyword="must")


@rule(
    Operand("input", fresh=MATRIX),
    Operand("target", likes=_like),
    _constants("weight", lambda x, *_: (_weights((_class_count(x),), x.dtype),), default=True),
    REDUCTION,
    SMOOTHING,
)
def probabilities(x: Meta, target: Meta, weight: Const | None, reduction: str, smoothing: float) -> Meta | None:
    if not _is_float(x) or not _is_float(target) or x.shape != target.shape or not x.rank or not _class_count(x):
        return None
    shape = x.shape[1:] if x.rank == 1 else _shape_of_indices(x)
    return _reduced(meta(shape, result_dtype(x, target)), reduction)


TIES = (0.0, 1.0, -1.0)
LOSS: dict[str, Any] = {"forms": ("call",), "tolerance": "sum"}
CANCELS: dict[str, Any] = {"forms": ("call",), "tolerance": "loose"}
CHECKED: dict[str, Any] = {**LOSS, "domain": "probability", "checked": True}

SPECS = (
    OpSpec("nn.functional.mse_loss", infer=compared, **LOSS),
    OpSpec("nn.functional.l1_loss", infer=compared, edges=TIES, **LOSS),
    OpSpec("nn.functional.smooth_l1_loss", infer=smooth, edges=TIES, **LOSS),
    OpSpec("nn.functional.huber_loss", infer=huber, edges=TIES, **LOSS),
    OpSpec("nn.functional.soft_margin_loss", infer=_signed(), **LOSS),
    OpSpec("nn.functional.binary_cross_entropy", infer=entropy, **CHECKED),
    OpSpec("nn.functional.binary_cross_entropy_with_logits", infer=logits, edges=(0.0,), **LOSS),
    OpSpec("nn.functional.kl_div", infer=divergence, domain="positive", edges=(0.0,), **LOSS),
    OpSpec("nn.functional.poisson_nll_loss", infer=counts, domain="positive", edges=(0.0, 1.0), **LOSS),
    OpSpec("nn.functional.gaussian_nll_loss", infer=gaussian, **CHECKED),
    OpSpec("nn.functional.hinge_embedding_loss", infer=_signed(MARGIN), edges=TIES, **LOSS),
    OpSpec("nn.functional.margin_ranking_loss", infer=ranked, edges=(0.0, 0.5), **LOSS),
    OpSpec("nn.functional.cosine_embedding_loss", infer=turned, edges=(0.0,), **CANCELS),
    OpSpec("nn.functional.triplet_margin_loss", infer=triplet, edges=(0.0,), **LOSS),
    OpSpec("nn.functional.triplet_margin_with_distance_loss", infer=triplet_at_a_distance, edges=(0.0,), **LOSS),
    OpSpec("nn.functional.multi_margin_loss", infer=one_class, halves=False, forward=False, edges=TIES, **LOSS),
    OpSpec("nn.functional.multilabel_margin_loss", infer=label_lists, halves=False, forward=False, edges=TIES, **LOSS),
    OpSpec("nn.functional.multilabel_soft_margin_loss", infer=labels, edges=(0.0,), **LOSS),
    OpSpec("nn.functional.nll_loss", infer=_indexed(), **LOSS),
    OpSpec("nn.functional.cross_entropy", infer=_indexed(SMOOTHING), **CANCELS),
    OpSpec("nn.functional.cross_entropy", infer=probabilities, overload="probabilities", **CANCELS),
)
