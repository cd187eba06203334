# Some ops want numbers of the dtype itself; those that are too large for it are refused.
v0 = T.tensor([1.0, -2.0], dtype=T.float16)
try:
    v1 = v0.clamp(max=70000.0)
except Exception as error:
    print(error)
try:
    v2 = T.add(v0, v0, alpha=70000)
except Exception as error:
    print(error)
try:
    v3 = v0.pow(70000)
except Exception as error:
    print(error)
try:
    v4 = T.nn.functional.hardtanh(v0, -70000.0, 70000.0)
except Exception as error:
    print(error)
try:
    v5 = T.threshold(v0, 0.5, 70000.0)
except Exception as error:
    print(error)
v6 = v0.pow(2049)
v7 = v0.pow(1e-08)
