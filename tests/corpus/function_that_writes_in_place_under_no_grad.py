# Under no_grad the input that was written to is returned detached.
class InPlace(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        x.mul_(2)
        ctx.mark_dirty(x)
        return x

    @staticmethod
    def backward(ctx, grad):
        return grad * 2

v0 = T.tensor(1.0, requires_grad=True)
with T.no_grad():
    v1 = InPlace.apply(v0)
