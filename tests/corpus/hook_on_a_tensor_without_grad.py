# What does not require grad takes no hook.
v0 = T.tensor([1.0, 2.0])
h0 = v0.register_hook(lambda grad: grad * 2)
