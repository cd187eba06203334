# An input returned as it is counts as a view made in the function, also where nothing required grad.
class ReturnsItsInput(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x

    @staticmethod
    def backward(ctx, grad):
        return grad * 2

v0 = T.tensor([])
v1 = ReturnsItsInput.apply(v0)
v2 = T.tensor(1.0, requires_grad=True)
v0.le_(v2)
