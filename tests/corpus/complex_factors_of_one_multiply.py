# Their other part is zero, which makes NaN of an infinity and another sign of a zero.
v0 = T.tensor(complex(float('inf'), -1.0))
v1 = T.tensor([[[complex(1.0, 0.0)]]])
v2 = T.baddbmm(v0, v1, v1)
v3 = T.tensor(complex(-0.0, -1.0))
v4 = T.tensor([1.0])
v5 = T.tensor([complex(-0.0, 0.0)])
v6 = T.addr(v3, v4, v5)
