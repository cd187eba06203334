# A user-defined function: its node has the name of the class.
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
v1 = Square.apply(v0)
v2 = v1.grad_fn
v3 = v2.name()
v4 = v1.sum()
v4.backward()
