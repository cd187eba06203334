# The history of a view is made anew after a write to its base: torch takes it that the base has one.
v0 = T.tensor([complex(1.0, 0.0)], requires_grad=True)
v1 = T.view_as_real(v0)
v0.detach_()
v0.mul_(2)
try:
    v1.retain_grad()
except Exception as error:
    print(error)
v2 = v1.requires_grad
