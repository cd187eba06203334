"""Rewrites a program without in-place writes: a write becomes a new value, written back through its views.

What may live here: the bookkeeping of who shares memory with whom. How a single view is read and written back
is `viewing`'s table. The rewriting leans on one Observation of the program (shapes, dtypes, leaves and
aliases), and refuses, by `NotFunctional`, what has no out-of-place meaning. See Note [Groups] in `groups`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from oracle.dataflow import BOOLEAN, LEAFWISE, NO_GRAD, UNKNOWN, is_plain_query, records, writes_behind
from oracle.groups import Group, Holder, meets
from oracle.observation import Observation, Raised, Returned
from oracle.program import Arg, Attr, Instruction, ListArg, Program, Ref, edit
from oracle.program.edit import fresh_name, is_creation, is_query, is_write, map_arg, reads, refs, substitute
from oracle.viewing import DETACH, Link, NoLinkError, filled_along, index_links, links, reading, writing


class NotFunctional(Exception):  # noqa: N818 - it is an answer, not a mistake
    """The program does something that has no meaning without in-place writes; the message says what."""


@dataclass(frozen=True, slots=True)
class Functional:
    """The rewritten program; for each tensor of the original the names with its final value and its `.grad`.

    `grads` is empty where a refused query may have left gradients half done. `origins` has for each
    instruction the number of the one it stems from. Where `finite_only`, a tensor with history was written
    without recording it: the program means the same only while all its numbers are finite.
    """

    program: Program
    names: dict[str, str]
    grads: dict[str, str]
    origins: tuple[int, ...] = ()
    finite_only: bool = False


def functionalize(program: Program, observation: Observation) -> Functional:
    """The program without in-place writes; instructions that raised are left out.

    `observation` is of this very program, with aliases, from any engine that can write in place. Raises
    NotFunctional where a write has no out-of-place meaning (through `.data`, an expanded tensor, ...).
    """
    rewriter = _Rewriter(program, observation)
    try:
        for index, instruction in enumerate(program.instructions):
            if behind := writes_behind(instruction):  # of a refused call too, which may have written
                raise NotFunctional(behind)
            outcome = observation.outcomes[index] if index < len(observation.outcomes) else None
            if outcome is None or isinstance(outcome, Raised):
                rewriter.refused = rewriter.refused or (outcome is not None and is_query(instruction))
                continue
            rewriter.index = index
            rewriter.rewrite(instruction._replace(caught=False))
            if isinstance(outcome, Returned) and isinstance(outcome.value, list | tuple):
                rewriter.containers |= dict.fromkeys(instruction.outs, rewriter.writes)
        return rewriter.finish()
    except NoLinkError as error:
        raise NotFunctional(f"{error} cannot be written back") from None


def _is_ref(atom: Arg) -> bool:
    return type(atom) is Ref


class _Rewriter:
    def __init__(self, program: Program, observation: Observation) -> None:
        self.facts = observation.tensors
        self.tensors: dict[str, Holder] = {}
        self.containers: dict[str, int] = {}
        self.tangled: set[object] = set()  # storages with a sharer whose views are not understood
        self.plain: set[str] = set()  # names of values without history
        self.refused = False  # a query, which may have accumulated some gradients before it raised
        self.asked = False  # whether a query came already
        self.writes = 0
        self.recording = True
        self.made: list[Instruction] = []
        self.index, self.origins = 0, list[int]()
        self.taken = list(program.instructions)
        self.finite_only = False
        self.created = {out for one in program.instructions if is_creation(one) for out in one.outs}

    def fresh(self) -> str:
        name = fresh_name(self.taken)
        self.taken.append(Instruction((name,), "call", ""))
        return name

    def emit(self, instruction: Instruction) -> str:
        self.made.append(instruction)
        self.origins.append(self.index)
        return instruction.outs[0] if instruction.outs else ""

    def follow(self, source: str, chain: Sequence[Link]) -> list[str]:
        """The names of `source` and of each step along the chain."""
        steps = [source]
        for link in chain:
            steps.append(self.emit(reading(link, self.fresh(), steps[-1])))
        return steps

    def read(self, tensor: Holder) -> str:
        """The name of the tensor's value now, taken anew from its base where that has been written."""
        if tensor.version != tensor.group.version:
            tensor.name = self.follow(tensor.group.value, tensor.links)[-1]
            tensor.version = tensor.group.version
        return tensor.name

    def named(self, name: str, leafwise: bool = False) -> str:
        tensor = self.tensors.get(name)
        if tensor is None:
            if self.containers.get(name, self.writes) != self.writes:
                raise NotFunctional(f"{name} holds tensors from before a write")
            return name
        facts = self.facts.get(name)
        if leafwise and tensor.marked and facts is not None and facts.is_leaf is True:
            return tensor.leaf
        return self.read(tensor)

    def records(self, instruction: Instruction) -> bool:
        return records(instruction.modes, self.recording)

    def rewrite(self, one: Instruction) -> None:
        if any(key == "out" for key, _ in one.kwargs):
            raise NotFunctional("a result written to `out=`")
        if one.op == "data" or one.op in UNKNOWN:
            raise NotFunctional(f"{one.op} changes a tensor behind autograd's back")
        if self.refused and one.op == "grad":
            raise NotFunctional("a gradient that a refused query may have left half done")
        if one.op == "set_grad_enabled" and one.form == "call":
            self.recording = bool(one.args[0])
            return
        target = self.target(one)
        if target is not None and not target.buffer:
            self.write(one, target)
        else:
            self.keep(one)

    def target(self, one: Instruction) -> Holder | None:
        """The tensor whose numbers the instruction writes, if any."""
        receiver = one.args[0] if one.args else None
        if not isinstance(receiver, Ref) or not is_write(one) or one.op in LEAFWISE or one.form == "set":
            return None
        writes = one.form == "setindex" or edit.writes_by_name(one)
        return self.tensors.get(receiver.name) if writes else None

    def keep(self, one: Instruction) -> None:
        """An instruction that writes no tensor: its operands are read as they are now."""
        read = reads(one)
        if is_plain_query(one):  # what is freed is not what is asked here, and other nodes save other things
            self.asked = True
            if any(held.links and self.facts[name].alias in self.tangled for name, held in self.tensors.items()):
                raise NotFunctional("views of memory that may change while gradients are accumulated")
            others = tuple(pair for pair in one.kwargs if pair[0] not in ("retain_graph", "allow_unused"))
            unused = (("materialize_grads", True),) if one.op == "autograd.grad" else ()
            one = one._replace(kwargs=(*others, ("retain_graph", True), *unused))
            for name in refs(dict(one.kwargs).get("inputs")):  # from now on it has a .grad, leaf or not
                if name in self.tensors and self.facts[name].is_leaf is not True:
                    self.tensors[name].retained = self.named(name)
        else:
            one = one._replace(modes=() if self.records(one) else NO_GRAD[:1])
        self.emit(self.placed(one))
        receiver = self.tensors.get(read[0]) if read else None
        if receiver is not None:
            self.note(one, receiver)
        self.bind(one, receiver, read)

    def placed(self, one: Instruction) -> Instruction:
        """The instruction reading what its operands are now; the leaf itself where it means the leaf."""
        leaf_at = 1 if one.op == "autograd.grad" else 0 if one.op in LEAFWISE else None

        def now(arg: Arg, leafwise: bool) -> Arg:
            return map_arg(arg, lambda atom: Ref(self.named(atom.name, leafwise)) if _is_ref(atom) else atom)

        return one._replace(
            args=tuple(now(arg, at == leaf_at) for at, arg in enumerate(one.args)),
            kwargs=tuple((key, now(value, key == "inputs")) for key, value in one.kwargs),
        )

    def note(self, one: Instruction, receiver: Holder) -> None:
        """What an instruction changes about its receiver other than its numbers."""
        if one.op == "grad" and one.form == "set":
            self.tangled.update(self.facts[name].alias for name in refs(one.args[1]) if name in self.facts)
        if one.op == "retain_grad":
            if self.facts[reads(one)[0]].is_leaf is not True:
                receiver.retained = receiver.name
        elif one.op in ("requires_grad_", "requires_grad") and one.form in ("method", "set"):
            if False in one.args and self.relatives(receiver):
                raise NotFunctional("requires_grad turned off for a tensor with views")
            if receiver.links and not receiver.marked and self.facts[reads(one)[0]].is_leaf is True:
                self.part(receiver, receiver.name)
            if not receiver.marked:
                receiver.marked, receiver.leaf = True, receiver.name
            receiver.group.needs_grad = False not in one.args

    def bind(self, one: Instruction, receiver: Holder | None, read: Sequence[str]) -> None:
        """Note for each result whose memory it shares and how it looks there."""
        chains: list[list[Link]] | None = None
        facts = [self.facts.get(out) for out in one.outs]
        if receiver is not None and all(fact is not None for fact in facts) and one.op != "grad":
            chains = self.chains(one, read[0], [fact.shape for fact in facts if fact is not None])
        for at, (out, fact) in enumerate(zip(one.outs, facts, strict=True)):
            if fact is None:
                continue
            twin = self.tensors.get(fact.same_object) if isinstance(fact.same_object, str) else None
            if twin is not None:
                self.tensors[out] = twin
            elif receiver is not None and chains and fact.alias == self.facts[read[0]].alias is not None:
                self.tensors[out] = self.view(one, receiver, out, chains[at])
            else:
                self.tensors[out] = self.owner(one, out)

    def chains(self, one: Instruction, name: str, shapes: list[tuple[int, ...]]) -> list[list[Link]] | None:
        old = self.facts[name].shape
        try:
            if one.form == "index":
                return [index_links(one.args[1], old)]
            return links(one.op, one.args[1:], one.kwargs, old, shapes)
        except NoLinkError:
            return None

    def owner(self, one: Instruction, out: str) -> Holder:
        """A tensor with memory of its own, or one whose sharing is not understood (then it is tangled)."""
        facts = self.facts[out]
        marked = ("requires_grad", True) in one.kwargs
        empty = facts.alias is None and facts.is_view is True  # whose memory has no place to be known by
        if (empty or facts.alias not in (None, out)) and one.op != "grad":
            self.tangled.add(facts.alias)
            sharers = (self.tensors[name] for name in self.tensors if self.facts[name].alias == facts.alias)
            if any(tensor.group.root().version for tensor in sharers):
                raise NotFunctional(f"{out} shares memory in a way that is not understood")
        group = Group(out, needs_grad=marked or facts.requires_grad is True)
        return Holder(group, (), out, 0, out, marked, buffer=one.op == "grad" and one.form == "get")

    def view(self, one: Instruction, receiver: Holder, out: str, chain: list[Link]) -> Holder:
        if receiver.buffer:
            return Holder(receiver.group, (), out, receiver.group.version, out, buffer=True)
        if any(link.cut for link in chain) or not self.records(one):
            whole = (*receiver.links, *chain)
            group = Group(out, receiver.group.version, receiver.group, whole)
            receiver.group.children.append(group)
            return Holder(group, (), out, group.version, out)
        return Holder(receiver.group, (*receiver.links, *chain), out, receiver.group.version, out)

    def write(self, one: Instruction, target: Holder) -> None:
        name = one.args[0].name
        facts = self.facts[name]
        if facts.alias in self.tangled:
            raise NotFunctional(f"{name} shares memory in a way that is not understood")
        if any(meets(target, self.tensors.get(other), facts, self.facts.get(other)) for other in reads(one)[1:]):
            raise NotFunctional("an operand that changes while it is read")
        if one.op == "detach_" and self.relatives(target):
            raise NotFunctional("detach_ of a tensor with views")
        if one.op == "detach_" and target.marked and target.leaf not in self.created:
            raise NotFunctional("detach_ of a result that was told to require grad")
        if one.op == "detach_" and facts.is_leaf is True and target.marked:
            self.emit(Instruction((), "method", "requires_grad_", (Ref(target.leaf), False)))
            target.group.needs_grad = False
        elif one.op == "detach_":
            self.part(target, self.detached(self.read(target)))
        else:
            self.store(one, target, self.new_value(one, target, facts.dtype))
        for out in one.outs:
            self.tensors[out] = target

    def part(self, tensor: Holder, name: str) -> None:
        """Give a tensor a group of its own: it shares memory still, and no history any more."""
        old = tensor.group
        tensor.group = Group(name, old.version, old, tensor.links)
        tensor.name, tensor.links, tensor.version = name, (), old.version
        old.children.append(tensor.group)

    def relatives(self, target: Holder) -> list[Holder]:
        """The other tensors of the target's group."""
        return [one for one in self.tensors.values() if one.group is target.group and one is not target]

    def store(self, instruction: Instruction, target: Holder, new: str) -> None:
        """Make `new` the target's value, and write it back into everything that shares its memory."""
        self.writes += 1
        group = target.group
        records = self.records(instruction) and not BOOLEAN.match(instruction.op)
        if self.records(instruction) and not records and not instruction.op.startswith("logical_"):
            raise NotFunctional("a comparison written where history is recorded")
        value = self.written_back(group.value, target.links, new if records else self.detached(new))
        self.renew(group, value if records else self.straight(group.value, value, group.needs_grad))
        if not target.links:
            target.name, target.version = group.value, group.version
        for one in (target, *self.relatives(target)):
            if one.retained:
                self.retain(one, records)
        if not target.marked and not target.links:
            target.leaf = target.name

    def retain(self, tensor: Holder, records: bool) -> None:
        """Go on retaining the gradient of a tensor whose history a write has changed."""
        if tensor.links or (records and self.asked):
            raise NotFunctional("a gradient retained over a write")
        if records:
            tensor.retained = self.read(tensor)
            self.emit(Instruction((), "method", "retain_grad", (Ref(tensor.retained),)))

    def renew(self, group: Group, value: str) -> None:
        """Give the group its new value, and its relatives their new numbers."""
        group.value, group.version = value, self.writes
        child, parent = group, group.parent
        while parent is not None:
            back = self.written_back(parent.value, child.links, self.detached(child.value))
            parent.value = self.straight(parent.value, back, parent.needs_grad)
            parent.version = self.writes
            child, parent = parent, parent.parent
        for one in group.root().members():
            if one.version != self.writes and one.parent is not None:
                seen = self.follow(one.parent.value, one.links)[-1]
                one.value = self.straight(one.value, self.detached(seen), one.needs_grad)
                one.version = self.writes

    def written_back(self, base: str, chain: Sequence[Link], new: str) -> str:
        """The value of `base` once the view that the chain leads to is `new`."""
        steps = self.follow(base, chain[:-1])
        for link, source in zip(reversed(chain), reversed(steps), strict=True) if chain else ():
            new = self.emit(writing(link, self.fresh(), source, new))
        return new

    def detached(self, name: str) -> str:
        if name not in self.plain:
            name = self.emit(reading(DETACH, self.fresh(), name))
            self.plain.add(name)
        return name

    def straight(self, old: str, new: str, needs_grad: bool) -> str:
        """The numbers of `new` with the history of `old`. See Note [Groups]."""
        new = self.detached(new)
        if not needs_grad:
            return new
        self.finite_only = True
        nothing = self.emit(Instruction((self.fresh(),), "call", "sub", (Ref(self.detached(old)), Ref(old))))
        return self.emit(Instruction((self.fresh(),), "call", "sub", (Ref(new), Ref(nothing))))  # -0 - 0 is -0

    def new_value(self, one: Instruction, target: Holder, dtype: str) -> str:
        """The value that the write gives its target, computed out of place."""
        if one.form == "setindex":
            return self.assigned(one, target, dtype)
        old, args = Ref(self.read(target)), tuple(one.args[1:])
        names: dict[str, Arg] = {name: Ref(self.named(name)) for name in reads(one)}
        plain = edit.out_of_place(one)._replace(outs=(self.fresh(),), unpack=False)
        if one.op in ("zero_", "fill_", "copy_"):
            value = 0 if one.op == "zero_" else (*args, *dict(one.kwargs).values())[0]
            return self.filled(value, old, dtype, plain, names)
        if one.op == "fill_diagonal_":
            bound = dict(zip(("fill_value", "wrap"), args, strict=False)) | dict(one.kwargs)
            mask = self.diagonal(self.facts[one.args[0].name].shape, bound.get("wrap"))
            return self.emit(plain._replace(op="masked_fill", args=(old, mask, bound["fill_value"]), kwargs=()))
        name = self.emit(substitute(plain, names))
        kinds = {self.facts[read].dtype for read in reads(one) if read in self.facts}
        return name if kinds == {dtype} and not BOOLEAN.match(one.op) else self.cast(name, dtype)

    def cast(self, name: str, dtype: str) -> str:
        return self.emit(Instruction((self.fresh(),), "method", "to", (Ref(name), Attr(dtype))))

    def diagonal(self, shape: tuple[int, ...], wraps: Arg) -> Ref:
        """A mask of what `fill_diagonal_` writes; torch names that in place alone."""
        flat = ListArg(tuple(filled_along(shape, wraps is True)))
        row = self.emit(Instruction((self.fresh(),), "call", "tensor", (flat,), (("dtype", Attr("bool")),)))
        return Ref(self.emit(Instruction((self.fresh(),), "method", "reshape", (Ref(row), *shape))))

    def filled(self, value: Arg, old: Ref, dtype: str, plain: Instruction, names: dict[str, Arg]) -> str:
        """`old` with every element replaced by a number, or by a tensor broadcast to its shape."""
        mask = Instruction((self.fresh(),), "call", "ones_like", (old,), (("dtype", Attr("bool")),))
        everywhere = Ref(self.emit(mask))  # the history of what is overwritten stays, its gradient zero
        if not isinstance(value, Ref):
            args: tuple[Arg, ...] = (old, everywhere, value)
            return self.emit(plain._replace(form="method", op="masked_fill", args=args, kwargs=()))
        source = names.get(value.name, value)
        same = value.name in self.facts and self.facts[value.name].dtype == dtype
        source = source if same else Ref(self.cast(source.name, dtype))
        return self.emit(plain._replace(form="call", op="where", args=(everywhere, source, old), kwargs=()))

    def assigned(self, one: Instruction, target: Holder, dtype: str) -> str:
        """The value of a whole tensor after `x[index] = value`."""
        _, index, value = one.args
        old = self.read(target)
        names: dict[str, Arg] = {name: Ref(self.named(name)) for name in reads(one)}
        plain = one._replace(outs=(self.fresh(),), form="method")
        shape = self.facts[one.args[0].name].shape
        if any(True for _ in refs(index)) or isinstance(index, bool):
            raise NotFunctional("assignment by advanced indexing")
        chain = index_links(index, shape)
        new = self.filled(value, Ref(self.follow(old, chain)[-1]), dtype, plain, names)
        return self.written_back(old, chain, new)

    def finish(self) -> Functional:
        names = {name: self.read(tensor) for name, tensor in self.tensors.items()}
        grads = {
            name: tensor.retained or self.named(name, leafwise=True)
            for name, tensor in self.tensors.items()
            if not self.refused
        }
        return Functional(Program.of(self.made), names, grads, tuple(self.origins), self.finite_only)
