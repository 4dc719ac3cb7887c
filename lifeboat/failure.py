"""How a command ends: one exit code per meaning, one message per failure."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command."""

    OK = 0
    ERROR = 1
    CHANGES = 2
    GUARDED = 3


class Failure(Exception):  # noqa: N818 it is what is shown to people, who read "failure: ..." and not a class name
    """A command cannot go on. The message says what is wrong and what to do; no traceback is shown.

    Attributes:
        exit_code: What the command ends with.
    """

    def __init__(self, message: str, exit_code: Exit = Exit.ERROR) -> None:
        self.exit_code = exit_code
        super().__init__(message)
