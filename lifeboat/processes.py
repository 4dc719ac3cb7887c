"""Processes by number and birth: a number alone may by now belong to somebody else."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

POLL_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True)
class Process:
    """A process that can be recognised again.

    Attributes:
        pid: Its number.
        born: When it started, as the system tells it. Empty: it was gone already.
    """

    pid: int
    born: str

    @classmethod
    def of(cls, pid: int) -> Process:
        """Describe a process that runs now."""
        return cls(pid=pid, born=birth(pid))

    @classmethod
    def from_record(cls, record: object) -> Process | None:
        """Read what `as_record` wrote. None: something else."""
        match record:
            case {"pid": int(pid), "born": str(born)}:
                return cls(pid=pid, born=born)
        return None

    def as_record(self) -> dict[str, int | str]:
        """Return it for a JSON file."""
        return {"pid": self.pid, "born": self.born}

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        return bool(self.born) and birth(self.pid) == self.born

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, unless the process is gone."""
        if self.alive:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def descendants(self) -> list[tuple[Process, str]]:
        """List its children and theirs, each with the name of its program."""
        children: dict[int, list[tuple[int, str]]] = {}
        for line in _ps("-A", "-o", "pid=,ppid=,comm=").splitlines():
            number, parent, program = line.split(maxsplit=2)
            children.setdefault(int(parent), []).append((int(number), program.rsplit("/", 1)[-1]))
        found: list[tuple[Process, str]] = []
        waiting = [self.pid]
        while waiting:
            for pid, program in children.get(waiting.pop(), []):
                found.append((Process.of(pid), program))
                waiting.append(pid)
        return found


def birth(pid: int) -> str:
    """Return when a process started, in the system's words. Empty: no such process, or only its exit code is left."""
    state, _, born = _ps("-o", "state=,lstart=", "-p", str(pid)).strip().partition(" ")
    return "" if state.startswith("Z") else born.strip()


def wait_until_gone(processes: Iterable[Process], seconds: float) -> bool:
    """Wait for processes to end; tell whether they did in time."""
    waiting = list(processes)
    deadline = time.monotonic() + seconds
    while waiting := [process for process in waiting if process.alive]:
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def end(process: Process, seconds: float) -> None:
    """Ask a process to end (SIGTERM), and kill it when it does not in time."""
    process.signal(signal.SIGTERM)
    if not wait_until_gone([process], seconds):
        process.signal(signal.SIGKILL)
        wait_until_gone([process], seconds)


def interrupt_terraform(root: Process) -> bool:
    """Ask every Terraform below a process to stop, which makes it save its state and give back its lock.

    cdktf runs Terraform in a session of its own, where the terminal's Ctrl-C does not arrive, and ends without waiting
    for it: hence the signal goes to Terraform alone, and cdktf then reports the failure.

    Returns:
        Whether there was one.
    """
    running = [process for process, program in root.descendants() if program == "terraform"]
    for process in running:
        process.signal(signal.SIGINT)
    return bool(running)


def _ps(*arguments: str) -> str:
    """Ask `ps`, the one way to look at processes that Linux and macOS share."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
    return subprocess.run(  # noqa: S603 the arguments are our own
        ["ps", *arguments],  # noqa: S607 found on PATH like everywhere
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    ).stdout
