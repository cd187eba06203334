"""allow_mutation_on_saved_tensors, and smaller contexts and names around autograd."""

from __future__ import annotations

import pytest

from tests.minigrad.side_by_side import assert_prints_the_same

START = """
allowed = T.autograd.graph.allow_mutation_on_saved_tensors
a = T.ones(4, requires_grad=True)
def sizes(ctx):
    print(len(ctx.original), len(ctx.cloned), len(ctx.tid_to_weakhandle), len(ctx.sid_to_tid))
"""

PROGRAMS = {
    "a saved tensor is cloned when it is written to": """
with allowed() as ctx:
    b = a.clone()
    out = (b ** 2).sum()
    b.sin_()
    sizes(ctx)
    out.backward()
    sizes(ctx)
print(a.grad)
sizes(ctx)""",
    "each way of writing counts": """
with allowed() as ctx:
    outs, kept = [], []
    for write in ("zero_()", "fill_(2)", "copy_(a)", "mul_(3)", "squeeze_()", "cumsum_(0)", "set_(T.zeros(4))",
                  "masked_fill_(a > 0, 3.0)", "index_fill_(0, T.tensor([1]), 3.0)", "__setitem__(0, 3.0)"):
        b = a.clone()
        kept += [b, b.detach()]  # so that no address comes twice
        outs.append((b * b).sum())
        eval("b." + write)
        sizes(ctx)
    sum(outs).backward()
    print(a.grad)""",
    "a view from elsewhere is overlooked": """
with allowed() as ctx:
    b = a.clone()
    out = b * b
    b[1:].mul_(3)
    sizes(ctx)
    out.sum().backward()
    print(a.grad)""",
    "a view from the beginning is not": """
with allowed() as ctx:
    b = a.clone()
    out = b * b
    b[:2].mul_(3)
    sizes(ctx)
    out.sum().backward()
    print(a.grad)""",
    "a tensor times itself in place": """
with allowed() as ctx:
    b = a.exp()
    b.add_(1)
    b.mul_(b)
    sizes(ctx)
    b.sum().backward()
    print(a.grad)""",
    "under no_grad": """
with allowed() as ctx:
    b = a * a
    with T.no_grad():
        a.add_(1)
    print(b.grad_fn._saved_self, a)
    b.sum().backward()
    print(a.grad)""",
    "backward must run inside": """
with allowed():
    out = (a * a).sum()
out.backward()""",
    "not in another one": """
with allowed():
    out = (a * a).sum()
with allowed():
    out.backward()""",
    "the contexts do not nest, and after the error all is over": """
with allowed():
    try:
        with allowed():
            pass
    except RuntimeError as error:
        print(error)
    with allowed():
        print("inside")""",
    "Variable makes leaves": """
Variable = T.autograd.Variable
t = T.ones(2)
v = Variable(t)
v.add_(1)
print(v, v is t, t._version, v._version, isinstance(t, Variable), isinstance(3, Variable), Variable())
print(Variable(t, True), Variable(a * 2).grad_fn, Variable(a, requires_grad=False))
for wrong in ((3,), (t, "x"), ([1.0],), (t, True, True)):
    try:
        Variable(*wrong)
    except Exception as error:
        print(type(error), error)
Variable(t, volatile=True)
T.autograd.variable(3)""",
    "hooks can be looked at": """
print(a._backward_hooks)
handle = a.register_hook(lambda grad: grad * 2)
print(len(a._backward_hooks), type(a._backward_hooks))
handle.remove()
print(a._backward_hooks)
b = a * 2
b.register_hook(lambda grad: grad)
print(len(b._backward_hooks))
b.add_(1)
print(b._backward_hooks, T.ones(2)._backward_hooks)
a._backward_hooks = None
b.sum().backward()
print(a._backward_hooks, a.grad)""",
    "gradients may be laid out as they come": """
policy = T.autograd.grad_mode.enforce_grad_layout_policy
for compute in (lambda p: p * T.ones(4, 2, 3), lambda p: p, lambda p: p.exp()):
    p = T.zeros(2, 3, 4).permute(2, 0, 1).detach().requires_grad_()
    with policy(False):
        compute(p).sum().backward()
    print(p.grad.stride(), p.stride())
@policy(False)
def run():
    p.grad = None
    p.backward(T.ones(4, 2, 3))
run()
print(p.grad.stride(), policy().mode)""",
    "threads are threads in either case": """
with T.autograd.set_multithreading_enabled(False):
    (a * a).sum().backward()
print(a.grad, T.autograd.set_multithreading_enabled(True).mode)""",
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_programs(program: str) -> None:
    assert_prints_the_same(START + program.lstrip("\n"))
