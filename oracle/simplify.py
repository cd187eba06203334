"""Candidate simplifications of a program's structure, as generators: fewer, shorter, plainer instructions.

What may live here: pure functions from instructions to possibly smaller instructions. No candidate is
promised to be legal or to fail still; `reduce` asks. No engine, no op table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from oracle.literals import MOST_LITERALS, Leaf, number_cost, read_leaf, resized, write_leaf
from oracle.observation import TensorFacts
from oracle.program.edit import (
    binders,
    fresh_name,
    is_creation,
    is_query,
    is_write,
    reads,
    refs,
    substitute,
    tidied,
    without,
)
from oracle.program.language import NAN, Arg, Attr, Instruction, ListArg, Ref

Instructions = Sequence[Instruction]
Known = Mapping[str, TensorFacts]
"""What was observed of names in the program first given; names keep theirs while reducing."""

Candidates = Iterator[list[Instruction]]
INPLACE_COST = 2
DUAL_LEVEL = "autograd.forward_ad.dual_level()"


def cost(instructions: Instructions) -> tuple[int, ...]:
    """What is made smaller, most important first: ops, instructions, parts, elements, digits."""
    ops = parts = elements = digits = 0
    for one in instructions:
        leaf = read_leaf(one)
        if leaf is None:
            ops += not is_creation(one) + is_query(one)
            parts += len(one.args) + INPLACE_COST * (is_write(one) and not is_query(one))
            digits += len(one.op)
        else:
            elements += len(leaf.numbers) + len(leaf.shape)
            digits += sum(map(number_cost, leaf.numbers))
        parts += len(one.outs) + 3 * len(one.kwargs) + 4 * len(one.modes) + 4 * one.caught
        for arg in (*one.args, *(value for _, value in one.kwargs)):
            elements += _width(arg) if leaf is None else 0
    return ops, len(instructions), parts, elements, digits


def _width(arg: Arg) -> int:
    if isinstance(arg, ListArg):
        return sum(map(_width, arg.items)) + 1
    if isinstance(arg, tuple):
        return sum(map(_width, arg)) + 1
    if isinstance(arg, (bool, int, float, complex)):
        return number_cost(arg)
    return 1


def truncations(now: Instructions, known: Known) -> Candidates:
    """Prefixes, shortest first by bisection: most programs go on long after they have failed."""
    low, high = 1, len(now) - 1
    while low <= high:
        middle = (low + high) // 2
        yield list(now[:middle])  # an accepted prefix restarts the bisection below it
        low = middle + 1


def chunks(now: Instructions, known: Known) -> Candidates:
    """Runs of instructions dropped together with all that reads them, halves first, single ones last."""
    size = max(1, len(now) // 2)
    while True:
        for start in range(len(now) - 1, -1, -size):
            window = range(max(0, start - size + 1), start + 1)
            yield tidied(without(now, window), now)
        if size == 1:
            return
        size = max(1, size // 2)


def bypasses(now: Instructions, known: Known) -> Candidates:
    """An instruction dropped, its results replaced by one of its operands."""
    for index in range(len(now) - 1, -1, -1):
        one = now[index]
        if not one.outs:
            continue
        for operand in reads(one):
            names = {out: Ref(operand) for out in one.outs}
            rest = [substitute(other, names) for other in now[index + 1 :]]
            yield tidied([*now[:index], *rest], now)


def leaves_for(one: Instruction, known: Known, grad: bool) -> Iterator[Instruction]:
    """Leaves to stand for a result that was observed: of ones, and of its own numbers."""
    facts = known.get(one.outs[0])
    if facts is None or np.size(facts.value) > MOST_LITERALS:
        return
    kwargs: tuple[tuple[str, Arg], ...] = () if facts.dtype == "float32" else (("dtype", Attr(facts.dtype)),)
    if grad:
        kwargs += (("requires_grad", True),)
    level = one.modes[:1] if one.modes[:1] == (DUAL_LEVEL,) else ()  # which ends where it is interrupted
    blank = Instruction(one.outs, "call", "tensor", modes=level)
    number = True if facts.dtype == "bool" else 1 if "int" in facts.dtype else 1.0
    yield write_leaf(resized(Leaf((), (number,), kwargs), tuple(facts.shape)), blank)
    if isinstance(facts.value, np.ndarray):
        numbers = tuple(NAN if n != n and isinstance(n, float) else n for n in facts.value.ravel().tolist())
        yield write_leaf(Leaf(tuple(facts.shape), numbers, kwargs), blank)


def leaves(now: Instructions, known: Known) -> Candidates:
    """A result of an op replaced by a fresh leaf of its shape, with and without requires_grad."""
    for index in range(len(now) - 1, -1, -1):
        one = now[index]
        if len(one.outs) != 1 or is_creation(one) or not reads(one):
            continue
        for grad in (True, False):
            for leaf in leaves_for(one, known, grad):
                yield tidied([*now[:index], leaf, *now[index + 1 :]], now)


def rewirings(now: Instructions, known: Known) -> Candidates:
    """A name replaced after its binding by an earlier one, which merges leaves and shortens chains."""
    bound = binders(now)
    names = list(bound)
    for position in range(len(names) - 1, 0, -1):
        late = names[position]
        for early in names[:position]:
            if bound[early] < bound[late]:
                at = bound[late] + 1
                rest = [substitute(one, {late: Ref(early)}) for one in now[at:]]
                yield tidied([*now[:at], *rest], now)


def trimmings(now: Instructions, known: Known) -> Candidates:
    """Keyword arguments, grad-mode blocks and caught exceptions dropped: all first, then one by one."""
    if any(one.modes for one in now):
        yield [one._replace(modes=()) for one in now]
        for mode in dict.fromkeys(mode for one in now for mode in one.modes):
            yield [one._replace(modes=tuple(kept for kept in one.modes if kept != mode)) for one in now]
    if any(one.caught for one in now):
        yield [one._replace(caught=False) for one in now]
    for index in range(len(now) - 1, -1, -1):
        one = now[index]
        for smaller in _trimmed(one):
            yield tidied([*now[:index], smaller, *now[index + 1 :]], now)


def _trimmed(one: Instruction) -> Iterator[Instruction]:
    for at in range(len(one.kwargs)):
        yield one._replace(kwargs=one.kwargs[:at] + one.kwargs[at + 1 :])
    for at in range(len(one.modes)):
        yield one._replace(modes=one.modes[:at] + one.modes[at + 1 :])
    if one.caught:
        yield one._replace(caught=False)
    if one.form in ("call", "method") and not is_creation(one):
        for at in range(len(one.args) - 1, 0, -1):
            yield one._replace(args=one.args[:at] + one.args[at + 1 :])


def _replaced(now: Instructions, index: int, smaller: Instruction) -> list[Instruction]:
    """`now` with one instruction exchanged; readers of names it no longer binds go too."""
    lost = set(now[index].outs) - set(smaller.outs)
    changed = [*now[:index], smaller, *now[index + 1 :]]
    if lost:
        dropped = {i for i in range(index + 1, len(now)) if lost & set(reads(now[i]))}
        changed = without(changed, dropped)
    return tidied(changed, now)


def queries(now: Instructions, known: Known) -> Candidates:
    """Queries with one output or input fewer, and `autograd.grad` as `backward`."""
    for index in range(len(now) - 1, -1, -1):
        one = now[index]
        if not is_query(one):
            continue
        if one.op == "autograd.grad" and one.args:
            outputs = list(dict.fromkeys(refs(one.args[0])))
            weights = dict(one.kwargs).get("grad_outputs")
            for at, name in enumerate(outputs):
                paired = _nth(weights, at)
                args = (Ref(name),) if paired is None else (Ref(name), paired)
                yield _replaced(now, index, Instruction((), "method", "backward", args))
        for smaller in _narrowed(one):
            yield _replaced(now, index, smaller)


def _nth(arg: Arg, at: int) -> Arg:
    items = arg.items if isinstance(arg, ListArg) else arg if isinstance(arg, tuple) else (arg,)
    return items[at] if at < len(items) else None


def _less(arg: Arg, at: int) -> Arg:
    if isinstance(arg, ListArg):
        return ListArg(arg.items[:at] + arg.items[at + 1 :])
    return arg[:at] + arg[at + 1 :] if isinstance(arg, tuple) else arg


def _narrowed(one: Instruction) -> Iterator[Instruction]:
    """A query with one output (and its weight), or one input (and its result), left out."""
    if one.form != "call" or not one.args:
        return
    kwargs = dict(one.kwargs)
    outputs = _nth_count(one.args[0])
    for at in range(outputs if outputs > 1 else 0):
        fewer = {**kwargs}
        if "grad_outputs" in fewer:
            fewer["grad_outputs"] = _less(fewer["grad_outputs"], at)
        yield one._replace(args=(_less(one.args[0], at), *one.args[1:]), kwargs=tuple(fewer.items()))
    inputs = _nth_count(one.args[1]) if len(one.args) > 1 else 0
    for at in range(inputs if inputs > 1 and one.unpack else 0):
        args = (one.args[0], _less(one.args[1], at), *one.args[2:])
        yield one._replace(args=args, outs=one.outs[:at] + one.outs[at + 1 :])


def _nth_count(arg: Arg) -> int:
    return len(arg.items) if isinstance(arg, ListArg) else len(arg) if isinstance(arg, tuple) else 1


def flags(now: Instructions, known: Known) -> Candidates:
    """`v0.requires_grad = True` or `v0.requires_grad_()` moved into the creation of its leaf."""
    bound = binders(now)
    for index, one in enumerate(now):
        if one.op not in ("requires_grad", "requires_grad_") or not isinstance(one.args[0], Ref):
            continue
        at = bound.get(one.args[0].name)
        if at is None or not is_creation(now[at]) or one.args[1:] == (False,):
            continue
        names = dict.fromkeys(one.outs, one.args[0])
        others = tuple((key, value) for key, value in now[at].kwargs if key != "requires_grad")
        leaf = now[at]._replace(kwargs=(*others, ("requires_grad", True)))
        rest = [substitute(other, names) for other in now[index + 1 :]]
        yield [*now[:at], leaf, *now[at + 1 : index], *rest]


def out_of_place(now: Instructions, known: Known) -> Candidates:
    """A write `v1.mul_(v2)` as `v3 = v1.mul(v2)`, later uses of v1 reading v3."""
    for index in range(len(now) - 1, -1, -1):
        one = now[index]
        pure = one.op[:-1]
        if one.form != "method" or not is_write(one) or not one.op.endswith("_") or pure == "requires_grad":
            continue
        receiver = one.args[0]
        if isinstance(receiver, Ref):
            out = one.outs[0] if one.outs else fresh_name(now)
            rest = [substitute(other, {receiver.name: Ref(out)}) for other in now[index + 1 :]]
            yield [*now[:index], one._replace(op=pure, outs=(out,)), *rest]


STRUCTURE = (
    truncations, chunks, leaves, flags, bypasses, queries, trimmings, rewirings, out_of_place,
)  # fmt: skip
"""In the order tried: what removes most comes first."""
