# Views that unsafe_chunk makes in inference mode count writes from 0 and find out about none.
v0 = T.tensor([1.0], requires_grad=True)
v1 = v0 * 1
with T.inference_mode():
    v2, = v1.unsafe_chunk(1)
v1.add_(1)
with T.inference_mode():
    v3, = v1.unsafe_chunk(1)
