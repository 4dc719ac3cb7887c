"""Two sets of stacks side by side: what was added, removed, changed or moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lifeboat.review.content import Block, Stack
from lifeboat.review.differences import Difference, differences
from lifeboat.review.moves import follow, moves
from lifeboat.review.unordered import sets_of


class What(StrEnum):
    """What happened to a block."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, kw_only=True)
class BlockChange:
    """What happened to one block.

    Attributes:
        what: What happened. A block that moved may have differences, too.
        before: The block in the base, with the addresses of the head in it. None: it is new.
        after: The block in the head. None: it is gone.
        previous: Its old address. Empty: it did not move.
        is_declared: Whether a `moved` or `removed` block takes care of the state.
        differences: What differs, argument by argument.
    """

    what: What
    before: Block | None
    after: Block | None
    previous: str = ""
    is_declared: bool = False
    differences: tuple[Difference, ...] = ()

    @property
    def block(self) -> Block:
        """The block as it is now, else as it was."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a change of nothing")
        return found


@dataclass(frozen=True, kw_only=True)
class StackChange:
    """What happened to one stack.

    Attributes:
        name: The stack's name.
        base: The stack as it was, addresses of the head in it. None: it is new.
        head: The stack as it is. None: it is gone.
        changes: What happened to its blocks, by address.
    """

    name: str
    base: Stack | None
    head: Stack | None
    changes: tuple[BlockChange, ...]

    @property
    def stack(self) -> Stack:
        """The stack as it is now, else as it was."""
        found = self.head or self.base
        if found is None:
            raise ValueError("a change of nothing")
        return found


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What happened to all stacks.

    Attributes:
        stacks: The stacks, by name.
        descriptions: The deployments' files of base and head: file to text. Empty: they are not at hand.
    """

    stacks: tuple[StackChange, ...]
    descriptions: tuple[Mapping[str, str], Mapping[str, str]] = field(default_factory=lambda: ({}, {}))

    @property
    def changes(self) -> Iterator[tuple[StackChange, BlockChange]]:
        """Yield every change with its stack."""
        return ((stack, change) for stack in self.stacks for change in stack.changes)


def compare(base: Mapping[str, Stack], head: Mapping[str, Stack]) -> Comparison:
    """Compare two sets of stacks, by name.

    A stack that one side lacks is compared with an empty one.
    """
    names = [*head, *(name for name in base if name not in head)]
    return Comparison(stacks=tuple(_stack(name, base.get(name), head.get(name)) for name in sorted(names)))


def _stack(name: str, base: Stack | None, head: Stack | None) -> StackChange:
    old = base or Stack(name=name, source="", blocks={})
    new = head or Stack(name=name, source="", blocks={})
    moved = moves(old, new)
    old = follow(old, moved)
    before = {address: block for address, block in old.blocks.items() if address not in moved.values()}
    before |= {now: old.blocks[then] for now, then in moved.items()}
    found = []
    for address in sorted(before.keys() | new.blocks.keys()):
        change = _block(before.get(address), new.blocks.get(address), moved.get(address, ""), new)
        if change:
            found.append(change)
    return StackChange(name=name, base=base and old, head=head, changes=tuple(found))


def _block(before: Block | None, after: Block | None, previous: str, head: Stack) -> BlockChange | None:
    if before is None:
        return BlockChange(what=What.ADDED, before=None, after=after)
    if after is None:
        is_forgotten = before.address in head.forgotten
        return BlockChange(what=What.REMOVED, before=before, after=None, is_declared=is_forgotten)
    found = differences(before.content, after.content, sets_of(after.type))
    if before.code != after.code and before.code and after.code:
        found.append(Difference(path=("code",), before=before.code, after=after.code))
    if previous:
        is_declared = head.moved.get(after.address) == previous
        what = What.MOVED
    elif found:
        is_declared, what = False, What.CHANGED
    else:
        return None
    return BlockChange(
        what=what, before=before, after=after, previous=previous, is_declared=is_declared, differences=tuple(found)
    )
