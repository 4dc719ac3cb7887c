"""What a mutation is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """One fault.

    Attributes:
        name: What is done to the code.
        file: The file it is done in, relative to the project.
        old: The exact text that is replaced; it must be there exactly once.
        new: What it is replaced with.
        why: What would happen in production.
        kept_by: The file in `tests/unit` whose promise must fail.
    """

    name: str
    file: str
    old: str
    new: str
    why: str
    kept_by: str
