# A function's own rule may compute with what it saved: nothing of that carries a tangent.
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
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * v0
v2 = T.tensor([1.0, 2.0])
with T.autograd.forward_ad.dual_level():
    v3 = T.autograd.forward_ad.make_dual(v1, v2)
    v4 = WithJvp.apply(v3)
    v5, v6 = T.autograd.forward_ad.unpack_dual(v4)
