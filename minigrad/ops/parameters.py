"""nn.Parameter and nn.Buffer: leaves that a module keeps, the one with gradients, the other without.

What may live here: both classes, how a tensor becomes one, and how they are copied and pickled. Ops know nothing of
them: what they make of a parameter is a tensor like any other. Departure: of what is only seen as conjugate or
negative, a parameter is a copy.
"""

from __future__ import annotations

from typing import Any

from minigrad import errors, printing
from minigrad.creation import tensor
from minigrad.lazy import LazyTensor
from minigrad.ops.slicing import alias
from minigrad.registry import publish
from minigrad.tensor import InferenceLeaf, Tensor

_PLAIN = (Tensor, LazyTensor, InferenceLeaf)


class _ParameterMeta(type):
    """Tensors of other classes, which stay what they are, are parameters if they say so."""

    def __instancecheck__(cls, instance: Any) -> bool:
        if cls is Parameter and isinstance(instance, Tensor) and getattr(instance, "_is_param", False):
            return True
        return super().__instancecheck__(instance)


class Parameter(Tensor, metaclass=_ParameterMeta):
    """A leaf over the memory of `data`, which requires grad, grad mode or not, unless it is told not to.

    Raises RuntimeError where `data` cannot require grad.
    """

    __slots__ = ()

    def __new__(cls, data: Any = None, requires_grad: bool = True) -> Any:
        if data is None:
            data = tensor(())
        if type(data) in (*_PLAIN, *CLASSES):
            return make_subclass(cls, data, requires_grad)
        out = data.detach().requires_grad_(requires_grad)
        if type(out) is not type(data):
            raise RuntimeError(
                f"Creating a Parameter from an instance of type {type(data).__name__} requires that detach() returns "
                f"an instance of the same type, but return type {type(out).__name__} was found instead. To use the "
                "type as a Parameter, please correct the detach() semantics defined by its __torch_dispatch__() "
                "implementation."
            )
        out._is_param = True
        return out

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """All is done; Tensor's own would make a new one."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if id(self) not in memo:
            kind = Parameter if isinstance(self, InferenceLeaf) else type(self)
            memo[id(self)] = kind(self.data.clone(), self.requires_grad)
        return memo[id(self)]

    def __repr__(self) -> str:
        text = super().__repr__()
        return "Parameter containing:\n" + (text if type(self) in CLASSES else f"Parameter({text})")

    def __format__(self, spec: str) -> str:
        return object.__format__(self, spec)

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return rebuild, (self.data, self.requires_grad, dict(self.__dict__))


class _InferenceParameter(Parameter, InferenceLeaf):
    """One made in inference mode: see InferenceLeaf."""

    __slots__ = ()


_InferenceParameter.__name__ = _InferenceParameter.__qualname__ = "Parameter"


class _BufferMeta(type):
    def __instancecheck__(cls, instance: Any) -> bool:
        return super().__instancecheck__(instance) or (
            cls is Buffer and isinstance(instance, Tensor) and getattr(instance, "_is_buffer", False)
        )


class Buffer(Tensor, metaclass=_BufferMeta):
    """A tensor over the memory of `data` that says of itself that a module keeps it as its state."""

    __slots__ = ()

    def __new__(cls, data: Any = None, *, persistent: bool = True) -> Any:
        if data is None:
            data = tensor(())
        out = data.detach().requires_grad_(data.requires_grad)
        out.persistent = persistent
        out._is_buffer = True
        return out


CLASSES = (Parameter, _InferenceParameter)
for _class in (*CLASSES, Buffer):
    _class.__module__ = "minigrad.nn.parameter"


def make_subclass(cls: type[Any], data: Any, require_grad: bool = False) -> Any:
    """A leaf of a subclass of Tensor over the memory of `data`, whose version it shares."""
    if type(require_grad) is not bool:
        raise errors.wrong_argument("__make_subclass", "require_grad", 3, "bool", require_grad)
    if require_grad and data._a.dtype.kind not in "fc":
        raise errors.only_floating_require_grad(made=True)
    out = data.detach().resolve_conj().resolve_neg()
    out.__class__ = cls
    out.requires_grad = require_grad
    if require_grad and cls is Parameter and out.is_inference():
        out.__class__ = _InferenceParameter
    return out


def as_subclass(self: Tensor, cls: type[Any]) -> Any:
    """An alias of this tensor, of a subclass of Tensor."""
    out = alias(self)
    out.__class__ = cls
    return out


def rebuild(data: Tensor, requires_grad: bool, state: dict[str, Any]) -> Any:
    """The parameter that a pickle describes."""
    out = Parameter(data, requires_grad)
    out.__dict__.update(state)
    return out


printing.PLAIN.update(CLASSES)
publish("as_subclass", as_subclass, function=False)
for _space in ("nn", "nn.parameter"):
    publish(f"{_space}.Parameter", Parameter, method=False)
    publish(f"{_space}.Buffer", Buffer, method=False)
