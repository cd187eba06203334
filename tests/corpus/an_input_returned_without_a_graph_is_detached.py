# A function that returns an input that requires grad, where no graph is recorded, returns it detached: no view of it.
class InPlaceUnmarked(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        x.mul_(2)
        return x

    @staticmethod
    def backward(ctx, grad):
        return grad * 2

v0 = T.tensor(1.0, requires_grad=True)
with T.no_grad():
    v1 = InPlaceUnmarked.apply(v0)
