# An input that a Function returns is a view with strides worked out anew, which may seem to overlap.
class ReturnsItsInput(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x

    @staticmethod
    def backward(ctx, grad):
        return grad * 2

v0 = T.tensor([[[[1.0, 1.0]], [[1.0, 1.0]]]], requires_grad=True)
v1 = T.fft.hfft(v0, dim=1)
v2 = ReturnsItsInput.apply(v1)
v1.copysign_(v2)
