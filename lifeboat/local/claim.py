"""One run at a time for each copy, and what a run that was killed leaves to the next one."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from lifeboat.failure import Failure
from lifeboat.processes import Process, end, interrupt_terraform, wait_until_gone
from lifeboat.workspace import Workspace, read_record, write_json

Action = Literal["deploy", "destroy"]

SECONDS_TO_SAVE = 120.0
"""How long Terraform may take to finish what is under way and to save its state."""
SECONDS_TO_END = 10.0


@dataclass(kw_only=True)
class Claim:
    """The right to change a copy, as long as the `with` block of `claimed` lasts.

    Attributes:
        path: The record, which outlives a run that is killed.
        copy: The copy.
        action: What is being done.
        process: Who does it.
        since: When it began.
        after: The run before it, if that was killed.
        keep: Leave the record behind: the next run has to clean up after this one.
    """

    path: Path
    copy: str
    action: Action
    process: Process
    since: datetime
    after: Claim | None = None
    keep: bool = False
    child: Process | None = field(default=None)

    def begin(self, child: Process) -> None:
        """Record the tool that works for this run."""
        self.child = child
        write_json(self.path, self.as_record())

    def as_record(self) -> dict[str, object]:
        """Return it for the JSON file."""
        return {
            "copy": self.copy,
            "action": self.action,
            "since": self.since.isoformat(),
            "process": self.process.as_record(),
            "child": self.child.as_record() if self.child else None,
        }

    def __str__(self) -> str:
        return f"{self.action} of {self.copy} (process {self.process.pid}, since {self.since:%Y-%m-%d %H:%M:%S} UTC)"


@contextmanager
def claimed(
    workspace: Workspace, copy: str, action: Action, own: Process, say: Callable[[str], None]
) -> Iterator[Claim]:
    """Claim a copy. Where the run before was killed, what still works for it is asked to stop first.

    Raises:
        Failure: Another run is at it right now.
    """
    path = workspace.run_record(copy)
    before = read_claim(path)
    if before and before.process.alive:
        raise Failure(f"{before} is still running: wait for it, or stop it with Ctrl-C where it runs")
    if before:
        say(f"  the {before} was killed; going on from what it left")
        settle(before, say)
        path.unlink(missing_ok=True)
    claim = Claim(path=path, copy=copy, action=action, process=own, since=datetime.now(UTC), after=before)
    _write_new(claim)
    try:
        yield claim
    finally:
        if not claim.keep:
            path.unlink(missing_ok=True)


def read_claim(path: Path) -> Claim | None:
    """Read the record of a run. None: there is none, or none that can be read."""
    record = read_record(path) or {}
    process = Process.from_record(record.get("process"))
    match record:
        case {"copy": str(copy), "action": "deploy" | "destroy" as action, "since": str(since)} if process:
            return Claim(
                path=path,
                copy=copy,
                action=action,
                process=process,
                since=datetime.fromisoformat(since),
                child=Process.from_record(record.get("child")),
            )
    return None


def settle(dead: Claim, say: Callable[[str], None]) -> None:
    """Let the tools of a run that was killed save their state, and end them."""
    child = dead.child
    if child is None or not child.alive:
        return
    say("  its Terraform still runs: waiting until it has saved its state")
    below = [process for process, _ in child.descendants()]
    if not interrupt_terraform(child):
        child.signal(signal.SIGINT)
    if not wait_until_gone([child, *below], SECONDS_TO_SAVE):
        for process in (child, *below):
            end(process, SECONDS_TO_END)


def _write_new(claim: Claim) -> None:
    """Write the record unless somebody was faster."""
    claim.path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with claim.path.open("x", encoding="utf-8") as file:
            json.dump(claim.as_record(), file)
    except FileExistsError:
        raise Failure(f"another run has just begun with {claim.copy}: wait for it") from None
