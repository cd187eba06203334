# A refused write changes neither value nor version.
v0 = T.tensor([1.0, 2.0], requires_grad=True)
try:
    v0.mul_(5)
except Exception as error:
    print(error)
v1 = v0._version
print(v0)
