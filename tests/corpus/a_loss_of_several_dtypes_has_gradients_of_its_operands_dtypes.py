# No copy to another dtype stands in the graphs of gradients; huber_loss refuses.
v0 = T.tensor([1.0], requires_grad=True)
v1 = T.tensor([0.5], dtype=T.float16, requires_grad=True)
v2 = T.nn.functional.mse_loss(v0, v1)
v3, v4 = T.autograd.grad((v2,), (v0, v1), create_graph=True)
v5 = T.nn.functional.smooth_l1_loss(v0, v1)
v6, v7 = T.autograd.grad((v5,), (v0, v1), create_graph=True)
v8 = T.nn.functional.huber_loss(v0, v1)
try:
    v9, = T.autograd.grad((v8,), (v0,))
except Exception as error:
    print(error)
