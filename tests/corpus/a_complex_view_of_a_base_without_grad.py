# A view of another dtype whose base was written to without a graph requires no grad any more.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.view_as_complex(v0)
v0.requires_grad_(False)
v0.pow_(0)
