# A function without backward fails when it is asked.
class NoBackward(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = NoBackward.apply(v0)
v2 = v1.sum()
v2.backward()
