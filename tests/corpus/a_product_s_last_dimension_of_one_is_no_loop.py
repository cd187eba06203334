# Complex numbers are multiplied along the last dimension that has several of them: of pairs each term is rounded.
v0 = T.tensor([[complex(1e-42, -1e-30)], [complex(1e-38, 1e-38)]])
v1 = v0.kron(v0)
