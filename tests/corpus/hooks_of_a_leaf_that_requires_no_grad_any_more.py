# The hook for after accumulation is called even if nothing was accumulated.
v0 = T.tensor(1.0, requires_grad=True)
h0 = v0.register_post_accumulate_grad_hook(lambda param: setattr(param, 'grad', None))
v1 = v0 * 2
v0.requires_grad_(False)
v1.backward()
