# Such a hook may drop the gradient at once.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
h0 = v0.register_post_accumulate_grad_hook(lambda param: setattr(param, 'grad', None))
v1 = v0.sum()
v1.backward()
