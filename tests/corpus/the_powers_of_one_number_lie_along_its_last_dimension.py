# Of a tensor without dimensions the last one is added, as the node says.
v0 = T.tensor(2.0, requires_grad=True)
v1 = T.linalg.vander(v0, N=3)
