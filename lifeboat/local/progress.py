"""What cdktf and Terraform print, turned into a line per stack, and into the errors that matter."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
SPINNER = re.compile(r"[\u2800-\u28ff]")
PLAN = re.compile(r"Plan: (?:\d+ to import, )?(\d+) to add, (\d+) to change, (\d+) to destroy")
DONE = re.compile(r"(?:Apply|Destroy) complete! Resources: (.+?)\.?$")
EXISTS = re.compile(r"already exists|AlreadyExists|AlreadyOwnedByYou|already been taken|ResourceInUse|\bDuplicate\w*")
UNREACHABLE = re.compile(r"connection refused|connection reset|EOF\b")
NO_PROVIDER = re.compile(
    r"Failed to (?:query available provider packages|install provider)|Could not retrieve the list"
)
LOCKED = re.compile(r"Error acquiring the state lock")


def plain(line: str) -> str:
    """Return a line without colours and without its end."""
    return ANSI.sub("", line).rstrip()


@dataclass
class Progress:
    """Follows a run line by line.

    Attributes:
        stacks: Names of the stacks in the run.
        say: Prints one line to the person who waits.
        errors: Terraform's error messages so far, each as its lines.
    """

    stacks: Sequence[str]
    say: Callable[[str], None]
    errors: list[str] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)
    _speaker: str = ""
    _open: bool = False

    def feed(self, raw: str) -> None:
        """Take the next line."""
        text = plain(raw)
        stack, line = self._split(text)
        self._collect_error(stack, line, begins=not text.startswith(" "))
        planned = PLAN.search(line)
        if planned and stack:
            added, changed, destroyed = planned.groups()
            self.say(f"  {stack}: {added} to add, {changed} to change, {destroyed} to destroy")
        finished = DONE.search(line)
        if finished and stack:
            now = time.monotonic()
            self.say(f"  {stack}: {finished[1]} in {now - self._began:.0f} s")
            self._began = now

    def says(self, pattern: re.Pattern[str]) -> bool:
        """Whether an error matches."""
        return any(pattern.search(error) for error in self.errors)

    def _split(self, line: str) -> tuple[str, str]:
        """Take off the stack's name, which cdktf puts before the first of the lines that come at once."""
        # The longest first: one name may begin another.
        for stack in sorted(self.stacks, key=len, reverse=True):
            if line.startswith(stack):
                self._speaker = stack
                return stack, line[len(stack) :].strip()
        return (self._speaker if line.startswith(" ") else ""), line.strip()

    def _collect_error(self, stack: str, line: str, *, begins: bool) -> None:
        """Keep each message that begins with `Error:`, up to the end of its box or to whatever is said next.

        Terraform draws the box only where it may use colours.
        """
        line = line.removeprefix("│").strip()
        if line.startswith("Error:"):
            self.errors.append(f"{stack}: {line}" if stack else line)
            self._open = True
        elif begins or line.startswith(("╵", "Warning:")):
            self._open = False
        elif self._open and line:
            self.errors[-1] += f"\n  {line}"
