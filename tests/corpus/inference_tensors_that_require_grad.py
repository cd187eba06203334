# Autograd does not see that inference tensors require grad, unless beside one that is none.
with T.inference_mode():
    v0 = T.ones(2, requires_grad=True)
v1 = v0.requires_grad
v2 = T.mul(v0, v0)
v3 = v0.sum()
v4 = v0.clone()
v5 = T.add(v0, 1)
v6 = T.ones(2)
v7 = T.add(v0, v6)
try:
    v0.neg_()
except Exception as error:
    print(error)
