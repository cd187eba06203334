# Graphs of before do not lead to what a tensor looks at once it is set: its gradient there is another.
v0 = T.tensor(1.0, requires_grad=True)
v1 = v0 * 2
v2 = v0 * 2
with T.no_grad():
    v0.set_()
v1.backward(inputs=(v0,))
v3 = v0.grad
v2.backward()
v4 = v0.grad
