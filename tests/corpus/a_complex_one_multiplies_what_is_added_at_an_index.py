# What index_add adds is multiplied by a complex 1, which makes NaN of infinity; not where scatter_add does it.
v0 = T.tensor([complex(1.0, 0.0), complex(1.0, 1.0)], requires_grad=True)
v1 = T.tensor([0])
v2 = v0.index_select(0, v1)
v3 = T.tensor([complex(float('inf'), 1.0)])
v2.backward(v3)
v4 = T.zeros((2, 2), dtype=T.complex64)
v5 = T.tensor([[complex(float('inf'), 1.0), complex(1.0, 0.0)]])
v6 = v4.index_add(0, v1, v5)
