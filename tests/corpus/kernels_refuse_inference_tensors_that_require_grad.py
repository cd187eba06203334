# So it refuses the out= of a kernel's ops and what they would save.
with T.inference_mode():
    v0 = T.ones((2, 3), requires_grad=True)
    v1 = T.ones((2, 2), requires_grad=True)
    v2 = T.tensor([[True]])
    v3 = T.ones((1, 1), requires_grad=True)
    v4 = T.ones(3, requires_grad=True)
    v5 = T.ones((2, 3))
try:
    v10 = v0.abs()
except Exception as error:
    print(error)
try:
    v11 = v0.mean()
except Exception as error:
    print(error)
try:
    v12, v13 = v0.cummax(0)
except Exception as error:
    print(error)
try:
    v14 = v0.logsumexp(0)
except Exception as error:
    print(error)
try:
    v15, v16 = v0.median(0)
except Exception as error:
    print(error)
try:
    v17 = T.nn.functional.hardtanh(v0)
except Exception as error:
    print(error)
try:
    v18 = T.nn.functional.soft_margin_loss(v0, v5)
except Exception as error:
    print(error)
try:
    v19 = v1.inverse()
except Exception as error:
    print(error)
try:
    v20 = v1.det()
except Exception as error:
    print(error)
try:
    v21 = T.linalg.solve(v1, v1)
except Exception as error:
    print(error)
try:
    v22 = v0.renorm(2, 0, 1.0)
except Exception as error:
    print(error)
try:
    v23 = T.linalg.cholesky(v1)
except Exception as error:
    print(error)
try:
    v24, v25 = T.linalg.qr(v1)
except Exception as error:
    print(error)
try:
    v26 = v3.masked_fill(v2, 0.0)
except Exception as error:
    print(error)
try:
    v27 = v0.mv(v4)
except Exception as error:
    print(error)
try:
    v28 = v0.var()
except Exception as error:
    print(error)
try:
    v29 = T.linalg.vector_norm(v3, 2, 0, True)
except Exception as error:
    print(error)
