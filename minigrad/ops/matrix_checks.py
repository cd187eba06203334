"""What linear algebra asks of its operands, torch's complaints where they are not so, and how its ops are called.

What may live here: checks of shapes, dtypes and of LAPACK's `info`, LinAlgError, and `called`, which publishes an op
under torch's name with torch's argument forms. No op is declared here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad import errors
from minigrad.errors import TYPE_NAMES
from minigrad.memory import broadcast_to
from minigrad.ops.carriers import is_batched
from minigrad.promotion import broadcast_shape
from minigrad.registry import FUNCTIONS, publish
from minigrad.signatures import Parser
from minigrad.tensor import Tensor

Shape = tuple[int, ...]


class LinAlgError(RuntimeError):
    """A matrix that has no inverse, no factorisation, or whose factorisation does not converge."""


LinAlgError.__name__ = LinAlgError.__qualname__ = "_LinAlgError"
FUNCTIONS["linalg.LinAlgError"] = FUNCTIONS["_C._LinAlgError"] = LinAlgError


def called(name: str, *texts: str, method: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Publishes a function as `name`, called in the forms that `texts` give as torch prints them.

    Returns the function itself, which other ops call with its own arguments. `method`: it is one of Tensor, too.
    """

    def declare(fn: Callable[..., Any]) -> Callable[..., Any]:
        parser = Parser(name.replace(".", "_"), *texts)
        of_method = Parser(name, *map(_without_first, texts))
        first = [signature.names[0] for signature in parser.signatures]

        def function(*args: Any, **kwargs: Any) -> Any:
            number, found = parser.parse(args, kwargs)
            return fn(found.pop(first[number]), **found)

        def bound(self: Any, *args: Any, **kwargs: Any) -> Any:
            return fn(self, **of_method.parse(args, kwargs)[1])

        for one in (function, bound):
            one.__name__ = one.__qualname__ = name.rpartition(".")[2]
            one.__doc__ = fn.__doc__
        publish(name, function, method=False)
        if method:
            publish(name, bound, function=False)
        return fn

    return declare


def _without_first(text: str) -> str:
    rest = text.strip("()").split(", ")[1:]
    return f"({', '.join(rest)})"


# -- operands -------------------------------------------------------------------------------------------


def check_matrix(a: Any, function: str, name: str = "A") -> None:
    """At least two dimensions."""
    if a.ndim < 2:
        raise RuntimeError(f"{function}: The input tensor {name} must have at least 2 dimensions.")


def check_square(a: Any, function: str, name: str = "A") -> None:
    """Batches of square matrices."""
    check_matrix(a, function, name)
    m, n = a.shape[-2:]
    if m != n:
        lead = f"{function}: " if function else ""
        raise RuntimeError(f"{lead}{name} must be batches of square matrices, but they are {m} by {n} matrices")


def check_floating(a: Any, function: str, halves: bool = True) -> None:
    """Floating point or complex; without `halves`, not float16."""
    if a.dtype.kind not in "fc":
        raise RuntimeError(
            f"{function}: Expected a floating point or complex tensor as input. Got {TYPE_NAMES[a.dtype.name]}"
        )
    if not halves and a.dtype == np.float16:
        raise RuntimeError(f"{function}: Low precision dtypes not supported. Got {TYPE_NAMES[a.dtype.name]}")


def check_kernel(a: Any, kernel: str) -> None:
    """A dtype that LAPACK has."""
    if a.dtype.char not in "fdFD":
        raise errors.not_implemented_for(kernel, a.dtype)


def check_same_dtype(function: str, a: Any, b: Any) -> None:
    if a.dtype != b.dtype:
        raise RuntimeError(
            f"{function}: Expected A and B to have the same dtype, but found A of type {TYPE_NAMES[a.dtype.name]} "
            f"and B of type {TYPE_NAMES[b.dtype.name]} instead"
        )


def check_solver(a: Any, b: Any, left: bool, function: str) -> None:
    """A X = B (X A = B unless `left`) has shapes that fit."""
    check_square(a, function)
    check_matrix(b, function, "B")
    if a.shape[-2] != b.shape[-2 if left else -1]:
        equation = "AX = B" if left else "XA = B"
        sizes = f"{a.shape[-2]}x{a.shape[-1]} and {b.shape[-2]}x{b.shape[-1]}"
        raise RuntimeError(f"{function}: Incompatible shapes of A and B for the equation {equation} ({sizes})")


def broadcast_batches(a: Any, b: Any) -> tuple[Any, Any]:
    """Two batches of matrices over their broadcast batch shape."""
    lead = broadcast_shape([b.shape[:-2], a.shape[:-2]])
    return broadcast_to(a, (*lead, *a.shape[-2:])), broadcast_to(b, (*lead, *b.shape[-2:]))


def is_vector(a_shape: Shape, b_shape: Shape) -> bool:
    """Whether the right-hand side of A X = B is a vector, or one per matrix (linalg_solve_is_vector_rhs)."""
    return len(b_shape) == 1 or (len(a_shape) - 1 == len(b_shape) and a_shape[:-1] == b_shape)


# -- info -----------------------------------------------------------------------------------------------

SINGULAR = (
    "The diagonal element {0} is zero, the inversion could not be completed because the input matrix is singular."
)
UNSOLVABLE = "The solver failed because the input matrix is singular."
INDEFINITE = (
    "The factorization could not be completed because the input is not positive-definite (the leading minor of order "
    "{0} is not positive-definite)."
)
REPEATED = (
    "The algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated {1} (error "
    "code: {0})."
)
ZERO_PIVOT = (
    "U[{0},{0}] is zero and using it on lu_solve would result in a division by zero. If you still want to perform the "
    "factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)"
)


def check_info(info: Any, function: str, text: str, what: str = "", error: type[Exception] = LinAlgError) -> None:
    """Raises where LAPACK failed, for the first matrix of the batch with which it did."""
    if is_batched(info):
        for member in np.asarray(info.whole._a):
            check_info(member, function, text, what, error)
        return
    found = np.asarray(info._a if isinstance(info, Tensor) else info)
    if not found.any():
        return
    flat = found.reshape(-1)
    at = int(np.flatnonzero(flat)[0])
    batch = f"(Batch element {at}): " if found.ndim else ""
    if flat[at] == -4 and function.endswith("svd"):
        text = "The algorithm failed to converge because the input matrix contained non-finite values."
    raise error(f"{function}: {batch}" + text.format(int(flat[at]), what))
