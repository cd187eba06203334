# Anomaly mode tells which node ran when the failing one was made.
v0 = T.tensor([1.0], requires_grad=True)
with T.autograd.set_detect_anomaly(True):
    v1 = T.nn.functional.cross_entropy(v0, v0)
    v2, = T.autograd.grad((v1,), (v0,), grad_outputs=(v1,), create_graph=True)
v3 = T.tensor([1e+300])
with T.autograd.set_detect_anomaly(True):
    v4, = T.autograd.grad((v2,), (v1,), grad_outputs=(v3,))
