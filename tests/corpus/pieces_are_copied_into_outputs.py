# Each piece is copied into an output of its own, of which autograd sees nothing; some outputs get another size.
v0 = T.tensor([[2.0, 1.0], [3.0, 0.5]], requires_grad=True)
v1 = T.zeros(2)
v2 = T.zeros(3)
T.unbind_copy(v0, out=(v1, v2))
v3 = T.zeros(1, 2)
v4 = T.zeros(2)
try:
    T.split_copy(v0, 1, out=(v3, v2))
except Exception as error:
    print(error)
T.split_with_sizes_copy(v0, (1, 1), out=(v3, v4))
try:
    T.unbind_copy(v0, out=(v1,))
except Exception as error:
    print(error)
