"""Which values stand as operands of a call: live ones that fit, the same again, new ones.

What may live here: the choice of operands by Metas, for any signature. Its Case says whether a call is legal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from oracle.opset.calls import Case, cases_of
from oracle.opset.metas import Meta, meta
from oracle.opset.spec import MATRICES, OpSpec
from oracle.program.language import ListArg
from strategies.state import Slot, State, Value
from strategies.values import Taste, taste

DEFAULT: Final = meta((2,), "float32")
KINDS: Final[dict[type, Meta]] = {
    bool: meta((), "py_bool"),
    int: meta((), "py_int"),
    float: meta((), "py_float"),
    complex: meta((), "py_complex"),
}

Chosen = Value | tuple[Value, ...] | None


def partner(state: State, case_of: Callable[..., Case], likes: Callable[..., Sequence[Meta]] | None, x: Value,
            byte: int, seed: int, liked: Taste | None) -> Value | None:  # fmt: skip
    """A second operand for x where the one named does not fit: x itself, one of its dtype, or a new one.

    Asking for few cases is what keeps this cheap: each that was not asked for before costs an inference.
    """
    if likes is not None:
        fitting = likes(x.meta)
        found = state.search(byte, lambda value: value.meta in fitting)
        if found is not None and case_of(x.meta, found.meta).legal:
            return found
        for like in fitting:
            if case_of(x.meta, like).legal:
                return state.constant(like, seed, "grad", liked)
        return None
    if case_of(x.meta, x.meta).legal:
        return x
    found = state.search(byte, lambda value: value.meta.dtype == x.meta.dtype and value.meta is not x.meta)
    return found if found is not None and case_of(x.meta, found.meta).legal else None


def operands_of(state: State, slot: Slot, spec: OpSpec) -> list[Chosen] | None:
    """Operands for any signature that make a legal case; None if there are none."""
    first, more = slot[3], slot[6]
    liked = taste(spec.domain, spec.edges)
    made = spec.infer.operands[0].made
    x = state.pick(first, liked) if made is None else _made(state, made(), more, liked)
    for repeat in (False, True):
        chosen = _around(state, slot, spec, x, repeat)
        if chosen is not None:
            return chosen
    x = state.constant(spec.infer.operands[0].fresh or DEFAULT, more, "grad", liked)
    return _around(state, slot, spec, x, True)


def _around(state: State, slot: Slot, spec: OpSpec, x: Value, repeat: bool) -> list[Chosen] | None:
    """Operands around x, or None where they do not fit; `repeat` uses x wherever nothing better is known."""
    second, more = slot[4], slot[6]
    liked = taste(spec.domain, spec.edges)
    others = None if spec.domain in MATRICES else liked
    chosen: list[Chosen] = []
    for index, operand in enumerate(spec.infer.operands):
        byte = (second + 83 * (index - 1)) & 255
        value: Chosen
        if operand.many:
            value = tuple(
                x if repeat or k == 0 else state.pick((byte + 57 * k) & 255, liked)
                for k in range(1 + more % 3)
            )
        elif index == 0:
            value = x
        elif operand.made is not None:
            value = _made(state, operand.made(*map(meta_of, chosen)), more, liked)
        elif operand.optional and byte & 1 == 0:
            value = None
        elif operand.likes is not None:
            value = _alike(state, operand.likes(*map(meta_of, chosen)), byte, others)
            if value is None and not operand.optional:
                return None
        else:
            value = x if repeat else state.pick(byte, liked)
        chosen.append(value)
    return chosen if cases_of(spec.infer).of(*map(meta_of, chosen)).legal else None


def _made(state: State, metas: Sequence[Meta], seed: int, liked: Taste | None) -> Value:
    """A new tensor of one of these Metas."""
    return state.constant(metas[seed % len(metas)], seed // len(metas), "grad", liked)


def _alike(state: State, likes: Sequence[Meta], byte: int, liked: Taste | None) -> Value | None:
    """A live value of one of these Metas, or a new one of one of them; None if there are none."""
    if not likes:
        return None
    found = state.search(byte, lambda value: value.meta in likes) if byte < 200 else None
    return found or state.constant(likes[byte % len(likes)], byte, "grad", liked)


def meta_of(chosen: Chosen) -> Any:
    """What a case is looked up by."""
    if isinstance(chosen, tuple):
        return tuple(value.meta for value in chosen)
    return None if chosen is None else chosen.meta


def spelled(chosen: Sequence[Chosen], *, lists: bool = False) -> tuple[tuple[Value, ...], tuple[Any, ...]]:
    """The values among operands, and the operands as arguments; several in one as a list or a tuple."""
    values: list[Value] = []
    args: list[Any] = []
    for operand in chosen:
        if isinstance(operand, tuple):
            values += operand
            refs = tuple(value.ref for value in operand)
            args.append(ListArg(refs) if lists else refs)
        else:
            values += [] if operand is None else [operand]
            args.append(None if operand is None else operand.ref)
    return tuple(values), tuple(args)
