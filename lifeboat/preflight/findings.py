"""One thing that was looked at, what was found, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "PROBLEM"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one check came to.

    Attributes:
        region: Where. `global`: nowhere in particular.
        about: What was looked at.
        level: How bad it is.
        found: What was found.
        fix: What to do. Empty: nothing.
    """

    region: str
    about: str
    level: Level
    found: str
    fix: str = ""

    def __str__(self) -> str:
        fix = f"\n           fix: {self.fix}" if self.fix else ""
        return f"  {self.level:<8} {self.region:<14} {self.about}: {self.found}{fix}"
