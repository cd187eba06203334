# In inference mode the pieces of a normal tensor are views of it.
v0 = T.tensor([1.0, 2.0])
with T.inference_mode(True):
    v1, = T.unsafe_split(v0, 2)
    v2, v3 = v0.unsafe_chunk(2)
    v4, v5 = T.unsafe_split_with_sizes(v0, (0, 2))
    v6 = T.tensor([1.0, 2.0])
    v7, v8 = v6.unsafe_chunk(2)
