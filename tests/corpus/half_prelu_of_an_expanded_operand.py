# What is expanded has no say in how prelu lays out halves.
v0 = T.tensor([1.0, 1.0], dtype=T.float16)
v1 = v0.expand(2, 2, 2)
v2 = T.nn.functional.prelu(v1, v0)
