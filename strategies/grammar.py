"""What may be composed: a `Grammar` is a choice of ops, features, dtypes and value profiles, with its tables.

What may live here: the options, their validation, the features by name, and how bytes are shared out among
units. Two equal grammars are one object, so that tables are made once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from typing import Final

from oracle.errors import HarnessError
from oracle.opset import OPS, ready_ops
from oracle.opset.metas import COMPLEXES, Meta, meta
from strategies import blocks, edges, features, forward, functions, hooks, inference, mistakes, queries, tampering
from strategies.checks import integer_between, names_among
from strategies.layout import BASE_SHAPE, DTYPES, MOST_OPS, PROFILE, QUERY_PLACES, spread
from strategies.ops import Unit, unit_of_call
from strategies.prohibitions import RULES
from strategies.shapes import BASE_OF, ROWS
from strategies.state import Setting, Slot, State
from strategies.values import LEAVES_OF, NUMBERS, PROFILES
from strategies.writes import unit_of_write

QUERIES: Final[dict[str, Unit]] = {"backward": queries.backward, "grad": queries.grad}


def nothing(state: State, slot: Slot) -> None:
    """What a slot does whose first byte is 0."""


@dataclass(frozen=True, slots=True)
class Feature:
    """What a slot may do beside calling an op: its unit, weight, whether subjects should have it by now."""

    unit: Unit
    weight: int
    ready: bool = True
    made: Callable[[tuple[str, ...]], Unit] | None = None  # makes the unit where it needs the grammar's ops

    def unit_for(self, ops: tuple[str, ...]) -> Unit:
        """The unit, in a grammar of these ops."""
        return self.unit if self.made is None else self.made(ops)


def refusal(state: State, slot: Slot) -> None:
    """A statement that torch refuses, caught; the program goes on. A block that stands open ends first."""
    if state.modes:
        blocks.leave(state)
    breakers = tuple(RULES.values())
    breakers[(slot[4] + 256 * slot[2]) % len(breakers)](state, slot, True)


FEATURES: Final[dict[str, Feature]] = {
    "requires_grad": Feature(features.requires_grad, 6),
    "read_grad": Feature(queries.read_grad, 5),
    "retain_grad": Feature(features.retain_grad, 5),
    "second_order": Feature(queries.second_order, 6),
    "hook": Feature(hooks.hook, 5),
    "grad_mode": Feature(features.grad_mode, 6),
    "reset_grad": Feature(queries.reset_grad, 3),
    "zero_grad": Feature(queries.zero_grad, 2),
    "detach_": Feature(features.detach_in_place, 3),
    "requires_grad_off": Feature(features.requires_grad_off, 2),
    "print": Feature(features.printed, 2),
    "refusal": Feature(refusal, 10),
    "accumulate_hook": Feature(hooks.accumulate_hook, 2),
    "node_hook": Feature(hooks.node_hook, 3, ready=False),
    "several_hook": Feature(hooks.several_hook, 1, ready=False),
    "function": Feature(functions.function, 3),
    "forward": Feature(forward.forward, 3),
    "saved_hooks": Feature(blocks.saved_hooks, 2),
    "anomaly": Feature(blocks.anomaly, 1),
    "inference": Feature(inference.inference, 2),
    "functional": Feature(functions.functional, 1),
    "gradcheck": Feature(functions.gradcheck, 1),
    "edge": Feature(edges.edge, 1),
    "batched": Feature(edges.batched, 1, ready=False),
    "node": Feature(edges.node, 2),
    "data": Feature(tampering.data, 2),
    "set_": Feature(tampering.set_, 1),
    "increment_version": Feature(tampering.increment_version, 1),
    "scattered": Feature(tampering.scattered, 2),
    "mistake": Feature(nothing, 40, ready=False, made=mistakes.unit_of_mistake),
}

SWITCHES: Final = ("inplace", "queries")
"""Features that are no unit of their own: in-place forms, and queries amid the program."""

ALL_FEATURES: Final = (*FEATURES, *SWITCHES)
READY_FEATURES: Final = (*(name for name, feature in FEATURES.items() if feature.ready), *SWITCHES)

ALL_DTYPES: Final = ("float32", "float64", "int64", "bool", "int32", "float16", "complex64", "complex128")
RARE_DTYPES: Final = frozenset({"float16", *COMPLEXES})
"""Dtypes that a program is seldom of throughout."""

_CALLS, _WRITES, _QUERIES = 160, 26, 18  # weights of calls, in-place calls and queries amid the program
_TWICE: Final = 0.4  # the weight of a second derivative as the final query
_OPERATORS: Final = frozenset({"+", "-", "*", "/", "neg"})
_ARITHMETIC: Final = 4  # the weight of these, of which programs are mostly made; other ops have 1


NOTHING: Final[tuple[Unit, ...]] = (nothing,) * 256


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    unit: Unit
    weight: float = 1


_MOST_SETTINGS = 128  # a batch of programs uses a dozen; each holds a table of some kilobytes


class Grammar:
    """The tables of one choice of options; made by `grammar`."""

    def __init__(self, ops: tuple[str, ...], chosen: tuple[str, ...], dtypes: tuple[str, ...],
                 profiles: tuple[str, ...], max_ops: int) -> None:  # fmt: skip
        self.ops, self.features, self.dtypes, self.profiles = ops, chosen, dtypes, profiles
        self.max_ops = max_ops
        self.decoded = 0
        self.codes: dict[str, tuple[int, int]] = {}
        self.weights: dict[str, float] = {}
        self.rows = self._rows()
        self.query_rows = self._query_rows()
        self.settings: dict[bytes, Setting] = {}
        self._settings: dict[tuple[str, int, int], Setting] = {}
        self._profiles = spread({i: 5 - i // 2 for i in range(len(profiles))})
        self._leaf_metas = _leaf_metas(dtypes)

    def setting(self, header: bytes) -> Setting:
        """What the header bytes after the length say, remembered."""
        profile = self.profiles[self._profiles[header[PROFILE - 1]]]
        base, table = BASE_OF[header[BASE_SHAPE - 1]], self._leaf_metas[header[DTYPES - 1]]
        found = self._settings.get((profile, base, id(table)))
        if found is None:
            metas = tuple(rows[base] for rows in table)
            found = Setting(profile, NUMBERS[profile], LEAVES_OF[profile], metas)
            self._settings[profile, base, id(table)] = found
        if len(self.settings) >= _MOST_SETTINGS:
            self.settings.clear()
            self._settings.clear()
        self.settings[header] = found
        return found

    def _rows(self) -> tuple[tuple[Unit, ...], ...]:
        """First byte to row, second byte to unit: families of ops, in-place forms, queries, features."""
        groups = self._call_groups()
        if "inplace" in self.features:
            specs = [OPS[name] for name in self.ops if OPS[name].inplace or OPS[name].writes]
            writes = [spec if spec.writes else spec.in_place for spec in specs]
            if writes:
                groups.append(([_Member(spec.key, unit_of_write(spec)) for spec in writes], _WRITES))
        if "queries" in self.features:
            groups.append(([_Member(name, unit) for name, unit in QUERIES.items()], _QUERIES))
        for name in self.features:
            if name in FEATURES:
                groups.append(([_Member(name, FEATURES[name].unit_for(self.ops))], FEATURES[name].weight))
        shares = spread({i: weight for i, (_, weight) in enumerate(groups)}, 255)
        made = [_row(members) for members, _ in groups]
        for number, (members, weight) in enumerate(groups):
            byte = 1 + shares.index(number)
            whole = sum(member.weight for member in members)
            for member in members:
                if member.name in self.codes:
                    raise HarnessError(f"two units are called {member.name!r}: one of them would never be drawn")
                self.codes[member.name] = (byte, made[number].index(member.unit))
                self.weights[member.name] = weight * member.weight / whole
        return (NOTHING, *(made[number] for number in shares))

    def _call_groups(self) -> list[tuple[list[_Member], float]]:
        """The ops by family; a family weighs by the root of its size, lest large ones drown the others."""
        families: dict[str, list[_Member]] = {}
        for name in self.ops:
            spec = OPS[name]
            if not spec.writes:
                weight = _ARITHMETIC if spec.operator in _OPERATORS else 1
                families.setdefault(spec.family, []).append(_Member(name, unit_of_call(spec), weight))
        whole = sum(sqrt(len(members)) for members in families.values())
        return [(members, _CALLS * sqrt(len(members)) / whole) for members in families.values()]

    def _query_rows(self) -> tuple[tuple[int, tuple[tuple[Unit, ...], ...]], ...]:
        """For each final query slot, its place and first byte to row; later ones are more often empty."""
        members = [_Member(name, unit) for name, unit in QUERIES.items()]
        if "second_order" in self.features:
            members.append(_Member("second_order", queries.second_order, _TWICE))
        asking = _row(members)
        reading = _row([_Member("read_grad", queries.read_grad)])
        return tuple(
            (at, (NOTHING, *(asking,) * asked, *(reading,) * 12, *(NOTHING,) * (255 - asked - 12)))
            for at, asked in zip(QUERY_PLACES, (232, 96, 40), strict=True)
        )


def _row(members: list[_Member]) -> tuple[Unit, ...]:
    shares = spread({i: member.weight for i, member in enumerate(members)})
    return tuple(members[i].unit for i in shares)


@lru_cache(maxsize=8)
def _leaf_metas(dtypes: tuple[str, ...]) -> tuple[tuple[tuple[tuple[Meta, ...], ...], ...], ...]:
    """By header byte, leaf byte, base shape and shape byte: mostly one dtype a program, else a mixture."""
    by_name = {name: tuple(tuple(meta(shape, name) for shape in row) for row in ROWS) for name in dtypes}
    pure = [name for name in dtypes if name.startswith(("float", "complex"))] or [dtypes[0]]
    often = [name for name in pure if name not in RARE_DTYPES] or pure
    main = pure[0]
    mixed = (main,) * 128 + tuple(dtypes[i % len(dtypes)] for i in range(128))
    even = tuple(dtypes[i % len(dtypes)] for i in range(256))
    tables = [(name,) * 256 for name in often * 3 + pure] + [mixed, mixed, even]
    made = [tuple(by_name[name] for name in table) for table in tables]
    return tuple(made[i * len(made) // 256] for i in range(256))


@lru_cache(maxsize=64)
def _made(*options: object) -> Grammar:
    return Grammar(*options)  # type: ignore[arg-type]


def grammar(
    ops: Iterable[str] | None = None,
    features: Iterable[str] | None = None,
    dtypes: Iterable[str] | None = None,
    profiles: Iterable[str] | None = None,
    max_ops: int = MOST_OPS,
) -> Grammar:
    """The grammar of these options; each is checked, and left out means everything.

    ops       names of ops of the opset; by default those that are ready
    features  names out of `ALL_FEATURES`; by default those that are ready
    dtypes    dtypes of leaves, of `ALL_DTYPES`
    profiles  value profiles: smooth, signed, grid, edges, extremes
    max_ops   at most so many instructions between leaves and final queries, 1 to 16
    """
    names = ready_ops() if ops is None else names_among("ops", ops, OPS)
    chosen = READY_FEATURES if features is None else names_among("features", features, ALL_FEATURES)
    kinds = ALL_DTYPES if dtypes is None else names_among("dtypes", dtypes, ALL_DTYPES)
    value_profiles = names_among("profiles", profiles, PROFILES)
    return _made(names, chosen, kinds, value_profiles, integer_between("max_ops", max_ops, 1, MOST_OPS))
