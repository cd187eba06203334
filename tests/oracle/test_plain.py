"""Equality of plain values, as hooks are compared.

What may live here: values made by hand; no engine runs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from oracle.plain import same_shapes

ONE, TWO = np.zeros((1, 2)), np.ones((1, 2))


@pytest.mark.parametrize(("ours", "theirs"), [((ONE,), (TWO,)), (([ONE, None],), ([TWO, None],)), ((), ())])
def test_elements_are_no_part_of_a_shape(ours: Any, theirs: Any) -> None:
    assert same_shapes(ours, theirs)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ((ONE,), (None,)),
        ((ONE,), (ONE, ONE)),
        (([ONE],), ((ONE,),)),
        ((ONE,), (ONE.astype(np.float32),)),
        ((ONE,), (ONE.T,)),
    ],
)
def test_number_dtype_shape_and_nesting_are(ours: Any, theirs: Any) -> None:
    assert not same_shapes(ours, theirs)
