# The method is milder: it accepts what is so already.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
try:
    v1.requires_grad_()
except Exception as error:
    print(error)
v1.requires_grad_(False)
