"""What `autograd.Function` makes of all that its static methods may say, give and be given; torch says what holds."""

from __future__ import annotations

import pytest

from tests.minigrad.side_by_side import assert_prints_the_same

START = """
class Given(T.autograd.Function):
    @staticmethod
    def forward(ctx, x, told, made=lambda x: x * 2):
        told(ctx)
        return made(x)

    @staticmethod
    def backward(ctx, *grads):
        print(ctx.needs_input_grad, grads, [g if g is None else g._version for g in grads])
        return grads[0], None, None

def said(name, value):
    return lambda ctx: setattr(ctx, name, value)

x = T.tensor([1.0, 2.0], requires_grad=True)
"""

TOLD = {
    "a context passes for its node": """
def told(ctx):
    print(type(ctx).__name__, ctx)
    print([isinstance(ctx, c) for c in (T.autograd.function.FunctionCtx, T.autograd.graph.Node)])
y = Given.apply(x, told)
print(isinstance(y.grad_fn, T.autograd.function.FunctionCtx))""",
    "saved_variables is deprecated": "Given.apply(x, lambda ctx: print(ctx.saved_variables))",
    "mark_shared_storage is deprecated": "Given.apply(x, lambda ctx: ctx.mark_shared_storage((x, x)))",
    "what was never said cannot be unsaid": "Given.apply(x, lambda ctx: delattr(ctx, 'foo'))",
    "materializing is said with a bool": "Given.apply(x, lambda ctx: ctx.set_materialize_grads(1))",
    "materializing is not read": "Given.apply(x, lambda ctx: ctx.materialize_grads)",
    "nor from the node": "Given.apply(x, lambda ctx: None).grad_fn.materialize_grads",
    "only tensors are not differentiable": "Given.apply(x, lambda ctx: ctx.mark_non_differentiable(3))",
    "zeros are filled in": """
y = Given.apply(x, lambda ctx: None, lambda x: (x * 2, x * 3, (x > 1)))
y[0].sum().backward()""",
    "a list is no tuple of outputs": "print(Given.apply(x, lambda ctx: None, lambda x: [x * 2, x * 3]))",
    **{
        f"{name} is read only": f"Given.apply(x, said('{name}', ()))"
        for name in ("saved_tensors", "saved_variables", "next_functions", "metadata", "requires_grad")
    },
    **{
        f"{name} is a tuple": f"Given.apply(x, said('{name}', [x]))"
        for name in ("to_save", "dirty_tensors", "non_differentiable")
    },
    "a function is not instantiated": "Given()",
    "much less called": "Given()(x)",
    "a rule for vmap is missing": "T.autograd.Function.vmap(None, None, x)",
}

RETURNED = ["[g, None, None]", "[g]", "(g, None, None)", "(g, [None], None)", "3.0", "()", "None"]


@pytest.mark.parametrize("code", TOLD.values(), ids=list(TOLD))
def test_what_is_told_to_the_context(code: str) -> None:
    assert_prints_the_same(START + code)


@pytest.mark.parametrize("gradients", RETURNED)
def test_only_a_tuple_is_several_gradients(gradients: str) -> None:
    assert_prints_the_same(f"""
class Given(T.autograd.Function):
    @staticmethod
    def forward(ctx, x, a, b):
        return x * 2

    @staticmethod
    def backward(ctx, g):
        return {gradients}

x = T.ones(2, requires_grad=True)
Given.apply(x, 1, 2).sum().backward()
print(x.grad)""")


SIGNATURES = {
    "(ctx, x, y)": ["x, y=x", "x=x, y=x", "x", "x, x, x", "x, x, z=3", "x, x=x", "y=x", "x, x, ctx=3"],
    "(ctx, x, y=2, z=3)": ["x", "x, z=x", "x, y=x", "z=x, y=x, x=x"],
    "(ctx, x, /, y=2)": ["x=x, y=x", "x, y=x"],
    "(ctx, x, *y)": ["x, x", "x, y=x"],
    "(ctx, x, **y)": ["x", "x, y=x", "x=x, y=x"],
    "(ctx, x, *, y=2)": ["x", "x, y=x"],
}


@pytest.mark.parametrize("signature", SIGNATURES)
@pytest.mark.parametrize("style", ["at once", "in two steps"])
def test_arguments_given_by_name(signature: str, style: str) -> None:
    two_steps = "" if style == "at once" else """
    @staticmethod
    def setup_context(ctx, inputs, output):
        print("inputs", inputs)
"""
    calls = "\n".join(
        f"""
try:
    out = Given.apply({call})
    print(out, out.grad_fn)
    out.sum().backward()
except Exception as error:
    print(type(error).__name__, error)"""
        for call in SIGNATURES[signature]
    )
    assert_prints_the_same(f"""
class Given(T.autograd.Function):
    @staticmethod
    def forward{signature if not two_steps else signature.replace("ctx, ", "")}:
        print(x, y)
        return x * 2
{two_steps}
    @staticmethod
    def backward(ctx, g):
        print(ctx.needs_input_grad)
        return g, g

x = T.ones(2, requires_grad=True)
{calls}""")


FORWARDS = {
    "written": "x.mul_(2); ctx.mark_dirty(x); return x",
    "the other written": "y.mul_(x); ctx.mark_dirty(y); return y",
    "no input written": "z = x * 2; ctx.mark_dirty(z); return z",
    "a view": "return x.view(2, 1)",
    "an input": "return x",
    "the other input": "return y",
    "a new one": "return x * y",
    "several": "return x * y, 3, None",
    "a mask, too": "return x * y, x > 1",
    "not differentiable": "z = x * y; ctx.mark_non_differentiable(z); return z",
    "two views": "return x, x",
}
TANGENTS = [
    "t", "t * 2", "t.mul_(2)", "t.mul_(2).view(2)", "t.view(2, 1)", "u.view(2, 1)", "t.view_as(t)", "None", "()", "3",
    "(t, None)", "(t, t, None)", "[t]", "t.long()", "T.ones(2, 2)[0].view(2, 1)", "(t.view_as(t), t.view_as(t))",
]  # fmt: skip


@pytest.mark.parametrize("forward", FORWARDS.values(), ids=list(FORWARDS))
def test_tangents_are_held_against_outputs(forward: str) -> None:
    runs = "\n".join(
        f"""
class Given(T.autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        {forward}

    @staticmethod
    def jvp(ctx, t, u):
        return {tangent}

for look in (lambda d: d, lambda d: d[:]):
    with fw.dual_level():
        try:
            x = look(fw.make_dual(T.tensor([1.0, 2.0]), T.ones(2)))
            outs = Given.apply(x, T.ones(2))
            for out in outs if isinstance(outs, tuple) else (outs,):
                print(out is x, out if not isinstance(out, T.Tensor) else fw.unpack_dual(out))
        except RuntimeError as error:
            print(error)"""
        for tangent in TANGENTS
    )
    assert_prints_the_same("fw = T.autograd.forward_ad\n" + runs)


def test_jvp_sees_no_tangents() -> None:
    assert_prints_the_same("""
fw = T.autograd.forward_ad

class Given(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_forward(x)
        return x * 2

    @staticmethod
    def jvp(ctx, t):
        print(fw.unpack_dual(ctx.saved_tensors[0]))
        return t

with fw.dual_level():
    print(Given.apply(fw.make_dual(T.ones(2), T.ones(2))))""")
