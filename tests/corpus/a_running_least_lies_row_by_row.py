# A running least lies row by row, single sizes included, which pools go by.
v0 = T.tensor([[[1.0], [1.0]]])
v1, v2 = v0.cummin(dim=2)
v3 = T.nn.functional.interpolate(v1, 3, None, 'area')
