from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lifeboat.processes import Process, end, interrupt_terraform, wait_until_gone

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)",
]

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a process that does not outlive the test."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(*command: str) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True))  # noqa: S603 the test's own
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def test_this_process_is_alive_and_survives_a_record() -> None:
    own = Process.of(os.getpid())
    assert own.alive
    assert Process.from_record(own.as_record()) == own


def test_a_number_that_now_belongs_to_another_process_is_not_it() -> None:
    assert not Process(pid=os.getpid(), born="Thu Jan  1 00:00:00 1970").alive
    assert not Process(pid=os.getpid(), born="").alive


@pytest.mark.parametrize("record", [None, {}, {"pid": "1", "born": ""}, [1]])
def test_a_record_of_something_else_is_no_process(record: object) -> None:
    assert Process.from_record(record) is None


def test_a_process_that_only_awaits_its_parent_is_dead(start: Start) -> None:
    child = start(*SLEEP)
    process = Process.of(child.pid)
    child.kill()
    assert wait_until_gone([process], 5)
    process.signal(signal.SIGTERM)


def test_a_process_that_does_not_end_in_time_is_killed(start: Start) -> None:
    child = start(*DEAF)
    assert child.stdout
    child.stdout.readline()
    process = Process.of(child.pid)
    end(process, 0.3)
    assert not process.alive
    assert child.wait() == -9


def test_terraform_is_interrupted_wherever_it_runs_below(
    start: Start, put: Callable[[str, str], Path], tmp_path: Path
) -> None:
    put("terraform", "#!/bin/sh\ntrap 'exit 3' INT\n: > \"$1\"\nwhile :; do sleep 0.05; done\n")
    waiting = tmp_path / "waiting"
    run = f"subprocess.run(['terraform', {str(waiting)!r}], start_new_session=True)"
    script = f"import subprocess, sys; sys.exit({run}.returncode)"
    child = start(sys.executable, "-c", script)
    while not waiting.exists():
        time.sleep(0.02)
    root = Process.of(child.pid)
    assert "terraform" in [program for _, program in root.descendants()]
    assert interrupt_terraform(root)
    assert child.wait(5) == 3


def test_without_terraform_there_is_nothing_to_interrupt(start: Start) -> None:
    assert not interrupt_terraform(Process.of(start(*SLEEP).pid))
