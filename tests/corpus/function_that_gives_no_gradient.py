# None for a gradient: the leaf gets none.
class NoGrad(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return None

v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = NoGrad.apply(v0)
v2 = v1.sum()
v2.backward()
