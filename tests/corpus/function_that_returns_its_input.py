# An input that is returned comes back as a view with the function's node.
class ReturnsItsInput(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x

    @staticmethod
    def backward(ctx, grad):
        return grad * 2

v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = ReturnsItsInput.apply(v0)
v2 = v1.grad_fn
v3 = v1._is_view()
v4 = v1.sum()
v4.backward()
