"""one_hot of nn.functional: numbers of classes as rows that are one there and zero elsewhere.

What may live here: that function.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.ops.carriers import written
from minigrad.registry import publish
from minigrad.signatures import Parser
from minigrad.tensor import wrap

_FORM = Parser("one_hot", "(Tensor input, int num_classes = -1)")


def one_hot(*args: Any, **kwargs: Any) -> Any:
    """Of each number a row with a one at its place; as many places as needed unless `num_classes` says."""
    given = _FORM.parse(args, kwargs)[1]
    a, count = given["input"]._a, given.get("num_classes", -1)
    if a.dtype != np.int64:
        raise RuntimeError("one_hot is only applicable to index tensor of type LongTensor.")
    if not a.size:
        if count <= 0:
            raise RuntimeError("Can not infer total number of classes from empty tensor.")
        return wrap(np.zeros((*a.shape, count), np.int64))
    if a.min() < 0:
        raise RuntimeError("Class values must be non-negative.")
    if count == -1:
        count = int(a.max()) + 1
    elif count <= a.max():
        raise RuntimeError("Class values must be smaller than num_classes.")
    return written(wrap((a[..., None] == np.arange(count)).astype(np.int64, order="C")), 2)


publish("nn.functional.one_hot", one_hot, method=False)
