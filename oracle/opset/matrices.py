"""Linear algebra on well-conditioned matrices: inverses, factorisations, spectra and functions of matrices.

What may live here: one line per op, and rules that serve ops of this file alone.

Note [Made for the call]: how far two libraries may be apart depends on the condition of a matrix, and whether one is
singular may depend on the last bit. So these ops take a matrix that is made for the call. Of eigenvectors and singular
vectors the sign is LAPACK's choice; they are asked of matrices for which the choice is known to agree: two rows or
columns, or (svd) three rows and two columns. tests/opset/test_gauge.py holds that against torch. Whether a
gradient depends on the phase of complex vectors is asked with a tolerance that huge gradients exceed: where that is
asked, matrices are real.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from oracle.opset.metas import TO_COMPLEX, TO_REAL, Meta, Shape, broadcast, meta
from oracle.opset.params import choice, flag
from oracle.opset.spec import Const, Operand, OpSpec, Outcome, Param, Rule, rule


def _metas(*shapes: Shape, complexes: bool = True) -> Callable[..., Sequence[Meta]]:
    """float32 and float64 of these shapes, and one complex one."""
    found = [meta(shape, name) for shape in shapes for name in ("float32", "float64")]
    if complexes:
        found.append(meta(shapes[0], "complex128"))
    every = tuple(found)
    return lambda *_: every


SQUARE = _metas((2, 2), (3, 3), (2, 2, 2), (1, 1), (0, 0))
REAL_SQUARE = _metas((2, 2), (3, 3), (2, 2, 2), (1, 1), (0, 0), complexes=False)
SINGLE = tuple(meta(shape, name) for shape in ((2, 2), (3, 3), (2, 2, 2)) for name in ("float32", "complex64"))
PAIRS = _metas((2, 2), (2, 2, 2), (1, 1), complexes=False)
TALL = _metas((2, 2), (3, 2), (2, 3, 2), (1, 1), complexes=False)
ANY = _metas((2, 2), (3, 2), (2, 3), (2, 2, 2))
REAL_ANY = _metas((2, 2), (3, 2), (2, 3), (2, 2, 2), complexes=False)


def is_square(x: Meta) -> bool:
    return x.rank > 1 and x.shape[-1] == x.shape[-2] and x.dtype in TO_REAL.keys() | {"float32", "float64"}


Declared = Callable[[Callable[..., Outcome]], Rule]


def _of_square(kinds: Callable[..., Sequence[Meta]], name: str, *params: Any) -> Declared:
    def declare(infer: Callable[..., Outcome]) -> Rule:
        def inferred(x: Meta, *values: Any) -> Outcome:
            return infer(x, *values) if is_square(x) else None

        return Rule((Operand(name, made=kinds), *params), inferred)

    return declare


def _real(x: Meta) -> str:
    return TO_REAL.get(x.dtype, x.dtype)


@_of_square(SQUARE, "A")
def kept(x: Meta) -> Meta:
    """A square matrix of the same kind: inv, cholesky."""
    return x


@_of_square(lambda *_: SINGLE, "A")
def exponential(x: Meta) -> Meta:
    """Of float32 the reference's rerun tells how far its scaling and squaring is off; of float64 nothing does."""
    return x


@_of_square(SQUARE, "A")
def number(x: Meta) -> Meta:
    """One number per matrix: det, logdet."""
    return meta(x.shape[:-2], x.dtype)


@_of_square(SQUARE, "A")
def with_info(x: Meta) -> tuple[Meta, ...]:
    """A matrix and LAPACK's info: inv_ex, cholesky_ex."""
    return x, meta(x.shape[:-2], "int32")


@_of_square(SQUARE, "A")
def sign_and_size(x: Meta) -> tuple[Meta, ...]:
    return meta(x.shape[:-2], x.dtype), meta(x.shape[:-2], _real(x))


UPPER = flag("upper", keyword="must")


@_of_square(SQUARE, "A", UPPER)
def triangle(x: Meta, upper: bool) -> Meta:
    return x


@_of_square(SQUARE, "A", UPPER)
def triangle_and_info(x: Meta, upper: bool) -> tuple[Meta, ...]:
    return x, meta(x.shape[:-2], "int32")


@_of_square(REAL_SQUARE, "input", flag("upper"))
def old_triangle(x: Meta, upper: bool) -> Meta:
    return x


UPLO = choice("UPLO", "U", default="L")


@_of_square(PAIRS, "A", UPLO)
def symmetric_pairs(x: Meta, uplo: str) -> tuple[Meta, ...]:
    return meta(x.shape[:-1], x.dtype), x


@_of_square(REAL_SQUARE, "A", UPLO)
def real_values(x: Meta, uplo: str) -> Meta:
    return meta(x.shape[:-1], _real(x))


@_of_square(_metas((2, 2), complexes=False), "A")
def complex_pairs(x: Meta) -> tuple[Meta, ...]:
    kind = TO_COMPLEX[x.dtype]
    return meta(x.shape[:-1], kind), meta(x.shape, kind)


@_of_square(PAIRS, "A")
def complex_values(x: Meta) -> Meta:
    return meta(x.shape[:-1], TO_COMPLEX[x.dtype])


@_of_square(SQUARE, "A", choice("n", 2, 3, -1, 0, 1, -2, 5))
def power(x: Meta, n: int) -> Meta:
    return x


def _rectangular(kinds: Callable[..., Sequence[Meta]], *params: Any) -> Declared:
    def declare(infer: Callable[..., Outcome]) -> Rule:
        def inferred(x: Meta, *values: Any) -> Outcome:
            return infer(x, *values) if x.rank > 1 and x.dtype in ("float32", "float64", *TO_REAL) else None

        return Rule((Operand("A", made=kinds), *params), inferred)

    return declare


@_rectangular(ANY)
def orthogonal(x: Meta) -> tuple[Meta, ...]:
    """Q and R, reduced."""
    *lead, m, n = x.shape
    k = min(m, n)
    return meta((*lead, m, k), x.dtype), meta((*lead, k, n), x.dtype)


@_rectangular(TALL)
def reduced(x: Meta) -> tuple[Meta, ...]:
    """U, S and V^H of `svd(A, full_matrices=False)`."""
    *lead, m, n = x.shape
    k = min(m, n)
    return meta((*lead, m, k), x.dtype), meta((*lead, k), _real(x)), meta((*lead, k, n), x.dtype)


SVD = Rule((*reduced.parameters, choice("full_matrices", False)), lambda x, full: reduced.infer(x))


@_rectangular(REAL_ANY)
def singular(x: Meta) -> Meta:
    return meta((*x.shape[:-2], min(x.shape[-2:])), _real(x))


@_rectangular(REAL_ANY)
def turned(x: Meta) -> Meta:
    return meta((*x.shape[:-2], x.shape[-1], x.shape[-2]), x.dtype)


@_rectangular(REAL_ANY)
def permuted(x: Meta) -> tuple[Meta, ...]:
    """P, L and U."""
    *lead, m, n = x.shape
    k = min(m, n)
    return meta((*lead, m, m), x.dtype), meta((*lead, m, k), x.dtype), meta((*lead, k, n), x.dtype)


@_rectangular(REAL_ANY)
def factored(x: Meta) -> tuple[Meta, ...]:
    return x, meta((*x.shape[:-2], min(x.shape[-2:])), "int32")


@_rectangular(REAL_ANY)
def factored_with_info(x: Meta) -> tuple[Meta, ...]:
    return *factored.infer(x), meta(x.shape[:-2], "int32")  # type: ignore[misc]


# -- solvers --------------------------------------------------------------------------------------------


def _columns(a: Meta) -> Sequence[Meta]:
    n = a.shape[-1]
    return (meta((n, 2), a.dtype), meta((*a.shape[:-2], n, 1), a.dtype), meta((n, 3), a.dtype))


def _sides(a: Meta) -> Sequence[Meta]:
    return (*_columns(a), meta((a.shape[-1],), a.dtype))


def _solved(a: Meta, b: Meta, left: bool = True) -> Meta | None:
    """The solution of A X = B for matrices."""
    if not is_square(a) or b.rank < 2 or a.dtype != b.dtype:
        return None
    lead = broadcast(a.shape[:-2], b.shape[:-2])
    if lead is None or a.shape[-1] != b.shape[-2 if left else -1]:
        return None
    return meta((*lead, *b.shape[-2:]), b.dtype)


@rule(Operand("A", made=REAL_SQUARE), Operand("B", likes=_sides))
def solved(a: Meta, b: Meta) -> Meta | None:
    if is_square(a) and a.dtype == b.dtype and (b.rank == 1 or (b.shape == a.shape[:-1])):
        return meta((*a.shape[:-2], a.shape[-1]), a.dtype) if b.shape[-1:] == a.shape[-1:] else None
    return _solved(a, b)


@rule(Operand("A", made=REAL_SQUARE), Operand("B", likes=_columns))
def solved_with_info(a: Meta, b: Meta) -> tuple[Meta, ...] | None:
    found = _solved(a, b) if b.shape != a.shape[:-1] else None
    return None if found is None else (found, meta(a.shape[:-2], "int32"))


@rule(
    Operand("A", made=REAL_SQUARE),
    Operand("B", likes=_columns),
    choice("upper", True, False, keyword="must"),
    flag("unitriangular", keyword="must"),
)
def triangular(a: Meta, b: Meta, upper: bool, unit: bool) -> Meta | None:
    return _solved(a, b)


def _triangles(b: Meta) -> Sequence[Meta]:
    n = b.shape[-2] if b.rank > 1 else 2
    return (meta((n, n), b.dtype),)


RHS = meta((2, 3), "float32")


@rule(Operand("self", fresh=RHS), Operand("input2", made=_triangles), flag("upper"))
def cholesky_solved(b: Meta, a: Meta, upper: bool) -> Meta | None:
    return _solved(a, b)


@rule(Operand("self", fresh=RHS), Operand("A", made=_triangles), flag("upper", default=True), flag("transpose"))
def old_triangular(b: Meta, a: Meta, upper: bool, transpose: bool) -> tuple[Meta, ...] | None:
    found = _solved(a, b)
    return None if found is None or b.rank > 2 else (found, a)


def _pivots(a: Meta, *_: Meta) -> Sequence[Const]:
    n = a.shape[-1]
    if a.rank != 2 or not n:
        return ()
    return tuple(Const(list(data), meta((n,), "int32")) for data in ((n,) * n, range(1, n + 1)))


@rule(
    Operand("LU", made=_metas((2, 2), (3, 3), complexes=False)),
    Param("pivots", _pivots, keyword="never"),
    Operand("B", likes=_columns),
    flag("adjoint", keyword="must"),
)
def lu_solved(a: Meta, pivots: Const, b: Meta, adjoint: bool) -> Meta | None:
    return _solved(a, b)


@rule(
    Operand("input", made=ANY),
    choice("atol", 100.0, 0.0, default=None, keyword="must"),
    choice("rtol", 1e-3, 2.0, default=None, keyword="must"),
)
def ranks(x: Meta, atol: Any, rtol: Any) -> Meta | None:
    return meta(x.shape[:-2], "int64")


CALL: dict[str, Any] = {"forms": ("call",), "tolerance": "lapack", "domain": "regular", "dense": False}
OLD: dict[str, Any] = {**CALL, "forms": ("call", "method")}
SPECS = (
    OpSpec("linalg.det", infer=number, **{**CALL, "dense": True}),
    OpSpec("det", infer=number, **{**OLD, "dense": True}),
    OpSpec("linalg.slogdet", infer=sign_and_size, outs="many", grad="refused", **CALL),
    OpSpec("slogdet", infer=sign_and_size, outs="many", grad="refused", **OLD),
    OpSpec("logdet", infer=number, **{**OLD, "dense": True, "domain": "definite"}),
    OpSpec("linalg.inv", infer=kept, **CALL),
    OpSpec("inverse", infer=kept, **OLD),
    OpSpec("linalg.inv_ex", infer=with_info, outs="many", **CALL),
    OpSpec("linalg.solve", infer=solved, **CALL),
    OpSpec("linalg.solve_ex", infer=solved_with_info, outs="many", **CALL),
    OpSpec("linalg.solve_triangular", infer=triangular, **CALL),
    OpSpec("triangular_solve", infer=old_triangular, outs="many", **OLD),
    OpSpec("linalg.cholesky", infer=triangle, **{**CALL, "domain": "definite"}),
    OpSpec("linalg.cholesky_ex", infer=triangle_and_info, outs="many", **{**CALL, "domain": "definite"}),
    OpSpec("cholesky", infer=old_triangle, **{**OLD, "domain": "definite"}),
    OpSpec("cholesky_inverse", infer=old_triangle, **OLD),
    OpSpec("cholesky_solve", infer=cholesky_solved, **OLD),
    OpSpec("linalg.eigh", infer=symmetric_pairs, outs="many", **{**CALL, "domain": "definite"}),
    OpSpec("linalg.eigvalsh", infer=real_values, **{**CALL, "dense": True, "domain": "definite"}),
    OpSpec("linalg.eig", infer=complex_pairs, outs="many", grad="refused", **CALL),
    OpSpec("linalg.eigvals", infer=complex_values, **{**CALL, "dense": True}),
    OpSpec("linalg.qr", infer=orthogonal, outs="many", **CALL),
    OpSpec("qr", infer=orthogonal, outs="many", **OLD),
    OpSpec("linalg.svd", infer=SVD, outs="many", **CALL),
    OpSpec("svd", infer=reduced, outs="many", **OLD),
    OpSpec("linalg.svdvals", infer=singular, saves="noise", **{**CALL, "dense": True}),  # vectors of any sign
    OpSpec("linalg.pinv", infer=turned, **CALL),
    OpSpec("linalg.matrix_rank", infer=ranks, **{**CALL, "tolerance": "exact", "dense": True, "grad": False,
                                                "saves": False}),
    OpSpec("pinverse", infer=turned, **OLD),
    OpSpec("linalg.lu", infer=permuted, outs="many", constant=(0,), **CALL),
    OpSpec("linalg.lu_factor", infer=factored, outs="many", **CALL),
    OpSpec("linalg.lu_factor_ex", infer=factored_with_info, outs="many", **CALL),
    OpSpec("linalg.lu_solve", infer=lu_solved, **CALL),
    OpSpec("linalg.matrix_exp", infer=exponential, **{**CALL, "dense": True}),
    OpSpec("matrix_exp", infer=exponential, **{**OLD, "dense": True}),
    OpSpec("linalg.matrix_power", infer=power, **CALL),
    OpSpec("matrix_power", infer=power, **OLD),
)
