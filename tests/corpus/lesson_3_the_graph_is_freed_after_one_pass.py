# Lesson 3: a second pass over a graph whose saved tensors are freed is refused.
v0 = T.tensor(2.0, requires_grad=True)
v1 = T.tensor(3.0, requires_grad=True)
v2 = v0 * v1
v2.backward()
v2.backward()
