# backward may run a backward of its own.
class Reentrant(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, grad):
        x, = ctx.saved_tensors
        with T.enable_grad():
            inner = x.detach().requires_grad_()
            result = (inner * inner).sum()
            return grad * T.autograd.grad(result, inner)[0]

v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = Reentrant.apply(v0)
v2 = v1.sum()
v2.backward()
