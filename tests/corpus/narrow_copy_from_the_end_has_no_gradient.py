# The formula of narrow_copy takes a start counted from the end for the beginning of a slice, which is empty then.
v0 = T.tensor([1.0, 2.0, 3.0], requires_grad=True)
v1 = v0.narrow_copy(0, -2, 2)
v2 = v1.sum()
v2.backward()
