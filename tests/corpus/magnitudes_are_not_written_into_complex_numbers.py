# The magnitude of a complex number is real: in place there is none.
v0 = T.tensor([complex(3.0, 4.0)])
try:
    v0.abs_()
except Exception as error:
    print(error)
