# enable_grad inside no_grad records again.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
with T.no_grad():
    with T.enable_grad():
        v1 = v0 * 2
v2 = v1.sum()
v2.backward()
