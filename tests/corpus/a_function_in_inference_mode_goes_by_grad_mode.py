# A custom Function is recorded in inference mode, too, where gradients are enabled.
class WithJvp(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        ctx.save_for_forward(x)
        return x * x

    @staticmethod
    def backward(ctx, grad):
        x, = ctx.saved_tensors
        return grad * 2 * x

    @staticmethod
    def jvp(ctx, tangent):
        x, = ctx.saved_tensors
        return tangent * 2 * x

v0 = T.tensor(1.0, requires_grad=True)
with T.inference_mode():
    with T.enable_grad():
        v1 = WithJvp.apply(v0)
