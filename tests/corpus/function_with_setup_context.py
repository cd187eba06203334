# forward without ctx, and setup_context.
class SetupContext(T.autograd.Function):
    @staticmethod
    def forward(x):
        return x * x

    @staticmethod
    def setup_context(ctx, inputs, output):
        x, = inputs
        ctx.save_for_backward(x)

    @staticmethod
    def backward(ctx, grad):
        x, = ctx.saved_tensors
        return grad * 2 * x

v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = SetupContext.apply(v0)
v2 = v1.sum()
v2.backward()
