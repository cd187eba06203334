# A view of the real parts is patched like other tensors with gaps.
v0 = T.tensor([complex(1.0, 2.0), complex(3.0, 4.0)], requires_grad=True)
v1 = T.real(v0)
v2 = T.tensor(5.0, requires_grad=True)
v3 = T.select_scatter(v1, v2, 0, -1)
v4 = v3.sum()
v4.backward()
