# Where no weight is given, batch_norm and group_norm of inference tensors call ops that save the others.
with T.inference_mode():
    v0 = T.ones((2, 4, 3), requires_grad=True)
    v1 = T.ones(4, requires_grad=True)
    v2 = T.tensor([1.0, 2.0, 3.0], requires_grad=True)
    v3 = T.eye(2, requires_grad=True)
v4 = T.nn.functional.group_norm(v0, 2)
v5 = T.nn.functional.group_norm(v0, 2, v1)
v6 = T.nn.functional.group_norm(v0, 2, v1, v1)
v7 = T.nn.functional.batch_norm(v0, None, None, v1, v1, True)
v8 = T.nn.functional.poisson_nll_loss(v2, v2, log_input=False)
v9 = T.pinverse(v3)
