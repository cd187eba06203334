# Too many are allowed where the rest is None.
class TrailingNones(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad * 2, None, None

v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = TrailingNones.apply(v0)
v2 = v1.sum()
v2.backward()
