# Outside of the mode autograd does not see that it requires grad where there are inference tensors alone.
v0 = T.tensor([1.0, 2.0])
with T.inference_mode():
    v1 = T.nn.Parameter(v0)
    v2 = T.tensor([1.0, 2.0])
    v3 = T.nn.Parameter(v2)
v4 = T.mul(v3, v3)
v5 = v3.to(T.float64)
v6 = v3.as_strided((2,), (1,))
v7 = v3.new_zeros(2)
v8, v9 = v3.max(0)
v10 = T.add(v1, v0)
v11 = T.tensor([3.0, 4.0], requires_grad=True)
try:
    v12 = T.mul(v3, v11)
except Exception as error:
    print(error)
v13 = T.tensor(v2)
