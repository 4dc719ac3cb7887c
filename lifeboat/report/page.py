"""Fits a report into so many bytes: what matters most is kept, and what is left out is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

ROOM_FOR_CLOSING = 400
NAMES = {
    "findings": ("finding", "findings"),
    "stacks": ("stack without changes", "stacks"),
    "changes": ("change", "changes"),
    "diffs": ("attribute diff", "attribute diffs"),
    "drift": ("drifted resource", "drifted resources"),
    "remarks": ("remark", "remarks"),
}
"""What kinds of parts are called when they are left out: one of them, several of them."""


@dataclass(frozen=True, eq=False)
class Group:
    """What stands around parts; it is there only with one of them."""

    head: str
    tail: str


@dataclass(frozen=True, eq=False)
class Part:
    """A piece of a page.

    Attributes:
        text: Its lines.
        rank: The lower, the longer it is kept.
        group: What stands around it and its neighbours. Absent: nothing.
        what: One of `NAMES`. Empty: nobody misses it.
        needs: The part without which it means nothing. Absent: none.
    """

    text: str
    rank: int
    group: Group | None = None
    what: str = ""
    needs: Part | None = None


def size(text: str) -> int:
    """Return the bytes of a text."""
    return len(text.encode())


def fit(head: str, parts: Sequence[Part], most: int) -> str:
    """Return a page of at most so many bytes.

    Args:
        head: What is never left out.
        parts: The rest, in the order in which it is shown.
        most: Bytes.
    """
    room = most - size(head) - ROOM_FOR_CLOSING
    chosen: set[Part] = set()
    opened: set[Group] = set()
    for part in sorted(parts, key=lambda each: each.rank):
        cost = size(part.text) + 1
        if part.group and part.group not in opened:
            cost += size(part.group.head) + size(part.group.tail) + 2
        if cost <= room and (part.needs is None or part.needs in chosen):
            room -= cost
            chosen.add(part)
            opened |= {part.group} if part.group else set()
    return "\n".join([head, *_assembled([part for part in parts if part in chosen]), *_closing(parts, chosen), ""])


def _assembled(parts: Sequence[Part]) -> list[str]:
    lines: list[str] = []
    group: Group | None = None
    for part in parts:
        if part.group is not group:
            lines += [group.tail] if group and group.tail else []
            lines += [part.group.head] if part.group else []
            group = part.group
        lines.append(part.text)
    return [*lines, *([group.tail] if group and group.tail else [])]


def _closing(parts: Sequence[Part], chosen: set[Part]) -> list[str]:
    missing = Counter(part.what for part in parts if part.what and part not in chosen)
    if not missing:
        return []
    said = ", ".join(f"{missing[what]} {NAMES[what][missing[what] > 1]}" for what in NAMES if missing[what])
    return [f"\nLeft out for want of room: {said}. The whole report has them."]
