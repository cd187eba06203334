# Which quantiles are asked for is differentiated, too: by the distance of the values that each lies between.
v0 = T.tensor([[1.0, 5.0, 2.0], [4.0, -1.0, 0.5]], requires_grad=True)
v1 = T.tensor([0.3, 0.6], requires_grad=True)
v2 = T.quantile(v0, v1)
v3 = T.quantile(v0, v1, 1)
v4 = T.nanquantile(v0, v1, 0, keepdim=True)
v5 = v0.detach()
v6 = v1.mean()
v7 = T.quantile(v5, v6)
v8 = T.quantile(v0, v1, interpolation='midpoint')
v9 = T.quantile(v5, v1, interpolation='lower')
v10 = v3.sum()
v11 = v4.sum()
v12 = v10 + v11
v13 = v12 + v7
v13.backward()
v14 = v2 * v2
v15 = v14.sum()
v16, v17 = T.autograd.grad(v15, (v0, v1), create_graph=True)
