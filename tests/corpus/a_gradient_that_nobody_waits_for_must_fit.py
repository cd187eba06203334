# All that a function returns is held against its edges, also what leads to no input that was asked for.
class ReturnsAView(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.view(-1)

    @staticmethod
    def backward(ctx, grad):
        return grad * 2

v0 = T.tensor([[1.0]], requires_grad=True)
v1 = ReturnsAView.apply(v0)
v1.backward(inputs=(v1,))
