"""Which stacks belong together: one system's stacks are called alike but for their region."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lifeboat.report.model import Section

REGION = re.compile(r"(?:^|[-_./])((?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-gov|-iso[a-z]?)?-[a-z]+-\d)(?=$|[-_./])")
EVERYWHERE = re.compile(r"[-_./](?:global|edge|shared)$")


@dataclass(frozen=True)
class System:
    """The stacks of one system, in the order in which they are applied.

    Attributes:
        name: What their names have in common.
        regional: Those that are in one region each.
        others: Those that are in several, or of which it is not known.
    """

    name: str
    regional: tuple[Section, ...]
    others: tuple[Section, ...]

    @property
    def regions(self) -> tuple[str, ...]:
        """Its regions; the first is the primary, on which the others build."""
        return tuple(dict.fromkeys(section.region for section in self.regional))


def region_in(name: str) -> str:
    """Return the region that a stack's name says. Empty: none."""
    found = REGION.search(name)
    return found[1] if found else ""


def system_of(stack: str, region: str) -> str:
    """Return what a stack's name says beside its region."""
    if region and region in stack:
        return stack.replace(region, "").strip("-_./") or stack
    return EVERYWHERE.sub("", stack)


def systems(sections: Iterable[Section]) -> list[System]:
    """Group stacks by system, in the order of their first stacks."""
    grouped: dict[str, list[Section]] = {}
    for section in sections:
        grouped.setdefault(system_of(section.stack, section.region), []).append(section)
    return [
        System(name, tuple(each for each in members if each.region), tuple(each for each in members if not each.region))
        for name, members in grouped.items()
    ]
