"""The generator of random numbers: `Generator`, `manual_seed` and its relatives.

What may live here: streams of numbers and their state. Tensors of random numbers are made in `random`.

Note [The same numbers]: torch's CPU generator is a Mersenne twister seeded by one word, of which NumPy has
the engine; what torch makes of its words is followed draw by draw, so a seed gives the same numbers here.
(Blocks of 16 normal float32 numbers, which torch computes with vector instructions, agree up to rounding.)
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import numpy as np

from minigrad.arguments import is_int, name_of, to_device, type_name
from minigrad.device import device
from minigrad.dtypes import Array
from minigrad.tensor import Tensor, wrap

_DEFAULT_SEED = 67280421310721
_STATE_BYTES = 5056


class Generator:
    """A stream of random numbers. `device` must be the CPU."""

    def __init__(self, device: Any = "cpu") -> None:
        self.device: device = to_device(device)
        self.manual_seed(_DEFAULT_SEED)

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream that belongs to `seed`. RuntimeError for what is no int, ValueError beyond 64 bits."""
        if not is_int(seed):
            raise RuntimeError(f"manual_seed expected a long, but got {type_name(seed)}")
        number = int(seed)
        if not -(2**63) <= number < 2**64:
            raise ValueError("Overflow when unpacking long long")
        self._seed = number % 2**64
        self.__dict__.pop("_engine", None)
        self._spare: float | None = None  # normal numbers are made in pairs
        return self

    @cached_property
    def _engine(self) -> np.random.MT19937:
        """The twister, at the beginning of the stream. Made when first used: `numpy.random` takes long to import."""
        engine = np.random.MT19937()
        key = np.random.RandomState(self._seed & 0xFFFFFFFF).get_state(legacy=False)["state"]
        engine.state = {"bit_generator": "MT19937", "state": key}
        return engine

    def initial_seed(self) -> int:
        """The seed this stream began with."""
        return self._seed

    def seed(self) -> int:
        """Start an unpredictable stream; returns its seed."""
        self.manual_seed(int.from_bytes(os.urandom(8)) >> 1)
        return self._seed

    def get_state(self) -> Tensor:
        """The state as an opaque uint8 tensor."""
        state = self._engine.state["state"]
        words = np.zeros(_STATE_BYTES // 8, np.uint64)
        words[0], words[1], words[2] = self._seed, state["pos"], self._spare is not None
        words[3:4].view(np.float64)[0] = self._spare or 0.0
        words[4 : 4 + 624] = state["key"]
        return wrap(words.view(np.uint8))

    def set_state(self, new_state: Tensor) -> Generator:
        """Continue from a state that `get_state` gave. Raises TypeError or RuntimeError for anything else."""
        if not isinstance(new_state, Tensor):
            raise TypeError(f"expected a torch.ByteTensor, but got {type_name(new_state)}")
        if new_state._a.dtype != np.uint8:
            raise TypeError("RNG state must be a torch.ByteTensor")
        if new_state._a.size != _STATE_BYTES:
            raise RuntimeError(
                f"Expected a CPUGeneratorImplState of size {_STATE_BYTES} but found the input RNG state size to be "
                f"{new_state._a.size}"
            )
        words = new_state._a.copy().view(np.uint64)
        self._seed = int(words[0])
        self._spare = float(words[3:4].view(np.float64)[0]) if words[2] else None
        key = words[4 : 4 + 624].astype(np.uint32)
        self._engine.state = {"bit_generator": "MT19937", "state": {"key": key, "pos": int(words[1])}}
        return self

    def clone_state(self) -> Generator:
        """Another generator that goes on as this one does."""
        return Generator().set_state(self.get_state())

    def get_offset(self) -> int:
        """Raises RuntimeError: those of other devices have offsets."""
        raise RuntimeError("CPU Generator does not use offset")

    def set_offset(self, offset: int) -> Generator:
        """Raises RuntimeError, too."""
        raise RuntimeError("CPU Generator does not use offset")

    def words(self, count: int) -> Array:
        """The next `count` words of 32 bits."""
        return self._engine.random_raw(count)

    def long_words(self, count: int) -> Array:
        """The next `count` words of 64 bits."""
        halves = self.words(2 * count)
        return halves[0::2] << np.uint64(32) | halves[1::2]

    def uniform(self, count: int, double: bool) -> Array:
        """Numbers in [0, 1) with 24 random bits, or 53."""
        if double:
            return (self.long_words(count) & np.uint64(2**53 - 1)) * 2.0**-53
        return ((self.words(count) & np.uint64(2**24 - 1)) * 2.0**-24).astype(np.float32)

    def normal_pairs(self, count: int) -> Array:
        """Normal numbers as doubles, two from each pair of uniform ones (Box and Muller)."""
        spare = [] if self._spare is None or not count else [self._spare]
        missing = count - len(spare)
        u = self.uniform(2 * ((missing + 1) // 2), double=True).reshape(-1, 2)
        radius, angle = np.sqrt(-2.0 * np.log1p(-u[:, 1])), 2.0 * np.pi * u[:, 0]
        made = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).ravel()
        if count:
            self._spare = float(made[-1]) if missing % 2 else None
        return np.concatenate([np.asarray(spare), made[:missing]])

    def normal_blocks(self, count: int, double: bool, half: bool) -> Array:
        """At least 16 normal numbers, made in blocks of 16; the last block is drawn anew if it overlaps.

        Only for halves does torch not draw the numbers that are then drawn anew.
        """
        whole = count - count % 16
        drawn = whole if half else count
        numbers = np.zeros(count, np.float64 if double else np.float32)
        numbers[:drawn] = self.uniform(drawn, double)
        numbers[:whole] = _box_muller(numbers[:whole])
        if count % 16:
            numbers[-16:] = _box_muller(self.uniform(16, double))
        return numbers


def _box_muller(uniform: Array) -> Array:
    blocks = uniform.reshape(-1, 2, 8)
    radius, angle = np.sqrt(-2 * np.log(1 - blocks[:, 0])), (2 * np.pi * blocks[:, 1]).astype(uniform.dtype)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).ravel()


name_of(Generator, "torch._C.Generator")
default_generator = Generator()
default_generator.seed()


def manual_seed(seed: int) -> Generator:
    """Seed the default generator; returns it."""
    return default_generator.manual_seed(int(seed))


def seed() -> int:
    """Seed the default generator unpredictably; returns the seed."""
    return default_generator.seed()


def initial_seed() -> int:
    """The default generator's seed."""
    return default_generator.initial_seed()


def get_rng_state() -> Tensor:
    """The default generator's state."""
    return default_generator.get_state()


def set_rng_state(new_state: Tensor) -> None:
    """Set the default generator's state."""
    default_generator.set_state(new_state)


@contextmanager
def _fork_rng(devices: Any = None, enabled: bool = True, **_: Any) -> Iterator[None]:
    """A block after which the default generator goes on as if nothing had been drawn in it."""
    state = default_generator.get_state()
    try:
        yield
    finally:
        if enabled:
            default_generator.set_state(state)
