# as_strided of a view whose history is made anew at that moment comes after it in the graph.
v0 = T.tensor(1.0, requires_grad=True)
v1 = T.tensor(1.0)
v2 = v0.as_strided_scatter(v1, (), ())
v3 = T.as_strided_scatter(v2, v1, (), ())
v4, = T.autograd.grad((v3,), (v0,), grad_outputs=(v0,), create_graph=True)
v5, = T.autograd.grad((v4,), (v0,), allow_unused=True)
