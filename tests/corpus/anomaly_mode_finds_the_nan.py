# Anomaly mode names the node that returned NaN.
v0 = T.tensor([0.0, 2.0], requires_grad=True)
with T.autograd.set_detect_anomaly(True):
    v1 = v0 / v0
    v2 = v1.sum()
    v2.backward()
