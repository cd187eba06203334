"""What the decoder knows while it composes: live values and what torch will allow with them.

What may live here: `Value`, `State` and the questions every unit asks (which value does this byte name, may it
be written, is a query sure to succeed). It tracks history by bits: each recorded node has one, `Value.nodes` are
those reachable. Where it cannot be sure it says so, and the instruction is composed as `caught`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from oracle.opset.metas import Meta, meta
from oracle.opset.spec import OpSpec
from oracle.program.language import Attr, Instruction, Ref
from strategies import layout
from strategies.layout import LEAF_WIDTH, LEAVES, NAMED
from strategies.shapes import ROWS
from strategies.values import data, writable

MOST_NAMES: Final = 400
REFS: Final = tuple(Ref(f"v{i}") for i in range(MOST_NAMES))
OUTS: Final = tuple((ref.name,) for ref in REFS)
DTYPE: Final = {name: Attr(name) for name in ("bool", "uint8", "int8", "int16", "int32", "int64", "float16",
                                              "bfloat16", "float32", "float64", "complex64", "complex128")}  # fmt: skip
new: Final = tuple.__new__  # Instruction(...) by keyword costs three times as much

GRAD: Final = ("requires_grad", True)

# what a view is, for writing into it
MULTI: Final = 1  # an output of unbind, split, chunk, or a view of one
OVERLAP: Final = 2  # several elements in one place of memory
UNTRACKED: Final = 4  # a view made while no history was recorded
UNCERTAIN: Final = 8  # torch may know more of it than we do
BURIED: Final = 16  # torch refuses any use of it
OUTDATED: Final = 32  # a view whose storage was written since; Note [Hooks on outdated views]

# Note [Hooks on outdated views]: torch 2.13 crashes (segmentation fault) in `register_hook` on a view that
# requires grad and whose storage was written since it was made, unless its grad_fn was read in between. No
# program may kill the process that runs it, so such a hook is never composed.

STYLES: Final = ("grad",) * 176 + ("plain",) * 48 + ("method",) * 16 + ("set",) * 16
"""Leaf byte to how a leaf comes to require grad: argument, not at all, requires_grad_(), requires_grad = True."""


class Value:
    """A live tensor. Class attributes are defaults, so that making one costs little."""

    base: Value | None = None  # of a differentiable view, the tensor viewed
    store: Value | None = None  # the owner of the storage, when another
    flags: int = 0
    many: tuple[Value, ...] | None = None  # all outputs of the op, on the first
    dense: bool = True
    has_grad: bool = False
    retains: bool = False
    nodes: int = 0
    node: int = 0

    def __init__(self, ref: Ref, of: Meta, made_by: OpSpec | None = None,
                 parents: tuple[Value, ...] = ()) -> None:  # fmt: skip
        self.ref = ref
        self.meta = of
        self.made_by = made_by
        self.parents = parents

    @property
    def is_leaf(self) -> bool:
        """Whether it has no history."""
        return self.nodes == self.node


class State:
    """One decode under way. Class attributes are defaults, so that making one costs little."""

    count: int = 0  # names bound so far
    slot: int = 0  # the slot being decoded
    next_node: int = 1
    modes: tuple[str, ...] = ()
    mode_left: int = 0  # slots until the grad-mode block ends
    grad_on: bool = True
    freed: int = 0  # nodes whose saved tensors a query has freed
    stale: int = 0  # nodes of which torch may say that what they saved was modified
    hook_count: int = 0
    handles: tuple[Ref, ...] = ()

    def __init__(self, buffer: bytes, profile: str, numbers: tuple[Any, ...], base_shape: int,
                 dtypes: tuple[str, ...]) -> None:  # fmt: skip
        self.buffer = buffer
        self.profile = profile
        self.numbers = numbers
        self.dtypes = dtypes
        self.rows = ROWS[base_shape]
        self.instructions: list[Instruction] = []
        self.near: list[Value | None] = [None] * LEAVES
        self.values: list[Value] = []

    # --- naming and emitting

    def emit(self, form: str, op: str, args: tuple[Any, ...], kwargs: tuple[Any, ...] = (),
             caught: bool = False) -> None:  # fmt: skip
        """Appends a statement that binds nothing."""
        self.instructions.append(new(Instruction, ((), form, op, args, kwargs, False, self.modes, caught)))

    def bind(self, of: Meta, form: str, op: str, args: tuple[Any, ...], kwargs: tuple[Any, ...] = (),
             caught: bool = False) -> Value:  # fmt: skip
        """Appends a statement that binds one name, and returns its value (not yet among the values)."""
        n = self.count
        self.count = n + 1
        self.instructions.append(new(Instruction, (OUTS[n], form, op, args, kwargs, False, self.modes, caught)))
        return Value(REFS[n], of)

    def fresh_node(self) -> int:
        """A bit for a node not seen before."""
        node = self.next_node
        self.next_node = node << 1
        return node

    # --- leaves

    def leaf(self, slot: int, edges: tuple[float, ...] = ()) -> Value:
        """Writes leaf `slot` of the buffer into the program, where it is first used."""
        fields = self.buffer[layout.HEADER + slot * LEAF_WIDTH : layout.HEADER + (slot + 1) * LEAF_WIDTH]
        shape = self.rows[fields[layout.LEAF_SHAPE]]
        style = STYLES[fields[layout.LEAF_STYLE]]
        of = meta(shape, self.dtypes[fields[layout.LEAF_DTYPE]])
        value = self.constant(of, fields[layout.LEAF_VALUES], style, edges)
        self.near[slot] = value
        return value

    def constant(self, of: Meta, seed: int, style: str = "plain", edges: tuple[float, ...] = ()) -> Value:
        """Writes a tensor with values by profile and seed; `style` says how it comes to require grad."""
        wants = of.differentiable and style != "plain"
        kwargs: tuple[Any, ...] = () if of.dtype in _UNSAID else (("dtype", DTYPE[of.dtype]),)
        if wants and style == "grad":
            kwargs = (*kwargs, GRAD)
        modes, self.modes = self.modes, ()
        if writable(of.shape):
            made = self.bind(of, "call", "tensor", (data(self.profile, of, seed, edges if self.profile == "edges" else ()),), kwargs)
        else:
            kwargs = kwargs if of.dtype != "int64" else (("dtype", DTYPE["int64"]), *kwargs)
            made = self.bind(of, "call", "zeros", (of.shape,), kwargs)
        if wants:
            if style == "method":
                self.emit("method", "requires_grad_", (made.ref,))
            elif style == "set":
                self.emit("set", "requires_grad", (made.ref, True))
            made.node = made.nodes = self.fresh_node()
        self.modes = modes
        self.values.append(made)
        return made

    # --- which value a byte names

    def pick(self, byte: int, edges: tuple[float, ...] = ()) -> Value:
        """The value that an operand byte names; a leaf is written if it was not yet, with these edge values."""
        slot = NAMED[self.slot][byte]
        value = self.near[slot]
        if value is None:
            return self.leaf(slot if slot < LEAVES else 0, edges)
        if value.many is not None:
            return value.many[byte % len(value.many)]
        return value

    def search(self, byte: int, fits: Callable[[Value], bool]) -> Value | None:
        """The value named, or the nearest live one before it that fits, or the last one after it; or None."""
        near = self.near
        slot = NAMED[self.slot][byte]
        for place in (*range(slot, -1, -1), *range(len(near) - 1, slot, -1)):
            value = near[place]
            if value is None:
                continue
            if value.many is not None:
                value = value.many[byte % len(value.many)]
            if fits(value):
                return value
        return None

    # --- what torch will allow

    def sure(self, value: Value) -> bool:
        """Whether a backward pass from `value` is sure to find its graph whole and its saved tensors unchanged."""
        return not value.nodes & (self.freed | self.stale)

    def family(self, value: Value) -> list[Value]:
        """All values that share the storage of `value`, itself among them."""
        store = value.store or value
        return [other for other in self.values if (other.store or other) is store]

    def written(self, target: Value, sources: tuple[Value, ...], spec: OpSpec, *, uncertain: bool) -> None:
        """Notes that `target` was written in place from `sources`."""
        family = self.family(target)
        inside = set(map(id, family))
        for value in self.values:
            if value.made_by is None or not value.nodes or not value.made_by.saves:
                continue
            if id(value) in inside or any(id(parent) in inside for parent in value.parents):
                self.stale |= value.node
        for value in family:
            if value.base is not None and (value is not target or not self.grad_on):
                value.flags |= OUTDATED
        if not self.grad_on:
            return
        history = target.nodes
        for source in sources:
            history |= source.nodes
        if not history or not target.meta.differentiable:
            return
        node = self.fresh_node()
        target.nodes, target.node = history | node, node
        target.made_by, target.parents = spec, sources
        if uncertain:
            self.stale |= node
        root = target.base or target
        for value in family:
            if value is not target and (value.base or value) is root:
                if value.flags & (MULTI | UNTRACKED):
                    self.bury(value)  # torch refuses to look at it from now on
                    continue
                value.nodes |= target.nodes
                value.node = self.fresh_node()
                value.nodes |= value.node
                value.flags |= UNCERTAIN

    def bury(self, value: Value) -> None:
        """Takes a value out of reach of operand bytes and queries; the nearest one before it stands in."""
        value.flags |= BURIED
        value.nodes = value.node = 0
        near = self.near
        for place, other in enumerate(near):
            if other is not None and (other is value or (other.many is not None and value in other.many)):
                if other.many is not None:
                    left = tuple(out for out in other.many if not out.flags & BURIED)
                    other.many = left
                    if left:
                        left[0].many = left
                        near[place] = left[0]
                        continue
                near[place] = near[place - 1] if place else None

    def write_refused(self, target: Value, sources: tuple[Value, ...]) -> bool:
        """Whether torch refuses, or may refuse, to write into `target` in place."""
        if target.flags & OVERLAP:
            return True
        if not self.grad_on:
            return False
        if target.nodes and target.is_leaf:
            return True
        base = target.base
        if base is not None and base.nodes and base.is_leaf:
            return True
        if target.flags & (MULTI | UNTRACKED):
            return bool(target.nodes) or any(source.nodes for source in sources) or bool(base and base.nodes)
        return False


_UNSAID = frozenset({"float32", "int64", "bool"})
