"""Matrices that are well-conditioned by construction: what ops of linear algebra are called on.

What may live here: their elements as plain numbers, from a shape and a seed. Eigenvalues and singular values are
apart from each other and from zero, so that factorisations and their derivatives are smooth and small.
"""

from __future__ import annotations

import math
from functools import lru_cache
from random import Random
from typing import Any

from oracle.opset.metas import Shape


@lru_cache(maxsize=512)
def matrices(domain: str, shape: Shape, is_complex: bool, seed: int) -> tuple[Any, ...]:
    """The elements of a batch of matrices, flat: "definite" is symmetric (Hermitian) positive definite."""
    rows, columns = shape[-2:] if len(shape) > 1 else (1, *shape)[-2:] if shape else (1, 1)
    random = Random(f"{domain} {shape} {is_complex} {seed}")
    out: list[Any] = []
    for _ in range(math.prod(shape[:-2])):
        out += _matrix(random, rows, columns, is_complex, domain == "definite")
    return tuple(out)


def _matrix(random: Random, rows: int, columns: int, is_complex: bool, symmetric: bool) -> list[Any]:
    """Noise beside a diagonal that outweighs it and grows."""

    def noise() -> Any:
        real = round(random.uniform(-0.4, 0.4), 3)
        return complex(real, round(random.uniform(-0.4, 0.4), 3)) if is_complex else real

    made = [[noise() for _ in range(columns)] for _ in range(rows)]
    for i in range(min(rows, columns)):
        diagonal = round(1.5 * (i + 1) + random.uniform(0, 0.5), 3)
        made[i][i] = complex(diagonal) if is_complex else diagonal
    if symmetric:
        for i in range(rows):
            for j in range(i):
                made[i][j] = made[j][i].conjugate()
    return [x for row in made for x in row]
