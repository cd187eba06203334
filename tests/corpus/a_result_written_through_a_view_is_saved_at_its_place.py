# What a write through a view saves of its result is unpacked where the view stands in the graph.
v0 = T.tensor([1.0, 4.0], requires_grad=True)
v1 = v0 * 2
v2 = v1.view(2)
v2.rsqrt_()
v3 = T.tensor([1.0, 1.0])
v4, = T.autograd.grad((v1,), (v0,), grad_outputs=(v3,), create_graph=True)
v4.backward(v3)
v5 = v0 * 3
with T.autograd.forward_ad.dual_level():
    v6 = T.autograd.forward_ad.make_dual(v5, v3)
    v6.rsqrt_()
    v7 = v6 * v6
try:
    v8, = T.autograd.grad((v7,), (v0,), grad_outputs=(v3,), create_graph=True)
except Exception as error:
    print(error)
