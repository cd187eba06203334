"""Views as values: how each view op reads its base, and how a changed view is written back into it.

What may live here: the table of view ops for `functionalize`, one function each from a call to its links. A
link says how one view is had from what it looks at (`read`) and how a new value of the view becomes a new
value of what it looks at (`write`). Only out-of-place ops appear in what either builds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

from oracle.program.language import Arg, Instruction, ListArg, Ref, Slice

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """One step from a tensor to a view of it.

    `read` is the op (method name) and arguments that give the view; `write`, given the tensor's name and the
    new view's, is the method call (receiver, op, arguments) that gives the new tensor. A link that is
    `cut` passes no gradient (detach, or a view made while grad mode was off).
    """

    op: str
    args: tuple[Arg, ...]
    write: Callable[[str, str], tuple[str, str, tuple[Arg, ...]]]
    cut: bool = False


def _back_by_shape(shape: Shape) -> Callable[[str, str], tuple[str, str, tuple[Arg, ...]]]:
    return lambda base, view: (view, "reshape", (shape,))


def _scattered(op: str, *args: Arg) -> Callable[[str, str], tuple[str, str, tuple[Arg, ...]]]:
    return lambda base, view: (base, op, (Ref(view), *args))


def _back_by(op: str, *args: Arg) -> Callable[[str, str], tuple[str, str, tuple[Arg, ...]]]:
    return lambda base, view: (view, op, args)


def select(dim: int, index: int) -> Link:
    return Link("select", (dim, index), _scattered("select_scatter", dim, index))


def narrow(dim: int, start: int, length: int, size: int) -> Link:
    start += size if start < 0 else 0
    return Link("narrow", (dim, start, length), _scattered("slice_scatter", dim, start, start + length, 1))


def permute(order: Shape) -> Link:
    back = tuple(sorted(range(len(order)), key=order.__getitem__))
    return Link("permute", (order,), _back_by("permute", back))


def reshape(shape: Shape, old: Shape) -> Link:
    return Link("reshape", (shape,), _back_by_shape(old))


DETACH = Link("detach", (), _back_by("detach"), cut=True)


class NoLinkError(Exception):
    """A view that this table cannot express; the message says which."""


def _dim(dim: Any, rank: int) -> int:
    if type(dim) is not int:
        raise NoLinkError(f"a dim that is {dim!r}")
    return dim + rank if dim < 0 else dim


def _bind(args: tuple[Arg, ...], kwargs: tuple[tuple[str, Arg], ...], names: str) -> list[Any]:
    """Arguments after the receiver by position, for parameters named in `names`; missing ones are None."""
    given = dict(zip(names.split(), args, strict=False)) | dict(kwargs)
    return [given.get(name) for name in names.split()]


def _moved(old: Shape, source: Any, target: Any) -> Link:
    rank = len(old)
    sources = [_dim(d, rank) for d in (source if isinstance(source, tuple) else (source,))]
    targets = [_dim(d, rank) for d in (target if isinstance(target, tuple) else (target,))]
    order = [d for d in range(rank) if d not in sources]
    for place, dim in sorted(zip(targets, sources, strict=True)):
        order.insert(place, dim)
    return permute(tuple(order))


def _swap(old: Shape, a: int, b: int) -> Link:
    order = list(range(len(old)))
    if order:
        order[a], order[b] = order[b], order[a]
    return permute(tuple(order))


def links(
    op: str, args: tuple[Arg, ...], kwargs: tuple[tuple[str, Arg], ...], old: Shape, news: list[Shape]
) -> list[list[Link]] | None:
    """For each result (of shapes `news`), the links from the receiver (of shape `old`); None: no view op."""
    if op in SAME_ELEMENTS:
        return [[reshape(news[0], old)]]
    if op in TABLE:
        return TABLE[op](args, kwargs, old, news)
    return None


SAME_ELEMENTS = frozenset({
    "view", "view_as", "reshape", "reshape_as", "flatten", "ravel", "unflatten", "squeeze", "unsqueeze",
    "atleast_1d", "atleast_2d", "atleast_3d", "contiguous",
})  # fmt: skip
"""Views with the same elements in the same order: the write back is a reshape."""


def _transpose(args: Any, kwargs: Any, old: Shape, news: Any) -> list[list[Link]]:
    first, second = _bind(args, kwargs, "dim0 dim1")
    return [[_swap(old, _dim(first, max(1, len(old))), _dim(second, max(1, len(old))))]]


def _t(args: Any, kwargs: Any, old: Shape, news: Any) -> list[list[Link]]:
    return [[permute(tuple(reversed(range(len(old)))))]]


def _mt(args: Any, kwargs: Any, old: Shape, news: Any) -> list[list[Link]]:
    return [[_swap(old, len(old) - 2, len(old) - 1)]]


def _permute(args: Any, kwargs: Any, old: Shape, news: Any) -> list[list[Link]]:
    order = dict(kwargs).get("dims", args[0] if len(args) == 1 and not isinstance(args[0], int) else args)
    order = order.items if isinstance(order, ListArg) else order
    return [[permute(tuple(_dim(d, len(old)) for d in order))]]


def _movedim(args: Any, kwargs: Any, old: Shape, news: Any) -> list[list[Link]]:
    source, target = _bind(args, kwargs, "source destination")
    return [[_moved(old, source, target) if old else permute(())]]


def _select(args: Any, kwargs: Any, old: Shape, news: Any) -> list[list[Link]]:
    dim, index = _bind(args, kwargs, "dim index")
    return [[select(_dim(dim, len(old)), index)]]


def _narrow(args: Any, kwargs: Any, old: Shape, news: Any) -> list[list[Link]]:
    dim, start, length = _bind(args, kwargs, "dim start length")
    dim = _dim(dim, len(old))
    if type(start) is not int:
        raise NoLinkError("a narrow whose start is a tensor")
    return [[narrow(dim, start, length, old[dim])]]


def _unbind(args: Any, kwargs: Any, old: Shape, news: list[Shape]) -> list[list[Link]]:
    (dim,) = _bind(args, kwargs, "dim")
    dim = _dim(dim or 0, len(old))
    return [[select(dim, index)] for index in range(len(news))]


def _split(args: Any, kwargs: Any, old: Shape, news: list[Shape]) -> list[list[Link]]:
    _, dim = _bind(args, kwargs, "size dim")
    return _pieces(_dim(dim or 0, len(old)), old, news)


def _pieces(dim: int, old: Shape, news: list[Shape]) -> list[list[Link]]:
    result, start = [], 0
    for new in news:
        result.append([narrow(dim, start, new[dim], old[dim])])
        start += new[dim]
    return result


def _hsplit(args: Any, kwargs: Any, old: Shape, news: list[Shape]) -> list[list[Link]]:
    return _pieces(1 if len(old) > 1 else 0, old, news)


def _diagonal(args: Any, kwargs: Any, old: Shape, news: Any) -> list[list[Link]]:
    offset, first, second = _bind(args, kwargs, "offset dim1 dim2")
    found = (offset or 0, 0 if first is None else first, 1 if second is None else second)
    return [[Link("diagonal", found, _scattered("diagonal_scatter", *found))]]


def _expand(args: Any, kwargs: Any, old: Shape, news: list[Shape]) -> list[list[Link]]:
    if news[0] != old[-len(news[0]) :] and (1,) * (len(news[0]) - len(old)) + old != news[0]:
        raise NoLinkError("a write through an expanded tensor")
    return [[reshape(news[0], old)]]


def _detach(args: Any, kwargs: Any, old: Shape, news: Any) -> list[list[Link]]:
    return [[DETACH]]


TABLE: dict[str, Callable[[Any, Any, Shape, list[Shape]], list[list[Link]]]] = {
    "transpose": _transpose, "swapaxes": _transpose, "swapdims": _transpose, "t": _t, "T": _t, "mT": _mt,
    "permute": _permute, "movedim": _movedim, "moveaxis": _movedim, "select": _select, "narrow": _narrow,
    "unbind": _unbind, "split": _split, "split_with_sizes": _split, "chunk": _split, "tensor_split": _split,
    "hsplit": _hsplit, "diagonal": _diagonal, "expand": _expand, "expand_as": _expand,
    "broadcast_to": _expand, "detach": _detach,
}  # fmt: skip


def index_links(index: Arg, old: Shape) -> list[Link]:
    """The links of basic indexing `x[index]`; raises NoLinkError where the index is no basic one."""
    items = list(index) if isinstance(index, tuple) else [index]
    used = sum(1 for item in items if item is not None and item is not Ellipsis)
    result: list[Link] = []
    dim, shape = 0, list(old)
    for item in items:
        if item is Ellipsis:
            dim += len(old) - used
        elif item is None:
            before = tuple(shape)
            shape.insert(dim, 1)
            result.append(reshape(tuple(shape), before))
            dim += 1
        elif type(item) is int:
            result.append(select(dim, item))
            del shape[dim]
        elif isinstance(item, Slice):
            parts = (item.start, item.stop, item.step)
            if any(part is not None and type(part) is not int for part in parts):
                raise NoLinkError("a slice with tensors in it")
            start, stop, step = slice(*parts).indices(shape[dim])
            result.append(_slice(dim, start, max(start, stop), step, tuple(shape)))
            shape[dim] = len(range(start, max(start, stop), step))
            dim += 1
        else:
            raise NoLinkError("advanced indexing")
    return result


def _slice(dim: int, start: int, stop: int, step: int, shape: Shape) -> Link:
    if step == 1:
        return narrow(dim, start, stop - start, shape[dim])
    index = (*(Slice() for _ in range(dim)), Slice(start, stop, step))  # no method takes a stepped slice
    return Link("[]", index, _scattered("slice_scatter", dim, start, stop, step))


def reading(link: Link, out: str, source: str) -> Instruction:
    """The instruction that takes the view `out` of `source`."""
    if link.op == "[]":
        return Instruction((out,), "index", "", (Ref(source), link.args))
    return Instruction((out,), "method", link.op, (Ref(source), *link.args))


def writing(link: Link, out: str, base: str, view: str) -> Instruction:
    """The instruction that gives `base` anew, with `view` in the place the link looks at."""
    receiver, op, args = link.write(base, view)
    return Instruction((out,), "method", op, (Ref(receiver), *args))


def filled_along(shape: tuple[int, ...], wraps: bool) -> list[bool]:
    """Which elements, row by row, `fill_diagonal_` writes; wrapping is for a matrix taller than it is wide."""
    step = sum(prod(shape[axis + 1 :]) for axis in range(len(shape)))
    tall = wraps and shape[0] > shape[1]
    written = range(0, prod(shape) if tall else min(shape) * step, step)
    return [place in written for place in range(prod(shape))]
