"""Runs a tool: its whole output to a log, its progress to the person, an interruption to Terraform."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from lifeboat.local.progress import plain
from lifeboat.processes import Process, end, interrupt_terraform

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SECONDS_TO_END = 10.0
POLL_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a tool ended.

    Attributes:
        code: Its exit code.
        interruptions: How often it was asked to stop: 1 let it finish, 2 killed it.
    """

    code: int
    interruptions: int


@dataclass
class Interruption:
    """What Ctrl-C does while a tool runs: the first asks it to stop, the second kills it.

    Attributes:
        say: Prints one line to the person who waits.
        child: The tool. None: it is just being started, and hears of the interruption as soon as it runs.
        count: Interruptions so far.
    """

    say: Callable[[str], None]
    child: Process | None = None
    count: int = 0

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        """Handle the signal."""
        self.count += 1
        if self.child:
            self._pass_on(self.child)

    def started(self, child: Process) -> None:
        """Know the tool from now on."""
        self.child = child
        if self.count:
            self._pass_on(child)

    def _pass_on(self, child: Process) -> None:
        if self.count == 1:
            self.say("stopping: Terraform finishes what is under way and saves its state (again: kill it)")
            if not interrupt_terraform(child):
                child.signal(signal.SIGINT)
            return
        for process in (*(below for below, _ in child.descendants()), child):
            process.signal(signal.SIGKILL)


def run_tool(
    command: Sequence[str | Path],
    *,
    folder: Path,
    environment: dict[str, str],
    log: Path,
    hear: Callable[[str], None],
    began: Callable[[Process], None],
    say: Callable[[str], None],
) -> Result:
    """Run a tool to its end.

    Args:
        command: Program and arguments.
        folder: Where it runs.
        environment: Its whole environment.
        log: File that gets all of its output; without colours once it has ended.
        hear: Called with every line.
        began: Called as soon as it runs.
        say: Prints one line to the person who waits.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    interruption = Interruption(say)
    with log.open("wb") as output, _handled(interruption):
        # To a file and not through a pipe: a tool must not break because this process was killed, else Terraform
        # could not save its state.
        child = subprocess.Popen(  # noqa: S603 a tool of this project with arguments of our own
            [str(part) for part in command],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # the terminal's Ctrl-C comes to us alone, and we pass on what it means
        )
        process = Process.of(child.pid)
        interruption.started(process)
        try:
            began(process)
            for line in _lines(child, log):
                hear(line)
        except BaseException:
            end(process, SECONDS_TO_END)
            raise
        finally:
            child.wait()
    log.write_text("".join(f"{plain(line)}\n" for line in _text(log).splitlines()), encoding="utf-8")
    return Result(code=child.returncode, interruptions=interruption.count)


def _lines(child: subprocess.Popen[bytes], log: Path) -> Iterator[str]:
    """Yield what a tool prints as it comes, until the tool has ended."""
    with log.open(encoding="utf-8", errors="replace") as file:
        rest = ""
        while True:
            ended = child.poll() is not None
            *lines, rest = (rest + file.read()).split("\n")
            yield from lines
            if ended:
                break
            time.sleep(POLL_SECONDS)
        if rest:
            yield rest


def _text(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def _handled(interruption: Interruption) -> Iterator[None]:
    before = {number: signal.signal(number, interruption) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
