"""Statements that torch refuses whatever stands before them: tensors made, numbers read off them, dtypes, devices.

What may live here: one line each, of statements parted by `; `; the last one is refused. They are one rule together.
"""

from __future__ import annotations

from typing import Final

_LINES: Final = """
v0 = T.device('')
v0 = T.device('x')
v0 = T.device('cpu:x')
v0 = T.device(0)
v0 = T.device('cpu:0', 1)
v0 = T.device('cpu', -1)
v0 = T.device()
v0 = T.device('cpu', nonsense=1)
v0 = T.device('cpu', 'x')
v0 = T.device('cpu'); v1 = v0 < v0
v0 = T.device('cpu'); v0.type = 'x'
v0 = T.ones(2); v1 = v0.dtype; v1.itemsize = 3
v0 = T.finfo(T.int64)
v0 = T.iinfo(T.float32)
v0 = T.promote_types(1, T.float32)
v0 = T.finfo(1)
v0 = T.tensor('x')
v0 = T.tensor([1, 'x'])
v0 = T.tensor([[1], [1, 2]])
v0 = T.tensor(1180591620717411303424)
v0 = T.tensor([[1, 2], 3])
v0 = T.tensor(None)
v0 = T.tensor([1.5, None])
v0 = T.tensor(300, dtype=T.uint8)
v0 = T.tensor(1j, dtype=T.float32)
v0 = T.tensor([1180591620717411303424])
v0 = T.as_tensor('x')
v0 = T.ones(2); v1 = T.einsum(v0, [60])
v0 = T.zeros(-1)
v0 = T.ones(2, pin_memory=True)
v0 = T.ones(2, dtype=T.int64, requires_grad=True)
v0 = T.ones(2); v1 = T.ones(2, dtype=T.float64, out=v0)
v0 = T.full((2,), 1180591620717411303424)
v0 = T.full((2,), 300, dtype=T.uint8)
v0 = T.zeros(2, memory_format=T.channels_last)
v0 = T.ones(2); v1 = T.zeros_like(v0, memory_format=T.channels_last)
v0 = T.empty(2, memory_format=T.channels_last)
v0 = T.zeros((1099511627776, 1099511627776))
v0 = T.zeros(1152921504606846976)
v0 = T.tensor([1.0, 2.0], requires_grad=True); v1 = v0.item()
v0 = T.tensor([1.0, 2.0], requires_grad=True); v1 = bool(v0)
v0 = T.tensor([1.0, 2.0], requires_grad=True); v1 = int(v0)
v0 = T.tensor([1.0, 2.0], requires_grad=True); v1 = float(v0)
v0 = T.tensor([1.0, 2.0], requires_grad=True); v1 = complex(v0)
v0 = T.ones(0); v1 = bool(v0)
v0 = T.tensor(1j); v1 = float(v0)
v0 = T.tensor(float('inf')); v1 = int(v0)
v0 = T.tensor(1.5); v1 = T.ones(3); v2 = v1[v0]
v0 = T.ones(2); v1 = v0.item(1)
v0 = T.ones(1); v1 = v0.item(1)
v0 = T.ones(1); v1 = v0.item(nonsense=1)
v0 = T.tensor(2.5); v1 = list(v0)
v0 = T.tensor(1.5); v1 = T.zeros(v0)
v0 = T.tensor([1.0, 2.0], requires_grad=True); v0.grad = v0
v0 = T.tensor([1.0, 2.0], dtype=T.float64, requires_grad=True); v1 = v0.numpy()
v0 = T.from_numpy(1)
v0 = T.ones(2); v1 = v0.new_tensor('x')
v0 = T.ones(2); v1 = v0.type('x')
v0 = T.set_default_dtype(T.int64)
v0 = T.ones(2); v1 = v0.new_zeros(-1)
v0 = T.broadcast_shapes((2,), (-3,))
v0 = T.arange(0, 1, 0)
v0 = T.linspace(0, 1, -1)
v0 = T.eye(-1)
v0 = T.randperm(-1)
v0 = T.autograd.variable()
v0 = T.ones(2); v1 = v0.unflatten(0, (3,))
"""
LINES: Final = tuple(line.replace("; ", "\n") + "\n" for line in _LINES.strip().splitlines())
"""Each as a program."""
