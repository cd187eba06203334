# Of a gradient made in inference mode nobody asks how often it was written.
v0 = T.tensor([1.0, 1.0, 1.0], requires_grad=True)
v1 = T.linalg.vander(v0)
with T.inference_mode():
    v1.backward(v1, create_graph=True)
v2 = T.tensor([1.0], requires_grad=True)
v3 = T.fft.hfft(v2, 1)
with T.inference_mode():
    v4, = T.autograd.grad((v3,), (v2,), grad_outputs=(v3,))
