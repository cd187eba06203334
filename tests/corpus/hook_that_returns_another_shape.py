# A hook may not change the shape.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
h0 = v0.register_hook(lambda grad: grad.unsqueeze(0))
v1 = v0.sum()
v1.backward()
