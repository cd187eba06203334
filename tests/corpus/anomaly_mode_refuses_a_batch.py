# Anomaly mode asks each gradient whether it is nan, which a batch of them cannot answer.
v0 = T.tensor([1.0, 2.0])
with T.autograd.set_detect_anomaly(True):
    try:
        v1 = T.autograd.functional.jacobian(lambda x: x * x, v0, vectorize=True)
    except Exception as error:
        print(error)
