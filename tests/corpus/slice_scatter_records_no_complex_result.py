# slice_scatter and select_scatter refuse a complex result that would have to require grad.
v0 = T.tensor([complex(1.0, 2.0), complex(0.0, 1.0)], requires_grad=True)
v1 = T.tensor([complex(3.0, 0.0)])
try:
    v2 = T.slice_scatter(v0, v1, 0, 0, 1)
except Exception as error:
    print(error)
v3 = v1.detach()
try:
    v4 = v0.slice_scatter(v1, 0, 0, 1)
except Exception as error:
    print(error)
v5 = T.tensor(complex(1.0, 1.0))
v6 = v0.detach()
v7 = T.select_scatter(v6, v5, 0, 0)
v8 = v0.select_scatter(v5, 0, 0)
