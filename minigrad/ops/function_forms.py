"""Other names of ops: `torch.sin_(x)` beside `x.sin_()`, `torch.special.expit` beside `sigmoid`.

What may live here: such names, as tables. The ops themselves stand with their families.
"""

from __future__ import annotations

from minigrad.ops import pairs, powers, rounding, selection, softmax, special, trigonometric
from minigrad.registry import FUNCTIONS, publish
from minigrad.tensor import Tensor

WRITING = (
    "abs_ acos_ asin_ atan_ ceil_ cos_ cosh_ deg2rad_ erf_ erfc_ exp_ exp2_ expm1_ floor_ frac_ i0_ ldexp_ "
    "log_ log10_ "
    "log1p_ log2_ logit_ nan_to_num_ neg_ rad2deg_ reciprocal_ relu_ round_ rsqrt_ sigmoid_ sin_ sinc_ "
    "sinh_ sqrt_ "
    "tan_ tanh_ trunc_ xlogy_"
)
"""In-place forms that torch offers as functions too."""

SPECIAL = {
    "digamma": "digamma",
    "erf": "erf",
    "erfc": "erfc",
    "erfinv": "erfinv",
    "exp2": "exp2",
    "expit": "sigmoid",
    "expm1": "expm1",
    "gammaln": "lgamma",
    "i0": "i0",
    "log1p": "log1p",
    "logit": "logit",
    "logsumexp": "logsumexp",
    "polygamma": "polygamma",
    "psi": "digamma",
    "round": "round",
    "sinc": "sinc",
    "xlogy": "xlogy",
}
"""`torch.special` by the names of the namespace above it."""

FAMILIES = (pairs, powers, rounding, selection, softmax, special, trigonometric)
"""What must have been declared before."""

for _name in WRITING.split():
    publish(_name, getattr(Tensor, _name), method=False)
for _name, _function in SPECIAL.items():
    publish("special." + _name, FUNCTIONS[_function], method=False)
for _name, _fn in (("i0e", special.i0e), ("i1", special.i1), ("i1e", special.i1e)):
    publish("special." + _name, _fn, method=False)
