# One gradient for each input, neither more nor fewer.
class TooFewGrads(T.autograd.Function):
    @staticmethod
    def forward(ctx, x, y):
        return x * y

    @staticmethod
    def backward(ctx, grad):
        return grad

v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = TooFewGrads.apply(v0, v0)
v2 = v1.sum()
v2.backward()
