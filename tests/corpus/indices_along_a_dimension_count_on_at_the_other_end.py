# take_along_dim takes indices modulo the size of a dimension, whatever they are; flattened, it takes them as gather does.
v0 = T.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
v1 = T.tensor([[-1], [5]])
v2 = T.take_along_dim(v0, v1, 1)
v3 = T.tensor([[-3, 0, 4]])
v4 = v0.take_along_dim(v3, 0)
v1.zero_()
v5 = v2.sum()
v6 = v4.sum()
v7 = v5 + v6
v7.backward()
try:
    v8 = v0.take_along_dim(v3)
except Exception as error:
    print(error)
