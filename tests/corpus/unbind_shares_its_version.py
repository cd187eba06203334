# A write through one output moves the version of the base and of the other output.
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]])
v1, v2 = v0.unbind(0)
v1.mul_(2)
v3 = v0._version
v4 = v2._version
