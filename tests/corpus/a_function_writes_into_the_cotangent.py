# A function that writes into the gradient it is given writes into the caller's own.
class WritesIntoItsGrad(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad.mul_(2)

v0 = T.tensor([1.0, 1.0], requires_grad=True)
v1 = T.tensor(1)
v2 = v0.scatter(0, v1, value=0.0)
v3 = WritesIntoItsGrad.apply(v0)
v3.backward(v2)
