"""What the decoder knows while it composes: live values and what torch will allow with them.

What may live here: `Value`, `State` and what every unit asks (which value does this byte name, may it be
written, is a query sure to succeed). History is tracked by bits: each recorded node has one, and
`Value.nodes` are those that a value reaches. Where it cannot be sure it says so, and the instruction is
composed as `caught`. """

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from oracle.opset.metas import DTYPES, Meta
from oracle.opset.spec import OpSpec
from oracle.program.language import Attr, Instruction, Ref
from strategies.layout import HEADER, LEAF_WIDTH, LEAVES, NAMED
from strategies.values import Leaves, Taste

Slot = tuple[int, ...]
"""The bytes of a slot: row, unit, extra, first and second operand, two of arguments, one more."""


class Setting(NamedTuple):
    """What the header says of a program: its value profile, its Python numbers, its leaves.

    metas  by dtype byte and shape byte: what a leaf is like
    """

    profile: str
    numbers: tuple[Any, ...]
    leaves: Leaves
    metas: Sequence[Sequence[Meta]]


MOST_NAMES: Final = 400
REFS: Final = tuple(Ref(f"v{i}") for i in range(MOST_NAMES))
NAMES: Final = tuple(ref.name for ref in REFS)
OUTS: Final = tuple((name,) for name in NAMES)
new: Final = tuple.__new__  # making an Instruction by its class costs half as much again

DTYPE: Final = {name: Attr(name) for name in DTYPES}

# what a value is, where that matters for writing into it or using it
MULTI: Final = 1  # an output of unbind, split, chunk, or a view of one
OVERLAP: Final = 2  # several elements in one place of memory
UNTRACKED: Final = 4  # a view made while no history was recorded
UNCERTAIN: Final = 8  # torch may know more of it than we do
BURIED: Final = 16  # torch refuses any use of it
OUTDATED: Final = 32  # a view whose storage was written since; Note [Hooks on outdated views]

# Note [Hooks on outdated views]: torch 2.13 crashes (segmentation fault) in `register_hook` on a view that
# requires grad and whose storage was written since it was made, unless its grad_fn was read in between. No
# program may kill the process that runs it, so such a hook is never composed.

# Note [Retained outputs]: a tensor that is not the first output of its node, retains its grad and is written in
# place makes torch 2.13 fail an assertion of its own. Outputs that can be written are not told to retain theirs.

STYLES: Final = ("grad",) * 176 + ("plain",) * 48 + ("method",) * 16 + ("set",) * 16
"""Leaf byte to how a leaf comes to require grad: argument, not at all, requires_grad_() or an assignment."""


class Value:
    """A live tensor. Class attributes are defaults, so that making one costs little."""

    nodes: int = 0  # bits of the nodes it reaches, 0 if it requires no grad
    node: int = 0  # the bit of its own
    base: Value | None = None  # of a differentiable view, the tensor viewed
    store: Value | None = None  # the owner of the storage, when another
    flags: int = 0
    many: tuple[Value, ...] | None = None  # all outputs of the op, on the first
    later: bool = False  # an output of its node, and not the first; Note [Retained outputs]
    dense: bool = True  # known to be contiguous

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


class Block:
    """A block that changes more than grad mode: what is noted after each slot in it, and when it ends."""

    grad_modes: bool = True  # whether grad modes may be set in it
    records: bool = True  # whether history can be recorded in it

    def after_slot(self, state: State) -> None:
        """Looks at what the slot has written."""

    def ended(self, state: State) -> None:
        """Notes what is no longer so."""


class State:
    """One decode under way. Class attributes are defaults, so that making one costs little."""

    count: int = 0  # names bound so far
    next_node: int = 1
    leaf_nodes: int = 0
    latest: Value | None = None  # the last result with a history, as it was made
    retained: int = 0  # nodes of values that retain their gradient
    gathered: int = 0  # nodes of values that are sure to have a .grad
    freed: int = 0  # nodes whose saved tensors a query has freed
    stale: int = 0  # nodes of which torch may say that what they saved was modified
    grad_on: bool = True
    modes: tuple[str, ...] = ()
    mode_left: int = 0  # slots until the block ends
    block: Block | None = None  # what stands open, if it is more than a grad mode
    outer: tuple[str, ...] = ()  # blocks that leaves stand in, too, since it must not be left for them
    lost: tuple[Value, ...] = ()  # inference tensors of blocks that have ended
    handles: tuple[Ref, ...] = ()

    named: Sequence[int] = NAMED[0]  # operand byte to slot, for the slot being decoded

    def __init__(self, buffer: bytes, setting: Setting) -> None:
        self.buffer = buffer
        self.setting = setting
        self.instructions: list[Instruction] = []
        self.near: list[Value | None] = [None] * LEAVES  # by slot, its value or the nearest before it
        self.values: list[Value] = []
        self.leaves: list[Value] = []  # those that require grad

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
        self.instructions.append(
            new(Instruction, (OUTS[n], form, op, args, kwargs, False, self.modes, caught))
        )
        return Value(REFS[n], of)

    def emit_unpacked(
        self, form: str, op: str, args: tuple[Any, ...], names: int, kwargs: tuple[Any, ...] = ()
    ) -> None:
        """Appends a statement whose result is unpacked into so many new names."""
        outs = NAMES[self.count : self.count + names]
        self.count += names
        self.instructions.append(new(Instruction, (outs, form, op, args, kwargs, True, self.modes, False)))

    def ref(self, number: int) -> Ref:
        """The name of that number."""
        return REFS[number]

    def fresh_node(self) -> int:
        """A bit for a node not seen before."""
        node = self.next_node
        self.next_node = node << 1
        return node

    # --- leaves

    def leaf(self, slot: int, taste: Taste | None = None) -> Value:
        """Writes leaf `slot` of the buffer into the program, where it is first used."""
        at = HEADER + slot * LEAF_WIDTH
        shape, dtype, style, seed = self.buffer[at : at + LEAF_WIDTH]
        value = self.constant(self.setting.metas[dtype][shape], seed, STYLES[style], taste)
        self.near[slot] = value
        return value

    def constant(self, of: Meta, seed: int, style: str = "plain", taste: Taste | None = None) -> Value:
        """Writes a tensor with values by profile and seed; `style` says how it comes to require grad."""
        leaves = self.setting.leaves if taste is None else taste[self.setting.profile]
        op, args, plain, grad = leaves.of(of, seed)
        n = self.count
        self.count = n + 1
        value = Value(REFS[n], of)
        self.values.append(value)
        if style == "plain" or not of.differentiable:
            self.instructions.append(new(Instruction, (OUTS[n], "call", op, args, plain, False, self.outer, False)))
            return value
        kwargs = grad if style == "grad" else plain
        self.instructions.append(new(Instruction, (OUTS[n], "call", op, args, kwargs, False, self.outer, False)))
        if style != "grad":
            self._asked_to_require_grad(value, style)
        self.rooted(value)
        return value

    def like(self, of: Meta, seed: int) -> Ref:
        """Writes a tensor that no byte can name later, such as a cotangent."""
        op, args, plain, _ = self.setting.leaves.of(of, seed)
        n = self.count
        self.count = n + 1
        self.instructions.append(new(Instruction, (OUTS[n], "call", op, args, plain, False, self.outer, False)))
        return REFS[n]

    def _asked_to_require_grad(self, value: Value, style: str) -> None:
        modes, self.modes = self.modes, self.outer
        if style == "method":
            self.emit("method", "requires_grad_", (value.ref,))
        else:
            self.emit("set", "requires_grad", (value.ref, True))
        self.modes = modes

    def rooted(self, value: Value) -> None:
        """Notes that `value` is a leaf that requires grad from now on."""
        node = self.next_node
        self.next_node = node << 1
        value.node = value.nodes = node
        self.leaf_nodes |= node
        self.leaves.append(value)

    # --- which value a byte names

    def pick(self, byte: int, taste: Taste | None = None) -> Value:
        """The value that an operand byte names; a leaf is written if need be, to this taste."""
        slot = self.named[byte]
        value = self.near[slot]
        if value is None:
            value = self.near[0] if slot >= LEAVES else None
            if value is None:
                return self.leaf(slot if slot < LEAVES else 0, taste)
        if value.many is not None:
            return value.many[byte % len(value.many)]
        return value

    def search(self, byte: int, fits: Callable[[Value], bool]) -> Value | None:
        """The value named, or the nearest live one before it that fits, or the last one after it; or None.

        Where nothing is live yet, the first leaf is written.
        """
        near = self.near
        slot = self.named[byte]
        value = near[slot]
        if value is not None and value.many is None and fits(value):
            return value
        for place in range(slot, slot - len(near), -1):
            value = near[place]
            if value is not None:
                if value.many is not None:
                    value = value.many[byte % len(value.many)]
                if fits(value):
                    return value
        if self.values:
            return None
        since = len(self.instructions)
        value = self.leaf(0)
        if fits(value):
            return value
        self.retract(value, since)
        return None

    def leaf_named(self, byte: int, fits: Callable[[Value], bool]) -> Value | None:
        """The leaf that an operand byte names, written by this call, if it fits."""
        slot = self.named[byte]
        if slot >= LEAVES or self.near[slot] is not None:
            return None
        since = len(self.instructions)
        value = self.leaf(slot)
        if fits(value):
            return value
        self.retract(value, since)
        return None

    def retract(self, value: Value, since: int) -> None:
        """Takes back `value` if it is a leaf written at instruction `since`, with nothing after it."""
        added = self.instructions[since:]
        if not added or added[0].outs != (value.ref.name,) or value.made_by is not None:
            return
        if any(instruction.args[0] != value.ref for instruction in added[1:]):
            return
        del self.instructions[since:]
        self.values.pop()
        self.count -= 1
        for place in range(LEAVES):
            if self.near[place] is value:
                self.near[place] = None
        if value.node:
            self.leaves.pop()

    # --- what torch will allow

    def family(self, value: Value) -> list[Value]:
        """All values that share the storage of `value`, itself among them."""
        store = value.store or value
        return [other for other in self.values if (other.store or other) is store]

    def written(self, target: Value, sources: tuple[Value, ...], spec: OpSpec, *, uncertain: bool) -> None:
        """Notes that `target` was written in place from `sources`."""
        family = self.family(target)
        inside = {id(value) for value in family}
        inside |= {id(value.parents) for value in family if value.parents}  # one per call: its other results
        for value in self.values:
            if value.made_by is None or not value.nodes or not value.made_by.saves:
                continue
            if any(id(one) in inside for one in (value, value.parents, *value.parents)):
                own = value.nodes  # what the op added: with several results, more than the bit of this one
                for parent in value.parents:
                    own &= ~parent.nodes
                self.stale |= own | value.node
        for value in family:
            if value.base is not None and (value is not target or not self.grad_on):
                value.flags |= OUTDATED
                if value.flags & (MULTI | UNTRACKED) and value.nodes:
                    self.bury(value)
        if target.made_by is not None and not target.made_by.inplace:
            target.flags |= OUTDATED  # what torch composes may end in a view
        if target.flags & UNCERTAIN:
            self.doubted()
        if not self.grad_on:
            return
        history = target.nodes
        if spec.grad:
            for source in sources:
                history |= source.nodes
        if not history or not target.meta.differentiable:
            return
        node = self.fresh_node()
        target.nodes, target.node = history | node, node
        target.made_by, target.parents = spec, sources
        if uncertain or spec.grad is not True:
            self.stale |= node
        root = target.base or target
        for value in family:
            if value is not target and (value.base or value) is root:
                if value.flags & (MULTI | UNTRACKED):
                    self.bury(value)
                    continue
                value.node = self.fresh_node()
                value.nodes |= target.nodes | value.node
                value.flags |= UNCERTAIN

    def doubted(self) -> None:
        """A gradient was written: it may be a cotangent, another gradient or a .grad by another name."""
        self.stale |= self.next_node - 1
        for value in self.values:
            value.flags |= UNCERTAIN

    def bury(self, value: Value) -> None:
        """Takes a value out of reach of operand bytes and queries; the nearest one before it stands in."""
        value.flags |= BURIED
        value.nodes = value.node = 0
        near = self.near
        for place, other in enumerate(near):
            if other is None:
                continue
            if other.many is not None and value in other.many:
                left = tuple(out for out in other.many if not out.flags & BURIED)
                if left:
                    left[0].many = left
                near[place] = left[0] if left else near[place - 1] if place else None
            elif other is value:
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
        if base is not None and base.is_leaf and (base.nodes or target.nodes):
            return True
        if target.flags & (MULTI | UNTRACKED):
            return bool(target.nodes) or any(source.nodes for source in sources) or bool(base and base.nodes)
        return False
