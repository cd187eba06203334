# Pieces that unsafe_chunk cuts off a conjugate view can be written to.
v0 = T.tensor([1.0])
v1 = T.fft.ihfft(v0)
v2, = T.unsafe_chunk(v1, 1)
v3 = T.tensor([0])
v2.index_put_((v3,), v1)
