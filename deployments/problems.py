"""One way to report bad input: every problem at once, each with its place, what was found and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong with the input, told to the person who can put it right.

    Attributes:
        where: The file (relative to the project when it lies there), environment variable or command concerned.
        what: What is wrong, in one sentence without a final full stop.
        key: Dotted path inside the file, such as `database.min_acu`. Empty when the whole of `where` is meant.
        found: The value found, as the person wrote it. Empty when nothing was.
        allowed: What would be accepted, or what to do. Empty when `what` already says it.
    """

    where: str
    what: str
    key: str = ""
    found: str = ""
    allowed: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: {self.key}" if self.key else self.where
        found = f" (found {self.found})" if self.found else ""
        allowed = f"; allowed: {self.allowed}" if self.allowed else ""
        return f"{place}: {self.what}{found}{allowed}"


class ProblemsError(Exception):
    """Input that cannot be used. Carries every problem found, not only the first.

    Whoever catches it prints `str(error)` to standard error and ends with exit code 1; nothing was written.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    @classmethod
    def one(cls, where: str, what: str, *, key: str = "", found: str = "", allowed: str = "") -> ProblemsError:
        """Build the error for a single problem."""
        return cls([Problem(where=where, what=what, key=key, found=found, allowed=allowed)])

    def __str__(self) -> str:
        return "\n".join(f"error: {problem}" for problem in self.problems)
