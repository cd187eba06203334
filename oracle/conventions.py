"""Documented choices: where no slope exists, or any of several answers is right, and what torch chooses.

What may live here: the table, as data, and looking ops up in it. A choice counts as convention only where the
referee's other evidence does not settle the matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

NOTES = "https://docs.pytorch.org/docs/stable/notes/autograd.html#gradients-for-non-differentiable-functions"
API = "https://docs.pytorch.org/docs/stable/generated/torch."


@dataclass(frozen=True, slots=True)
class Convention:
    """What one family of ops does at places where its derivative, or its answer, is a matter of choice."""

    ops: tuple[str, ...]
    at: str
    choice: str
    source: str


CONVENTIONS: tuple[Convention, ...] = (
    Convention(("abs", "sgn"), "zero", "gradient 0, the subgradient of least norm", NOTES),
    Convention(
        ("maximum", "minimum", "fmax", "fmin", "amax", "amin", "aminmax"),
        "ties",
        "the gradient is shared evenly among those that tie",
        API + "amax.html",
    ),
    Convention(
        ("max", "min", "median", "nanmedian", "kthvalue", "mode", "cummax", "cummin", "topk", "sort", "msort",
         "argmax", "argmin", "argsort", "quantile", "nanquantile", "max_pool1d", "max_pool2d", "max_pool3d"),
        "ties",
        "one of those that tie is taken; which one is not promised",
        API + "max.html",
    ),
    Convention(
        ("relu", "relu6", "threshold", "leaky_relu", "prelu", "elu", "celu", "selu", "hardtanh",
         "hardsigmoid", "hardswish", "hardshrink", "softshrink", "clamp", "clamp_min", "clamp_max",
         "softplus"),
        "their corners",
        "one of the two slopes",
        NOTES,
    ),
    Convention(
        ("sqrt", "rsqrt", "pow", "float_power", "log", "log2", "log10", "log1p", "reciprocal", "div", "xlogy",
         "logit", "erfinv", "acos", "asin", "acosh", "atanh", "polygamma", "digamma", "lgamma"),
        "the end or a pole of their domain",
        "the limit of the formula in floating point, infinite or nan",
        NOTES,
    ),
    Convention(
        ("norm", "linalg.norm", "linalg.vector_norm", "linalg.matrix_norm", "dist", "cdist", "pdist", "hypot",
         "atan2", "angle", "renorm", "normalize", "cosine_similarity", "pairwise_distance"),
        "zero",
        "gradient 0, the subgradient of least norm",
        NOTES,
    ),
    Convention(
        ("floor", "ceil", "round", "trunc", "frac", "sign", "fmod", "remainder", "floor_divide", "copysign",
         "heaviside", "nan_to_num", "where"),
        "their jumps",
        "the gradient of the piece",
        NOTES,
    ),
    Convention(
        ("logaddexp", "logaddexp2", "logsumexp", "logcumsumexp", "logsigmoid", "softmax", "log_softmax"),
        "infinite operands",
        "the limit of the formula in floating point, or nan",
        NOTES,
    ),
    Convention(
        ("linalg.svd", "linalg.eigh", "linalg.qr", "linalg.eig", "svd", "qr"),
        "their gauge",
        "signs and phases of vectors are not promised",
        API + "linalg.svd.html",
    ),
    Convention(
        ("cholesky", "cholesky_inverse", "cholesky_solve", "linalg.cholesky", "linalg.eigh", "linalg.eigvalsh"),
        "the triangle that is not read",
        "the gradient of the function of symmetric matrices, shared between both triangles",
        API + "linalg.cholesky.html",
    ),
    Convention(
        ("prod", "cumprod"), "several zeros", "the product of the others, computed as such", API + "prod.html"
    ),
)  # fmt: skip
"""Each line is one documented choice; `docs/semantics.md` shows them run."""


def conventions_for(ops: Iterable[str]) -> list[Convention]:
    """The conventions that any of these ops has; in-place names count as their ops."""
    names = {op[:-1] if op.endswith("_") else op for op in ops}
    return [one for one in CONVENTIONS if names.intersection(one.ops)]
