"""The codec of the store: every plain value comes back equal to the last bit."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from oracle.errors import HarnessError
from reports import plain
from tests.reports import material

numbers = st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.text()
arrays = hnp.arrays(
    st.sampled_from(["f2", "f4", "f8", "c8", "c16", "i1", "i8", "u1", "?"]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
)
values = st.recursive(
    numbers | arrays,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(values)
def test_plain_values_come_back_to_the_last_bit(value):
    assert _bits(plain.loads(plain.dumps(value))) == _bits(value)


def _bits(value):
    """A value as something that compares bit by bit, types told apart."""
    if isinstance(value, np.ndarray):
        return "array", value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, float):
        return "float", "nan" if value != value else struct.pack("<d", value)
    if isinstance(value, complex):
        return "complex", _bits(value.real), _bits(value.imag)
    if isinstance(value, list | tuple):
        return type(value).__name__, [_bits(one) for one in value]
    if isinstance(value, dict):
        return "dict", [(key, _bits(one)) for key, one in value.items()]
    return type(value).__name__, value


@pytest.mark.parametrize("scalar", [np.float32(0.1), np.int64(3), np.bool_(True), np.complex64(1 + 2j)])
def test_numpy_scalars_keep_their_type(scalar):
    back = plain.loads(plain.dumps(scalar))
    assert (type(back), back) == (type(scalar), scalar)


def test_an_observation_comes_back():
    observed = material.hostile_finding(0, "<b>").subject
    again = plain.loads(plain.dumps(observed))
    assert plain.dumps(again) == plain.dumps(observed)
    assert type(again) is type(observed)
    assert again.graph == observed.graph


def test_fields_of_a_later_version_are_ignored():
    text = plain.dumps(material.graph()).replace('"nodes"', '"colour":1,"nodes"')
    assert plain.loads(text) == material.graph()


def test_what_is_no_plain_data_is_refused():
    with pytest.raises(HarnessError, match="object is not plain data"):
        plain.dumps(object())
    with pytest.raises(HarnessError, match="Python objects"):
        plain.dumps(np.array([object()]))


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"$":"os.system"}', '{"$":"array","dtype":"O","shape":[1],"data":"AAAAAAAAAAA="}', '{"a":1}',
     '{"$":"array","dtype":"<f4","shape":[5],"data":"AAAA"}', '{"$":"Graph","nodes":1,"edges":{"$":"x"}}'],
)  # fmt: skip
def test_a_text_that_it_did_not_write_is_refused(text):
    with pytest.raises(HarnessError, match="cannot be read back"):
        plain.loads(text)
