# A node that is itself an input of backward and sends nothing on does not compute, not even what is refused.
v0 = T.tensor(2.0, requires_grad=True)
v1 = v0 * 2
v1.acosh_()
v1.backward(inputs=(v1,), retain_graph=True)
try:
    v1.backward()
except Exception as error:
    print(error)
