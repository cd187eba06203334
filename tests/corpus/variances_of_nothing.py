# Variances along a dimension beside an empty one are as empty; of an empty dimension they are not a number.
v0 = T.tensor([[]])
v1, v2 = T.var_mean(v0, dim=(0,))
v3 = T.var(v0, dim=1)
v4, v5 = T.std_mean(v0)
