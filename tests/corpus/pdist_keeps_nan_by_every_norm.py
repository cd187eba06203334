# The largest difference of rows is NaN where one is, of pdist but not of cdist.
v0 = T.tensor([[1.0, 1.0], [1.0, float('nan')]])
v1 = T.nn.functional.pdist(v0, p=float('inf'))
v2 = T.cdist(v0, v0, p=float('inf'))
