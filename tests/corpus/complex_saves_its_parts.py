# complex saves both of its operands, though its gradients need neither.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
v2 = T.tensor([1.0, 2.0], requires_grad=True)
v3 = T.complex(v1, v2)
n0 = v3.grad_fn
u0 = n0._saved_real
v1.add_(1)
v4 = v3.abs()
v5 = v4.sum()
v5.backward()
