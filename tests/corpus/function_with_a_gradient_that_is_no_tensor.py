# A gradient is a tensor or None.
class GradOfWrongType(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return 1

v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = GradOfWrongType.apply(v0)
v2 = v1.sum()
v2.backward()
