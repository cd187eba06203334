# once_differentiable refuses a second derivative.
class OnceDifferentiable(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    @T.autograd.function.once_differentiable
    def backward(ctx, grad):
        x, = ctx.saved_tensors
        return grad * 2 * x

v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = OnceDifferentiable.apply(v0)
v2 = v1 * v1
v3 = v2.sum()
v4, = T.autograd.grad((v3,), (v0,), create_graph=True)
v5 = v4.grad_fn
v6 = v4.sum()
v7, = T.autograd.grad((v6,), (v0,))
