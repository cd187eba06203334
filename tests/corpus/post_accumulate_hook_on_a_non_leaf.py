# Only leaves accumulate.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
h0 = v1.register_post_accumulate_grad_hook(lambda param: None)
