# Under no_grad a function records nothing.
class Square(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, grad):
        x, = ctx.saved_tensors
        return grad * 2 * x

v0 = T.tensor([1.0, 2.0], requires_grad=True)
with T.no_grad():
    v1 = Square.apply(v0)
v2 = v1.requires_grad
