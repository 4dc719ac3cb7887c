"""Stages: the environment suffix picks one overlay of the file, and the overlay changes what differs there."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

STAGES = "stages"

TomlTable = dict[str, Any]
"""A table as the TOML reader returns it."""


def stage_of(suffix: str, stages: list[str]) -> str | None:
    """Return the stage that a suffix belongs to: its own name first, else the longest pattern that fits.

    None: the file knows no such stage.
    """
    if suffix in stages:
        return suffix
    fitting = [stage for stage in stages if fnmatchcase(suffix, stage)]
    return max(fitting, key=len, default=None)


def overlay(base: TomlTable, changes: TomlTable) -> TomlTable:
    """Lay a stage's changes over the base: tables merge key by key, everything else is replaced."""
    merged = dict(base)
    for key, value in changes.items():
        below = merged.get(key)
        merged[key] = overlay(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def has_path(table: object, path: tuple[str | int, ...]) -> bool:
    """Tell whether a table says anything at a path. Used to blame the stage and not the base for a value."""
    if not path:
        return True
    head, *rest = path
    match table, head:
        case dict(), _ if head in table:
            return has_path(table[str(head)], tuple(rest))
        case list(), int():  # a stage replaces a list whole
            return True
    return False
