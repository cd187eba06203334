"""set_: a tensor is made to look at other memory, in place.

What may live here: `set_` in all its forms. The tensor keeps its version counter, which counts this as a write,
and stays the view it was; what it looks at is another matter. There is no derivative.
"""

from __future__ import annotations

from typing import Any

from minigrad import dispatch, dtypes, errors, modes
from minigrad.memory import contiguous_strides
from minigrad.ops.undifferentiated import NotImplementedNode
from minigrad.registry import publish
from minigrad.signatures import Parser
from minigrad.storage import UntypedStorage
from minigrad.tensor import Tensor, memory
from minigrad.views import check_inplace, rebase_history

Ints = tuple[int, ...]

_PARSER = Parser(
    "set_",
    "()",
    "(torch.Storage source)",
    "(torch.Storage source, int storage_offset, tuple of ints size, tuple of ints? stride = None)",
    "(Tensor source)",
    "(Tensor source, int storage_offset, tuple of ints size, tuple of ints? stride = None)",
)

class _SetNode(NotImplementedNode):
    """The history of a tensor that was set; it cannot be differentiated."""

    __slots__ = ()

    def raw(self, grad: Any) -> Any:
        raise RuntimeError(f"derivative for {self.what} is not implemented")

    ten = raw


_SetNode.__name__ = _SetNode.__qualname__ = "NotImplemented"


def set_(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """Makes this tensor look at the memory of a tensor or storage (or at none), in place.

    Raises RuntimeError for a tensor of another dtype, for windows that leave the storage and where a write is refused.
    """
    overload, given = _PARSER.parse(args, kwargs)
    operands: tuple[Tensor, ...] = (self, given["source"]) if overload == 3 else (self,)
    recorded = any(x.requires_grad for x in operands)
    check_inplace(self, recorded and not all(x.is_inference() for x in operands))
    array = _array(self, overload, given)
    node = _SetNode("set_", list(operands), self) if recorded and modes.state.grad else None
    dispatch.before_write(self)
    dual = dispatch.tangents and any(dispatch.tangents[0].tangent_of(x) is not None for x in operands)
    self._a = array
    dispatch.bump_version(self)
    if node is not None:
        node.shape = array.shape
        rebase_history(self, node)
    if dual:
        raise errors.forward_rule_of_set_missing()
    if not modes.state.inference:
        self._acc = None  # what it was is no leaf of what it is: graphs of before do not lead here any more
    return self


def _array(self: Tensor, overload: int, given: dict[str, Any]) -> Any:
    """What the tensor is going to look at."""
    d = self.dtype
    if overload == 0:
        return UntypedStorage().window(d.numpy, (0,), (1,), 0)
    source = given["source"]
    if isinstance(source, Tensor):
        if source.dtype is not d:
            theirs, ours = dtypes.C_NAMES[source.dtype.name], dtypes.C_NAMES[d.name]
            raise RuntimeError(f"Could not set tensor of type {theirs} to a tensor of type {ours}")
        if overload == 3:
            return memory(source)
        source = UntypedStorage.behind(memory(source))
    item = d.numpy.itemsize
    size = given.get("size", (source.nbytes() // item,))
    stride = given.get("stride")
    strides = contiguous_strides(size) if stride is None else stride
    _check(source, item, given.get("storage_offset", 0), size, strides)
    return source.window(d.numpy, size, strides, given.get("storage_offset", 0))


def _check(source: UntypedStorage, item: int, offset: int, size: Ints, strides: Ints) -> None:
    if len(size) != len(strides):
        raise RuntimeError(f"unequal size length ({len(size)}) and stride length ({len(strides)})")
    if offset < 0:
        raise RuntimeError(f"Tensor: invalid storage offset {offset}")
    if any(n < 0 for n in size):
        raise RuntimeError("numel: integer multiplication overflow")
    if 0 in size:
        return
    if any(s < 0 for s in strides):
        raise RuntimeError(
            f"Storage size calculation overflowed with sizes={errors.shape_text(size)} and "
            f"strides={errors.shape_text(strides)}"
        )
    need = (1 + offset + sum((n - 1) * s for n, s in zip(size, strides, strict=True))) * item
    if need > source.nbytes():
        raise NotImplementedError(
            f"set_ would need {need} bytes of a storage that has {source.nbytes()}: torch enlarges the storage, "
            "minigrad cannot"
        )


publish("set_", set_, function=False)
