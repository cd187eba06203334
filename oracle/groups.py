"""Who shares memory with whom while a program is functionalised: groups of views and the tensors in them.

What may live here: the two records that `functionalize` keeps, and what they tell. No instruction is made here.

Note [Groups]. Tensors that share memory fall into groups of differentiable views; `detach()` and grad-mode
blocks separate them. A write through one group changes the others' numbers but not their history, which is
written `new - (old.detach() - old)`: the value of `new`, the gradient of `old` (finite values only).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from oracle.observation import TensorFacts
from oracle.viewing import Link


@dataclass(eq=False, slots=True)
class Group:
    """Tensors that are differentiable views of one base, and its value now. See Note [Groups]."""

    value: str
    version: int = 0
    parent: Group | None = None
    links: tuple[Link, ...] = ()  # from the parent's base to this one's
    children: list[Group] = field(default_factory=list)
    needs_grad: bool = False

    def root(self) -> Group:
        return self.parent.root() if self.parent else self

    def members(self) -> list[Group]:
        return [self, *(one for child in self.children for one in child.members())]


@dataclass(eq=False, slots=True)
class Holder:
    """One tensor object of the original: where it looks in its group, and the name of its value."""

    group: Group
    links: tuple[Link, ...]
    name: str
    version: int
    leaf: str  # what `.grad` and `inputs=` mean where the tensor is a leaf
    marked: bool = False  # it has been told to require grad
    retained: str = ""  # the name that has been told to retain its gradient
    buffer: bool = False  # it came from `.grad`: written in place as it stands

    def place(self) -> tuple[Group, tuple[Link, ...]]:
        """The root of all that shares its memory, and the way from there."""
        group, links = self.group, self.links
        while group.parent is not None:
            group, links = group.parent, (*group.links, *links)
        return group, links


def meets(written: Holder, read: Holder | None, ours: TensorFacts, theirs: TensorFacts | None) -> bool:
    """Whether one of the two looks at a part of what the other does: what is read depends on the order of writing."""
    if read is None or theirs is None:
        return False
    (root, path), (other, way) = written.place(), read.place()
    common = min(len(path), len(way))
    within = root is other and path != way and path[:common] == way[:common]
    return within and (ours.shape, ours.strides) != (theirs.shape, theirs.strides)
