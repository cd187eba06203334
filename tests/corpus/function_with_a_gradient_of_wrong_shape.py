# A gradient that cannot be summed to the input's shape is refused.
class GradOfWrongShape(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return T.ones(7)

v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = GradOfWrongShape.apply(v0)
v2 = v1.sum()
v2.backward()
