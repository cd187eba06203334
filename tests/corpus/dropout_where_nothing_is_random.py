# With probability 1 a product with a zero is left, with 0 or while not training the operand itself.
v0 = T.tensor([[1.0, -2.0], [3.0, float('inf')]], requires_grad=True)
v1 = T.dropout(v0, 1.0, True)
v2 = T.nn.functional.dropout(v0, 0.5, False)
v3 = T.nn.functional.alpha_dropout(v0, 0.0, True)
v4 = v0.clone()
v5 = T.feature_dropout(v4, 1.0, True)
v6 = T.nn.functional.dropout(v4, 1.0, inplace=True)
v7 = v1 + v6
v7.backward(v5)
