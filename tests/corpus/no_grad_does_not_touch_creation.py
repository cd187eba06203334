# A tensor made under no_grad may require grad.
with T.no_grad():
    v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0.sum()
v1.backward()
