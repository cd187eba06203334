# A view whose base has grown a history since may not be written before anybody has asked for its own.
v0 = T.tensor(1.0)
v1 = v0.view_as(v0)
v2 = T.tensor(1.0, requires_grad=True)
v0.clamp_max_(v2)
v1.retain_grad()
v1.exp_()
