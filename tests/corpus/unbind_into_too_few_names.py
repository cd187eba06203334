# Unpacking into fewer names than there are outputs is Python's own error.
v0 = T.tensor([1.0, 2.0, 3.0])
v1, v2 = v0.unbind()
