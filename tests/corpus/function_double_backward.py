# Its backward is differentiated when create_graph asks for it.
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
v2 = v1.sum()
v3, = T.autograd.grad((v2,), (v0,), create_graph=True)
v4 = v3.sum()
v5, = T.autograd.grad((v4,), (v0,))
