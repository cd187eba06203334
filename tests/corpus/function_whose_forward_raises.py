# An exception in forward is the call's.
class RaisesForward(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        raise ValueError("forward refuses")

    @staticmethod
    def backward(ctx, grad):
        return grad

v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = RaisesForward.apply(v0)
