# Lesson 2: c = a * b with only `a` requiring grad: c is no leaf, its node has an AccumulateGrad and a None.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.tensor([3.0, 4.0])
v2 = v0 * v1
v3 = v2.is_leaf
v4 = v2.grad_fn
v5 = v4.name()
v6 = v4.next_functions
v7 = v6[0]
v8 = v7[0]
v9 = v8.variable
print(v2)
