# In a batch of gradients, a hook is given all members as one tensor, which says no more than its shape.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.ones(3, 2)
v2 = T.mul(v0, v0)
v2.register_hook(lambda grad: grad.detach())
v3, = T.autograd.grad((v2,), (v0,), grad_outputs=(v1,), is_grads_batched=True)
