# A leaf that is reached by no gradient has its hooks called all the same, with None.
v0 = T.tensor(1.0, requires_grad=True)
v1 = T.norm(v0, p=0)
h0 = v0.register_hook(lambda grad: None)
h1 = v0.register_post_accumulate_grad_hook(lambda param: (param.grad.mul_(2), None)[1])
try:
    T.autograd.backward((v1,))
except Exception as error:
    print(error)
