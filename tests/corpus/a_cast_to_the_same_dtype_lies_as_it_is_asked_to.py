# A tensor of the right dtype is itself what a cast gives, unless it is to lie in memory otherwise.
v0 = T.ones(2, 3, 2, 2, requires_grad=True)
v1 = v0.float(memory_format=T.channels_last)
v2 = v0.float(memory_format=T.contiguous_format)
v3 = v0.double(memory_format=T.channels_last)
v4 = v0.float()
v5 = v1 * v3
v6 = v5.sum()
v6.backward()
v7 = T.ones(2, 3)
try:
    v8 = v7.float(memory_format=T.channels_last)
except Exception as error:
    print(error)
