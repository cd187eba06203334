# An argument that is no tensor gets None for a gradient.
class ScaledBy(T.autograd.Function):
    @staticmethod
    def forward(ctx, x, factor):
        ctx.factor = factor
        return x * factor

    @staticmethod
    def backward(ctx, grad):
        return grad * ctx.factor, None

v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = ScaledBy.apply(v0, 3)
v2 = v1.grad_fn
v3 = v2.next_functions
v4 = v1.sum()
v4.backward()
