# What `enable_grad` asks for inside of inference mode ops do not do, but functions do.
class Double(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad * 2

v0 = T.tensor(1.0, requires_grad=True)
with T.inference_mode():
    with T.enable_grad():
        v1 = Double.apply(v0)
