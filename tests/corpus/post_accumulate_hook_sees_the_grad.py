# A post-accumulate-grad hook runs after the gradient was added.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
h0 = v0.register_post_accumulate_grad_hook(lambda param: (param.grad.mul_(2), None)[1])
v1 = v0.sum()
v1.backward()
