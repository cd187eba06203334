# What two formulas of a node name is saved whichever edge is alive, also if that edge needs nothing.
v0 = T.tensor(2.0)
v1 = T.tensor(1.0, requires_grad=True)
v2 = T.addcdiv(v1, v0, v0)
v2.backward()
try:
    v2.backward()
except Exception as error:
    print(error)
v3 = T.lerp(v0, v0, v1)
v0.mul_(2)
try:
    v3.backward()
except Exception as error:
    print(error)
