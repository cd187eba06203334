"""When what a backward pass warns of is heard, and what becomes of it where the pass fails; gradients made in
inference mode.

What may live here: programs that both engines run.
"""

from __future__ import annotations

import pytest

from tests.minigrad.side_by_side import assert_prints_the_same

HEARD = """
import warnings

with warnings.catch_warnings(record=True) as heard:
    warnings.simplefilter("FILTER", UserWarning)
    a, b = T.eye(2).requires_grad_(), T.ones(2, 1).requires_grad_()
    c = b * 1
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        x = T.triangular_solve(c, a)[0].sum()

    def hook(grad):
        print("hook", len(heard))
        OWN

    c.register_hook(hook)
    try:
        CALL
    except Exception as error:
        print(type(error).__name__, str(error)[:60])
    print([str(one.message)[:60] for one in heard])
"""


@pytest.mark.parametrize("call", ["x.backward()", "T.autograd.grad(x, (a, b))", "T.autograd.grad(x, b)"])
@pytest.mark.parametrize("own", ["pass", "warnings.warn('of the hook')", "raise RuntimeError('of the hook')"])
@pytest.mark.parametrize("which", ["always", "error"])
def test_what_formulas_warn_of_is_heard_when_the_pass_is_over(call: str, own: str, which: str) -> None:
    if which == "error" and "warn" in own:
        own = "pass"
    assert_prints_the_same(HEARD.replace("CALL", call).replace("OWN", own).replace("FILTER", which))


def test_what_accumulation_warns_of_is_heard_when_the_pass_is_over() -> None:
    assert_prints_the_same("""
import warnings

with warnings.catch_warnings(record=True) as heard:
    warnings.simplefilter("always")
    leaf = T.ones(2, 3).requires_grad_()
    leaf.grad = T.ones(3, 2).t()
    leaf.register_post_accumulate_grad_hook(lambda leaf: print("hook", len(heard)))
    (leaf * 2).sum().backward()
    print(len(heard))
""")


def test_a_gradient_of_a_pass_in_inference_mode_is_normal_where_it_looks_into_what_was_there_before() -> None:
    assert_prints_the_same("""
given = T.ones(2)
for make in (lambda leaf: leaf.view(2), lambda leaf: leaf * 2):
    leaf = T.ones(2, requires_grad=True)
    with T.inference_mode():
        make(T.ones(2))
    out = make(leaf)
    with T.inference_mode():
        out.backward(given)
    print(leaf.grad.is_inference())
""")
