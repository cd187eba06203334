# elu_ takes factors that elu has not, and hardtanh_ bounds in any order; a tensor may be the number of hardshrink.
v0 = T.tensor([0.5, 1.5, -1.0])
v1 = T.nn.functional.elu_(v0, 1.0, 2.0, 0.5)
v2 = T.nn.functional.hardtanh_(v0, 2, 1)
v3 = T.tensor(2.0)
v4 = T.nn.functional.hardshrink(v0, v3)
