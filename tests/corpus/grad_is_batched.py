# A batch of cotangents gives a batch of gradients.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * v0
v2 = T.tensor([[1.0, 0.0], [0.0, 1.0]])
v3, = T.autograd.grad((v1,), (v0,), grad_outputs=(v2,), is_grads_batched=True)
