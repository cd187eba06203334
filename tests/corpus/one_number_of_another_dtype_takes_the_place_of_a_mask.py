# What a mask names may be given one element of any dtype.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.mul(v0, 2)
v2 = T.gt(v1, 2)
v3 = T.tensor([[3]])
v1.index_put_((v2,), v3)
v1.backward(v0)
