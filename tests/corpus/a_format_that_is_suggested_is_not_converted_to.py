# A conversion to a memory format gives the tensor itself where its strides suggest that format already.
v0 = T.zeros((2, 3))
v1 = v0.t()
v2 = v1.to(memory_format=T.contiguous_format)
v3 = T.zeros((2, 1, 1, 3))
v4 = v3.to(memory_format=T.channels_last)
