"""What happens to resources, and the words for it: a plan says "to destroy" where a review says "removed"."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum


class Kind(StrEnum):
    """Which command made a report; the words for the actions depend on it."""

    PLAN = "plan"
    REVIEW = "review"


class Action(StrEnum):
    """What happens to a resource or an output, the gravest first."""

    DESTROY = "destroy"
    REPLACE = "replace"
    UPDATE = "update"
    CREATE = "create"
    IMPORT = "import"
    MOVE = "move"
    FORGET = "forget"
    READ = "read"
    UNKNOWN = "unknown"


WORDS = {
    Kind.PLAN: {
        Action.DESTROY: "to destroy",
        Action.REPLACE: "to replace",
        Action.UPDATE: "to update",
        Action.CREATE: "to create",
        Action.IMPORT: "to import",
        Action.MOVE: "to move",
        Action.FORGET: "to forget",
        Action.READ: "to read",
        Action.UNKNOWN: "with an action that is not known here",
    },
    Kind.REVIEW: {
        Action.DESTROY: "removed",
        Action.REPLACE: "replaced",
        Action.UPDATE: "changed",
        Action.CREATE: "added",
        Action.IMPORT: "imported",
        Action.MOVE: "moved",
        Action.FORGET: "forgotten",
        Action.READ: "read",
        Action.UNKNOWN: "unknown",
    },
}
"""What is said behind a number of resources."""

SYMBOLS = {
    Action.DESTROY: "-",
    Action.REPLACE: "±",
    Action.UPDATE: "~",
    Action.CREATE: "+",
    Action.IMPORT: "↓",
    Action.MOVE: "→",
    Action.FORGET: "!",
    Action.READ: "<",
    Action.UNKNOWN: "?",
}


def counted(kind: Kind, counts: Counter[Action]) -> list[str]:
    """Write numbers of resources with what happens to them, the gravest first: `2 to destroy`."""
    return [f"{counts[action]} {WORDS[kind][action]}" for action in Action if counts[action]]


def amount(number: int, what: str) -> str:
    """Write a number of things: `1 stack`, `2 stacks`, `2 stacks that must wait`."""
    first, _, rest = what.partition(" that ")
    plural = first if number == 1 else f"{first}s"
    return f"{number} {plural}" + (f" that {rest}" if rest else "")
