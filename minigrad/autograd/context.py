"""What user-defined functions say to their node: the `ctx` of `forward`, `backward`, `setup_context` and `jvp`.

What may live here: the context's methods and attributes, and their words for what is no use. What becomes of it
all is `function`'s business.
"""

from __future__ import annotations

import warnings
import weakref
from abc import ABCMeta
from typing import Any

from minigrad.node import Node
from minigrad.tensor import Tensor

READ_ONLY = ("metadata", "next_functions", "requires_grad", "saved_tensors", "saved_variables")


class FunctionCtx(metaclass=ABCMeta):  # noqa: B024 - for `register` alone
    """What the static methods of a Function may say about its inputs and outputs."""

    to_save: tuple[Any, ...] | None = None
    dirty_tensors: tuple[Any, ...] | None = None
    non_differentiable: tuple[Any, ...] | None = None
    saved_for_forward: tuple[Any, ...] | None = None
    needs_input_grad: tuple[bool, ...] = ()

    def save_for_backward(self, *tensors: Any) -> None:
        """Keeps tensors (or None) for `backward`, which finds them in `saved_tensors`."""
        self.to_save = tensors

    def save_for_forward(self, *tensors: Any) -> None:
        """Keeps tensors for `jvp`."""
        for tensor in tensors:
            if not (isinstance(tensor, Tensor) or tensor is None):
                raise AssertionError(
                    "save_for_forward expects all arguments to be tensors; you should save non-tensors as "
                    "attributes on ctx."
                )
        self.saved_for_forward = tensors

    def mark_dirty(self, *args: Any) -> None:
        """Says which inputs `forward` wrote to; each must be returned."""
        self.dirty_tensors = args

    def mark_shared_storage(self, *pairs: Any) -> None:
        """Does nothing but say so: who shares memory is known without it."""
        warnings.warn(
            "`mark_shared_storage` is deprecated. Tensors with shared storages are automatically tracked. Note that "
            "calls to `set_()` are not tracked",
            FutureWarning,
            stacklevel=2,
        )

    def mark_non_differentiable(self, *args: Any) -> None:
        """Says which outputs have no gradient."""
        self.non_differentiable = args

    def set_materialize_grads(self, value: bool) -> None:
        """Whether `backward` sees zeros (the default) or None for outputs without gradient."""
        self.materialize_grads = value


class Context(FunctionCtx):
    """The `ctx` of one call. In torch it is the node itself; here it has a namespace of its own, so that no name a
    user gives (`ctx.x`, `ctx.shape`) can meet one of the node's, and asks the node for what it lacks itself. It
    passes for the node where somebody asks for its class."""

    _materialize = True

    def __init__(self, node: Node) -> None:
        self._node_ref = weakref.ref(node)  # the node holds its context, and dies by its count alone

    @property  # type: ignore[misc]
    def __class__(self) -> type:  # what isinstance asks
        node = self._node_ref()
        return Context if node is None else type(node)

    def __repr__(self) -> str:
        cls = self.__class__
        return f"<{cls.__module__}.{cls.__name__} object at {hex(id(self))}>"

    def __setattr__(self, name: str, value: Any) -> None:
        if name in READ_ONLY:
            raise AttributeError(f"attribute '{name}' of '{_BASE}' objects is not writable")
        if name == "materialize_grads":
            if type(value) is not bool:
                raise TypeError(
                    "set_materialize_grads received an invalid combination of arguments - got (), but expected (bool)"
                )
            name = "_materialize"
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        if name == "materialize_grads":
            raise AttributeError(f"attribute '{name}' of '{_BASE}' objects is not readable")
        node = None if name == "_node_ref" else self._node_ref()
        if node is None:
            raise AttributeError(f"'FunctionCtx' object has no attribute '{name}'")
        return getattr(node, name)

    def __delattr__(self, name: str) -> None:
        if name not in self.__dict__:
            raise AttributeError(f"'{self.__class__.__name__}' object has no attribute '{name}'")
        object.__delattr__(self, name)

    def told(self, name: str) -> tuple[Any, ...]:
        """What was said in the attribute `name`, nothing at all by default. Raises RuntimeError if it isn't a tuple."""
        said = getattr(self, name)
        if said is None:
            return ()
        if not isinstance(said, tuple):
            raise RuntimeError(f"autograd internal error: {name} attribute is expected to be a tuple but is ")
        return said


_BASE = f"{__name__.partition('.')[0]}._C._FunctionBase"
