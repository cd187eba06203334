# Anomaly mode tells of the node that induced the failing one, also where it does not know where that was made.
v0 = T.tensor([[2.0, -0.5, -0.5], [-0.5, 3.0, 0.5], [-0.5, 0.5, 3.0]], requires_grad=True)
v1 = T.linalg.tensorinv(v0, 1)
v2 = T.tensor([[0.5, -0.0, -2.0], [1e-42, 1e-38, 1.0], [1e-42, 1e+300, 1000000000000000.0]])
with T.autograd.detect_anomaly():
    v3, = T.autograd.grad((v1,), (v0,), grad_outputs=(v2,), create_graph=True)
    v4, = T.autograd.grad((v3,), (v0,), grad_outputs=(v0,))
