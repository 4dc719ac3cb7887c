"""The processes that functions run in: started isolated, known while they run, ended with everything they started."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO

BOOTSTRAP = Path(__file__).with_name("lambda_bootstrap.py")

Process = subprocess.Popen[bytes]


class Processes:
    """The invocations that run now, so that none outlives the server."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()

    def add(self, process: subprocess.Popen[bytes]) -> None:
        """Remember a process."""
        with self._lock:
            self._running.add(process)

    def end(self, process: subprocess.Popen[bytes], patience: float = 0) -> int:
        """Kill a process with everything that it started, after so many seconds; return its exit status."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        status = process.wait()
        with self._lock:
            self._running.discard(process)
        return status

    def end_all(self) -> None:
        """Kill everything that runs."""
        with self._lock:
            running = tuple(self._running)
        for process in running:
            self.end(process)


PROCESSES = Processes()


def launched(folder: Path, environment: Mapping[str, str], order: object, log: IO[bytes], result_fd: int) -> Process:
    """Start an environment and hand it its first order."""
    # -I -S: nothing of the server's own environment, folders or installed packages can be imported.
    process = subprocess.Popen(  # noqa: S603 - running the user's function is the purpose
        [sys.executable, "-I", "-S", str(BOOTSTRAP)],
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        pass_fds=(result_fd,),
        start_new_session=True,
    )
    PROCESSES.add(process)
    if process.stdin:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(order).encode() + b"\n")
            process.stdin.flush()
    return process
