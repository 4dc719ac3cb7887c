from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lifeboat.local.tool import Interruption, Result, run_tool
from lifeboat.processes import Process

Run = Callable[[str], Result]


@pytest.fixture
def run(tmp_path: Path, said: list[str]) -> Run:
    """Runs Python with `waiting` as the file that says it is under way."""

    def begin(script: str) -> Result:
        return run_tool(
            [sys.executable, "-c", script],
            folder=tmp_path,
            environment=dict(os.environ),
            log=tmp_path / "logs" / "tool.log",
            hear=said.append,
            began=lambda _: None,
            say=said.append,
        )

    return begin


def interrupt_when(waiting: Path, times: int = 1) -> None:
    """Press Ctrl-C once the tool is under way."""

    def press() -> None:
        deadline = time.monotonic() + 20
        while not waiting.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        for _ in range(times):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.5)

    threading.Thread(target=press, daemon=True).start()


def test_every_line_is_heard_and_the_log_has_no_colours(run: Run, said: list[str], tmp_path: Path) -> None:
    assert run("print('\\x1b[1mone\\x1b[0m'); print('two'); print('three', end=''); raise SystemExit(3)") == Result(
        code=3, interruptions=0
    )
    assert said == ["\x1b[1mone\x1b[0m", "two", "three"]
    assert (tmp_path / "logs" / "tool.log").read_text() == "one\ntwo\nthree\n"


def test_ctrl_c_reaches_terraform_and_the_tool_is_waited_for(
    run: Run, put: Callable[[str, str], Path], said: list[str], tmp_path: Path
) -> None:
    put("terraform", "#!/bin/sh\ntrap 'echo saved; exit 1' INT\n: > waiting\nwhile :; do sleep 0.05; done\n")
    interrupt_when(tmp_path / "waiting")
    script = "import subprocess, sys; sys.exit(subprocess.run(['terraform'], start_new_session=True).returncode)"
    assert run(script) == Result(code=1, interruptions=1)
    assert said == ["stopping: Terraform finishes what is under way and saves its state (again: kill it)", "saved"]


def test_where_no_terraform_runs_the_tool_itself_is_interrupted(run: Run, tmp_path: Path) -> None:
    interrupt_when(tmp_path / "waiting")
    result = run("import signal; signal.signal(2, signal.SIG_DFL); open('waiting', 'w'); import time; time.sleep(60)")
    assert result == Result(code=-2, interruptions=1)


def test_a_second_ctrl_c_kills(run: Run, tmp_path: Path) -> None:
    interrupt_when(tmp_path / "waiting", times=2)
    script = (
        "import signal, subprocess, sys, time; signal.signal(2, signal.SIG_IGN);"
        " subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        " open('waiting', 'w'); time.sleep(60)"
    )
    assert run(script) == Result(code=-9, interruptions=2)


def test_ctrl_c_while_a_tool_is_being_started_reaches_it(said: list[str]) -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    interruption = Interruption(said.append)
    interruption(signal.SIGINT, None)
    interruption.started(Process.of(child.pid))
    assert child.wait(10) != 0
    assert len(said) == 1


def test_a_tool_does_not_outlive_a_failure_of_ours(tmp_path: Path) -> None:
    began: list[Process] = []

    def fail(process: Process) -> None:
        began.append(process)
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        run_tool(
            [sys.executable, "-c", "import time; time.sleep(60)"],
            folder=tmp_path,
            environment=dict(os.environ),
            log=tmp_path / "tool.log",
            hear=print,
            began=fail,
            say=print,
        )
    assert not began[0].alive


def test_the_handlers_of_before_are_back_afterwards(run: Run) -> None:
    before = signal.getsignal(signal.SIGINT)
    run("print()")
    assert signal.getsignal(signal.SIGINT) is before
