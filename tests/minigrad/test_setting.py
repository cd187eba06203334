"""set_ and storages: a tensor looks elsewhere, and its version, its views and its history know."""

from __future__ import annotations

import pytest

from tests.minigrad.side_by_side import assert_prints_the_same, assert_same

CALLS = """
t.set_(s)
t.set_(s.untyped_storage())
t.set_(s.untyped_storage(), 1, (2,))
t.set_(s.untyped_storage(), 1, (2,), (1,))
t.set_(s.untyped_storage(), 0, (2, 2), None)
t.set_(s.untyped_storage(), 0, (2, 2), (1, 2))
t.set_(s, 1, (2,), (1,))
t.set_(s, 1, (2,))
t.set_()
t.set_(s.untyped_storage(), 0, (0,), (1,))
t.set_(s[1:])
t.set_(s.view(2, 2).t())
t.set_(t)
t.set_(source=s)
t.set_(source=s.untyped_storage())
t.set_(source=s, storage_offset=1, size=(2,), stride=(1,))
t.set_(s.untyped_storage(), -1, (2,))
t.set_(s.untyped_storage(), 0, (-2,))
t.set_(s.untyped_storage(), 0, (2,), (1, 2))
t.set_(s.untyped_storage(), 0, (2,), (-1,))
t.set_(3)
t.set_(None)
t.set_(s, 3)
t.set_(s.untyped_storage(), 3)
t.set_(s.untyped_storage(), 0, 2)
t.set_(foo=1)
t.set_(source=s, size=(2,))
t.set_(s, foo=1)
t.set_(s.double())
t.set_(s.long())
t.set_(s > 2)
t.set_(s.half())
t.set_(s.to(T.complex64))
T.tensor([1], dtype=T.int16).set_(s.untyped_storage())
leaf.set_(s)
leaf.set_(s.untyped_storage())
leaf[0].set_(s)
(leaf * 2).unbind(0)[0].set_(s)
(leaf * 2).set_(s)
(leaf * 2).set_(s).grad_fn.next_functions
t.set_(leaf * 2).grad_fn.next_functions
t.set_((leaf * 2), 0, (1,), (1,)).grad_fn
(leaf * 2).set_(s.untyped_storage()).grad_fn.next_functions
(leaf * 2).set_().grad_fn.next_functions
(leaf * 2).set_(s).sum().backward()
(leaf * 2)[:1].set_(s)._base.grad_fn.next_functions
(leaf * 2)[:1].set_(s).grad_fn._saved_size
(leaf * 2)[:1].set_(s).sum().backward()
(s.untyped_storage().nbytes(), len(s.untyped_storage()), s.untyped_storage().tolist(), s.untyped_storage()[3])
(s.untyped_storage() is s.untyped_storage(), s.untyped_storage() is s[1:].untyped_storage())
(s.untyped_storage().clone().data_ptr() == s.data_ptr(), s.untyped_storage().data_ptr() == s.data_ptr())
(s.untyped_storage().fill_(0), s)
T.empty(0).set_(T.UntypedStorage(8).copy_(s[:2].clone().untyped_storage()))
"""


@pytest.mark.parametrize("call", CALLS.strip().split("\n"))
def test_set(call: str) -> None:
    made = "t, s, leaf = T.empty(0), T.tensor([1.0, 2.0, 3.0, 4.0]), T.ones(2, requires_grad=True)"
    assert_same(f"{made}\n{call}")


PROGRAMS = {
    "memory is shared, the version is not": """
a, b = T.ones(4), T.zeros(2)
a.set_(b)
a.add_(1)
b.mul_(2)
print(a, b, a._version, b._version, a._is_view())""",
    "a view stays a view of its old base": """
a = T.ones(4)
v = a[:2]
v.set_(T.zeros(3))
v.add_(1)
print(a, v, v._base is a, a._version, v._version)""",
    "views of a tensor that is set keep what they see": """
a = T.ones(4)
v = a[:2]
a.set_(T.zeros(3))
a.add_(1)
print(a, v, v._base is a, a._version, v._version)""",
    "a history of a base that looks elsewhere": """
b = T.ones(2, requires_grad=True) * 3
v = b[1:]
b.set_(T.zeros(5))
print(b.grad_fn, v.grad_fn, v.grad_fn._saved_size, v)""",
    "what was saved was changed": """
a, b = T.ones(2, requires_grad=True), T.ones(2)
c = a * b
b.set_(T.zeros(2))
c.sum().backward()""",
    "a leaf may be set under no_grad": """
a = T.ones(2, requires_grad=True)
c = a * 2
with T.no_grad():
    a.set_(T.zeros(2))
c.sum().backward()
print(a, a.grad, a._version, a.is_leaf)""",
    "inference tensors": """
with T.inference_mode():
    a = T.ones(2)
b = T.ones(3).set_(a)
print(b, b.is_inference())
a.set_(T.ones(3))""",
    "no derivative forwards either": """
import warnings
warnings.simplefilter("ignore")  # torch compiles something then
with T.autograd.forward_ad.dual_level():
    T.zeros(2).set_(T.autograd.forward_ad.make_dual(T.ones(2), T.ones(2)))""",
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_effects_of_set(program: str) -> None:
    assert_prints_the_same(program.strip())
