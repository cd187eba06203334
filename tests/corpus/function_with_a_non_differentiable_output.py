# An output marked non-differentiable does not require grad.
class NonDifferentiable(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        sign = x * 0 + 1
        ctx.mark_non_differentiable(sign)
        return x * 2, sign

    @staticmethod
    def backward(ctx, grad, unused):
        return grad * 2

v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1, v2 = NonDifferentiable.apply(v0)
v3 = v2.requires_grad
v4 = v1.sum()
v4.backward()
