"""What is attached to Tensor from modules that come after it: factories, printing, conversion.

What may live here: assignments. Ops attach themselves through the registry.
"""

from __future__ import annotations

from typing import Any

from minigrad import conversion, creation, filling, legacy, printing, serialization
from minigrad.autograd.tangents import tangent_of
from minigrad.tensor import Tensor

_METHODS: dict[str, Any] = {
    **creation.METHODS,
    **legacy.METHODS,
    "new_zeros": filling.new_zeros,
    "new_ones": filling.new_ones,
    "new_empty": filling.new_empty,
    "new_full": filling.new_full,
    "new_empty_strided": filling.new_empty_strided,
    "__repr__": lambda self: printing.tensor_repr(self, tangent_of(self)),
    "__format__": printing.tensor_format,
    **conversion.METHODS,
    **serialization.METHODS,
}

for _name, _function in (_METHODS | conversion.METHODS).items():
    setattr(Tensor, _name, _function)


def _refused(name: str) -> Any:
    def refuse(self: Tensor, value: Any = None) -> None:
        raise AttributeError(f"attribute '{name}' of '{_PACKAGE}._C.TensorBase' objects is not writable")

    return refuse


_PACKAGE = __name__.partition(".")[0]
for _name, _fact in [*vars(Tensor).items()]:
    if type(_fact) is property and _fact.fset is None:
        setattr(Tensor, _name, _fact.setter(_refused(_name)).deleter(_refused(_name)))
