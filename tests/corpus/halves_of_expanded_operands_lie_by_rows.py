# Single precision on the way leaves no trace in how the result lies.
v0 = T.tensor([1.0, 1.0], dtype=T.float16)
v2 = v0.expand(2, 2)
v3 = T.nn.functional.elu(v2)
v4 = T.tensor([[1.0], [1.0]], dtype=T.float16)
v5 = v4.expand(2, 2)
v6 = T.nn.functional.elu(v5)
v7 = v5.sin()
v8 = v2.sin()
