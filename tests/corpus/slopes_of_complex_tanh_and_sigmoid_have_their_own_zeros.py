# What is zero in the gradients of complex tanh and sigmoid depends on how torch's loops subtract from 1.
v0 = T.tensor([complex(-0.0, -1.0), complex(1.0, 0.0)], dtype=T.complex128, requires_grad=True)
v1 = v0.tanh()
v2 = v0.sigmoid()
v3 = T.tensor([complex(-0.0, 2.0), complex(-0.0, 2.0)], dtype=T.complex128)
T.autograd.backward((v1, v2), (v3, v3))
