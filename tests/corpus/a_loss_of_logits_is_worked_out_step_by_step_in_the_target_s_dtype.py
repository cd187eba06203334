# Each step of the loss is rounded to the dtype of what it is written to.
v0 = T.tensor([1.1, 2.3], dtype=T.float16, requires_grad=True)
v1 = T.tensor([0.3, 0.7])
v2 = T.nn.functional.binary_cross_entropy_with_logits(v0, v1)
v3 = T.tensor([2.0, 3.0], dtype=T.float16)
v4 = T.nn.functional.binary_cross_entropy_with_logits(v1, v1, reduction='none', pos_weight=v3)
v5 = T.tensor([True, False])
try:
    v6 = T.nn.functional.binary_cross_entropy_with_logits(v1, v5)
except Exception as error:
    print(error)
v7 = T.tensor([complex(2.0, 0.0), complex(1.0, 0.0)])
try:
    v8 = T.nn.functional.binary_cross_entropy_with_logits(v1, v1, pos_weight=v7)
except Exception as error:
    print(error)
