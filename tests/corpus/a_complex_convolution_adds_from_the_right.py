# The three real convolutions of a complex one are put together from the right.
v0 = T.tensor([[[1.0]]], dtype=T.complex128)
v1 = T.tensor([[[[complex(1.0, 2.0)]]]], dtype=T.complex128, requires_grad=True)
v2 = T.conv2d(v0, v1)
v3, = T.autograd.grad((v2,), (v1,), grad_outputs=(v2,), create_graph=True)
v3.backward()
v4 = v0.grad
