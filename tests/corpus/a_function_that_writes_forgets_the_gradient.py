# What a function writes into starts anew: no gradient is left that later ones are added to.
class InPlace(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        x.mul_(2)
        ctx.mark_dirty(x)
        return x

    @staticmethod
    def backward(ctx, grad):
        return grad * 2

v0 = T.tensor([1.0], requires_grad=True)
v1 = v0 * 3
v1.retain_grad()
v1.backward(retain_graph=True)
v2 = InPlace.apply(v1)
v1.backward()
