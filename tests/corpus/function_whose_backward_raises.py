# An exception in backward is backward's.
class RaisesBackward(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        raise ValueError("backward refuses")

v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = RaisesBackward.apply(v0)
v2 = v1.sum()
v2.backward()
