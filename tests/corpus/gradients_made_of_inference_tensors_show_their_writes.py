# Gradients made of an inference tensor alone show how often kernels wrote to them, as autograd hides none of it.
v0 = T.tensor([1.0, 2.0, 3.0], requires_grad=True)
v1 = v0[:2]
v2 = T.tensor([1.0, 2.0, 3.0], requires_grad=True)
v3 = v2[[0, 0]]
v4 = T.tensor([1.0, 2.0, 3.0], requires_grad=True)
v5 = T.cat((v4, v4))
v6 = T.tensor([1.0, 2.0, 3.0], requires_grad=True)
v7 = T.tensor(1.0, requires_grad=True)
v8 = T.fill(v6, v7)
with T.inference_mode():
    v9 = T.ones(2)
    v10 = T.ones(6)
    v11 = T.ones(3)
v1.backward(v9)
v3.backward(v9)
v5.backward(v10)
v8.backward(v11)
