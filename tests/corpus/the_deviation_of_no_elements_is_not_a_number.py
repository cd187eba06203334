# The mean of no elements is saved as zero, and their deviation is not a number.
v0 = T.tensor([], requires_grad=True)
v1 = T.nn.functional.layer_norm(v0, (0,), v0, None)
v2 = v1.grad_fn
v3 = v2._saved_result1
v4 = v2._saved_result2
v5 = T.zeros((2, 0), requires_grad=True)
v6 = T.nn.functional.layer_norm(v5, (0,))
v7 = v6.grad_fn
v8 = v7._saved_result2
v6.backward(v5, create_graph=True)
