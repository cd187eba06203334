# Bounds promote what is not of floats, but do not in place; among bools alone nothing is clamped.
v0 = T.tensor([True, False])
v1 = v0.clamp(min=1)
v2 = v0.clamp(max=0.5)
try:
    v3 = v0.clamp(min=True)
except Exception as error:
    print(error)
try:
    v0.clamp_(min=1)
except Exception as error:
    print(error)
