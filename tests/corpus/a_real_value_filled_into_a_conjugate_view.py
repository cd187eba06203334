# A real value filled into a conjugate view is refused its complex gradient, too.
v0 = T.tensor([[1.0]])
v1 = T.fft.ihfftn(v0, (1,))
v2 = T.tensor(1.0, requires_grad=True)
v3 = T.tensor(0)
v1.index_fill_(1, v3, v2)
v1.backward(v1)
