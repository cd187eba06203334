# Values and indices of sort lie in memory as the input does.
v0 = T.tensor([[[True, True], [True, True]]])
v1 = T.swapdims(v0, dim0=2, dim1=0)
v2, v3 = v1.sort()
