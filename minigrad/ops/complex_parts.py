"""Complex tensors made of two real ones: `complex` of parts, `polar` of absolute value and angle.

What may live here: these two and their formulas. Complex tensors as pairs of reals are in `complex_views`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes, errors
from minigrad.layout import laid_out
from minigrad.ops import elementary
from minigrad.ops.arithmetic import times
from minigrad.ops.complex_views import conj
from minigrad.ops.rounding import real_of, sgn
from minigrad.ops.trigonometric import cos, sin
from minigrad.registry import derivative, op

# mypy: disable-error-code="no-untyped-def"

_COMPLEX = {np.dtype("float32"): np.dtype("complex64"), np.dtype("float64"): np.dtype("complex128")}


def _check(first: Any, second: Any) -> Any:
    """The complex dtype of two real arrays. Raises RuntimeError for other and for different dtypes."""
    names = [errors.type_name(x) for x in (first, second)]
    if any(x.dtype.kind != "f" for x in (first, second)):
        raise RuntimeError(
            f"Expected both inputs to be Half, Float or Double tensors but got {names[0]} and {names[1]}"
        )
    if names[0] != names[1]:
        raise RuntimeError(
            f"Expected object of scalar type {names[0]} but got scalar type {names[1]} for second argument"
        )
    return _COMPLEX.get(first.dtype) or dtypes.float16.to_complex()


def _joined(real: Any, imag: Any, dt: Any, operands: Any) -> Any:
    template = laid_out(np.asarray(np.add(real, imag)), operands)
    out = np.empty_like(template, dtype=dt)
    out.real, out.imag = real, imag
    return out


@op("complex", promote="keep", numbers=False, method=False)
def complex(real, imag):
    return _joined(real, imag, _check(real, imag), (real, imag))


derivative(
    "ComplexBackward0",
    of=complex,
    forward=lambda real_t, imag_t: complex(real_t, imag_t),
    # torch's code generator takes at::real and at::imag of the formulas for the operands of these names
    real=lambda grad, real: real_of(grad),
    imag=lambda grad, imag: grad.imag,
)


@op("polar", promote="keep", numbers=False, method=False)
def polar(abs, angle):
    if abs.dtype == np.float16 == angle.dtype:
        raise errors.not_implemented_for("polar_cpu", abs.dtype)
    dt = _check(abs, angle)
    return _joined(abs * elementary.cos(angle), abs * elementary.sin(angle), dt, (abs, angle))


def _polar_tangent(abs_t, angle_t, abs, angle):
    return complex(
        abs_t * cos(angle) - angle_t * abs * sin(angle), abs_t * sin(angle) + angle_t * abs * cos(angle)
    )


def _polar_pair(grad, result, wanted):
    """Both gradients, which share the conjugate; torch makes both if it makes one."""
    conjugate = conj(grad)
    of_abs = real_of(conjugate * sgn(result))
    of_angle = real_of(conjugate * times(result, 1j))
    return of_abs if wanted[0] else None, of_angle if wanted[1] else None


derivative("PolarBackward0", of=polar, forward=_polar_tangent, joint=(("abs", "angle"), _polar_pair))
