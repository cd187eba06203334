# Autograd overlooks a cast of an inference tensor that requires grad, but not the copy that the cast makes.
with T.inference_mode():
    v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0.double()
v0.unsqueeze_(0)
