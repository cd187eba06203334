# Ops without derivative, too, remember where they were called while anomalies are looked for.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
with T.autograd.detect_anomaly(check_nan=False):
    v1 = v0.heaviside(v0)
    v2 = v1.sum()
    try:
        v2.backward()
    except Exception as error:
        print(error)
