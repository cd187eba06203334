# What is marked dirty must be returned.
class DirtyNotReturned(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        x.mul_(2)
        ctx.mark_dirty(x)
        return x * 1

    @staticmethod
    def backward(ctx, grad):
        return grad * 2

v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 3
v2 = DirtyNotReturned.apply(v1)
