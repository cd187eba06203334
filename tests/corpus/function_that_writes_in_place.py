# mark_dirty: the input itself comes back, with a new history.
class InPlace(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        x.mul_(2)
        ctx.mark_dirty(x)
        return x

    @staticmethod
    def backward(ctx, grad):
        return grad * 2

v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 3
v2 = InPlace.apply(v1)
v3 = v1._version
v4 = v1.grad_fn
v5 = v2.sum()
v5.backward()
