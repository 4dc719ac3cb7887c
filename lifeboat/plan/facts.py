"""What the guards look at: every existing resource of a stack, its type, its region, and what happens to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lifeboat.plan.format import NULL, ResourceChange, decode, marks
from lifeboat.plan.types import DATA, EVERYWHERE, INSIDE
from lifeboat.report.model import Action, Change

GONE = {Action.DESTROY, Action.REPLACE}
TOUCHED = {Action.DESTROY, Action.REPLACE, Action.UPDATE}


@dataclass(frozen=True)
class Touched:
    """A resource to which something happens, with its values.

    Attributes:
        change: What is shown of it.
        entry: Terraform's entry.
    """

    change: Change
    entry: ResourceChange

    @property
    def before(self) -> Mapping[str, Any]:
        """Its values now; nothing where it does not exist yet."""
        found = decode(self.entry.change.before)
        return found if isinstance(found, dict) else {}

    @property
    def after(self) -> Mapping[str, Any]:
        """Its values afterwards; nothing where it will not exist."""
        found = decode(self.entry.change.after)
        return found if isinstance(found, dict) else {}

    def is_unknown(self, attribute: str) -> bool:
        """Whether an attribute is known only after the apply."""
        found = marks(self.entry.change.after_unknown)
        return bool(found.get(attribute)) if isinstance(found, dict) else bool(found)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the guards need of one stack.

    Attributes:
        stack: Its name.
        region: Its region. Empty: several, or not known.
        touched: What is updated, replaced, destroyed or forgotten.
        kept: Type and region of what exists and stays.
    """

    stack: str
    region: str
    touched: tuple[Touched, ...] = ()
    kept: frozenset[tuple[str, str]] = frozenset()

    def touched_regions(self) -> Iterator[str]:
        """Yield the regions in which something that exists changes."""
        for each in self.touched:
            if each.change.action in TOUCHED and not each.change.type.startswith(EVERYWHERE):
                region = each.change.region or self.region
                if region:
                    yield region


def keeps(entry: ResourceChange) -> bool:
    """Whether a resource that stores or serves data exists and stays."""
    return (
        (entry.type in DATA or entry.type in INSIDE)
        and entry.change.before != NULL
        and not entry.deposed
        and not set(entry.change.actions) & {"delete", "forget"}
    )
