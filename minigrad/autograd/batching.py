"""How ops are run while there are batched tensors: by a rule, or member by member.

What may live here: what `dispatch`, the engine and forward mode call (they know it as `modes.state.batch`, which is
None where there are no batched tensors). The rules are in `batching_rules`.

Note [Looped]: an op without a rule is run on each member, and the results are stacked; of no members torch cannot
learn the shape of the result, and refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from minigrad import modes
from minigrad.autograd.batched import (
    Batched,
    UnbatchedError,
    batched,
    members,
    no_rule,
    not_batched,
    size_of,
    stacked,
)
from minigrad.autograd.batching_rules import RULES, apply, diagonal_of
from minigrad.declaration import Op

Args = tuple[Any, ...]


@contextmanager
def open_batch() -> Iterator[None]:
    """While there may be batched tensors, in this thread, ops are run from here where they concern such."""
    before = modes.state.batch
    modes.state.batch = _RUN
    try:
        yield
    except UnbatchedError as error:
        raise RuntimeError(str(error)) from None
    finally:
        modes.state.batch = before


# -- what dispatch calls --------------------------------------------------------------------------------


def concerns(args: Args) -> bool:
    """Whether there is a batched tensor among the arguments of an op."""
    return any(type(x) is Batched or (type(x) in (list, tuple) and Batched in map(type, x)) for x in args)


def call(op: Op, args: Args) -> Any:
    """An op of which some operands are batched."""
    rule = RULES.get(op.overload)
    return _looped(op, args) if rule is None else rule(op, args)


def call_inplace(op: Op, args: Args) -> Any:
    """Each member is written to."""
    target = args[0]
    if type(target) is not Batched or op.inplace_function is None:
        raise not_batched(op.name.removeprefix("_").removesuffix("_") + "_")
    if not len(target.whole):
        name, *overload = op.overload.removeprefix("_").split(".")
        raise no_rule(".".join((name.removesuffix("_") + "_", *overload)))
    apart = [members(x, len(target.whole)) for x in args]
    for k in range(len(target.whole)):
        apply(op, tuple(one[k] for one in apart), op.inplace_function)
    return target


def at_once(rule: Callable[[Any], list[Any]], given: Any, ours: bool = True) -> list[Any]:
    """What `rule` gives of these arguments (by name, or in order), batched ones among them: as they are, or member by
    member where it looks into one. A rule that is not `ours` is refused what torch would refuse it."""
    values = tuple(given.values() if isinstance(given, dict) else given)
    if not concerns(values):
        return rule(given)
    try:
        return rule(given)
    except (UnbatchedError, TypeError, AttributeError) as error:  # whatever a formula stumbles over
        if not (ours or type(error) is UnbatchedError):
            raise
        count = size_of(values)
    apart = [members(x, max(count, 1)) if count else _of_none(x) for x in values]
    rows = [[one[k] for one in apart] for k in range(max(count, 1))]
    made = [rule(dict(zip(given, row, strict=True)) if isinstance(given, dict) else row) for row in rows]
    found = [stacked(list(column)) for column in zip(*made, strict=True)]
    return found if count else [None if x is None else batched(x.whole.narrow(0, 0, 0)) for x in found]


def _of_none(x: Any) -> list[Any]:
    """What stands for a batch without members, of which only the shape counts."""
    if type(x) in (list, tuple):
        return [[one for each in x for one in _of_none(each)]]
    return [x.whole.new_zeros(tuple(x.shape)) if type(x) is Batched else x]


def looped(function: Callable[..., Any], name: str, args: Args) -> Any:
    """The same as for ops for a function composed of them that torch has no rule for, and so runs on each member."""
    count = size_of(args)
    if not count:
        raise no_rule(name)
    apart = [members(x, count) for x in args]
    return stacked([function(*(one[k] for one in apart)) for k in range(count)])


# -- what rules are made of -----------------------------------------------------------------------------


def _looped(op: Op, args: Args) -> Any:
    """See Note [Looped]."""
    count = size_of(args)
    if not count:
        raise no_rule(op.overload.removeprefix("_"))
    apart = [members(x, count) for x in args]
    made = [apply(op, tuple(one[k] for one in apart)) for k in range(count)]
    if op.several or op.outs:
        return tuple(stacked(list(column)) for column in zip(*made, strict=True))
    return stacked(made)


_RUN = SimpleNamespace(
    concerns=concerns, call=call, call_inplace=call_inplace, at_once=at_once, looped=looped, not_batched=not_batched,
    diagonal_of=diagonal_of,
)
