# What is said of the arguments of a method written in Python names its class.
v0 = T.tensor(1.0, requires_grad=True)
h0 = v0.register_post_accumulate_grad_hook()
