# Autograd does not get to see what inference mode does: detach_ leaves history alone.
v0 = T.tensor(1.0, requires_grad=True)
v1 = v0 * 2
with T.inference_mode():
    v0.detach_()
    v1.detach_()
