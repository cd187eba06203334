# In a dual level the gradients of layer_norm are rounded as those of the ops that torch composes them of.
v0 = T.tensor([1.512], dtype=T.float64)
v1 = T.tensor([1.314], dtype=T.float64, requires_grad=True)
v2 = T.tensor([0.819], dtype=T.float64)
v3 = T.layer_norm(v0, (1,), v1)
v4, = T.autograd.grad((v3,), (v1,), grad_outputs=(v2,))
with T.autograd.forward_ad.dual_level():
    v5 = T.autograd.forward_ad.make_dual(v1, v0)
    v6 = T.layer_norm(v0, (1,), v5)
    v7, = T.autograd.grad((v6,), (v1,), grad_outputs=(v2,))
