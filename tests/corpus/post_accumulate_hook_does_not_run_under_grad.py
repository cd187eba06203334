# autograd.grad accumulates nothing, so the hook does not run.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
h0 = v0.register_post_accumulate_grad_hook(lambda param: None)
v1 = v0.sum()
v2, = T.autograd.grad((v1,), (v0,))
