# What retain_grad keeps is a copy laid out row by row, whatever the gradient was.
v0 = T.tensor([[[[1.0]], [[1.0]]]], requires_grad=True)
v1 = T.nn.functional.adaptive_avg_pool2d(v0, 2)
v1.retain_grad()
v2 = T.fft.fft2(v1, (2, 3), (-1, 1))
v2.backward(v2)
v3 = v1.grad
v3.zero_()
