# A view made in inference mode requires grad and leads nowhere; a node with one formula saves all the same.
v0 = T.tensor([1.0], requires_grad=True)
with T.inference_mode():
    v1, v2 = T.tensor_split(v0, (0,))
v3 = T.tensor(0)
v4 = T.scatter(v2, 0, v3, 0)
v5 = T.mul(v2, v2)
v4.backward()
