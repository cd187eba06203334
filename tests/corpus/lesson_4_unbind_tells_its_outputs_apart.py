# Lesson 4: b, c, d = a.unbind(); the node is one, the index tells the outputs apart.
v0 = T.tensor([2.0, 3.0, 4.0], requires_grad=True)
v1, v2, v3 = v0.unbind()
v4 = v1 * v2
v5 = v4 * v3
v6 = v1.output_nr
v7 = v3.output_nr
v8 = v4.grad_fn
v9 = v8.next_functions
v10 = v5.grad_fn
v11 = v10.next_functions
v5.backward()
print(v3)
