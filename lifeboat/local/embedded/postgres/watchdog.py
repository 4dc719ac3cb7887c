"""Ends the PostgreSQL servers of an embedded AWS that was killed, and removes their folder.

Started as a script by `fleet`: standard library only. Its standard input is a pipe that the embedded AWS holds open;
the system closes it when that process ends, however it ends. What `fleet` removed itself is then gone already.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time

SECONDS = 20.0
PAUSE = 0.05
OURS = frozenset({"postgres", "initdb", "pg_basebackup", "cp"})
"""What `fleet` starts. Whoever only looks at the folder is left alone."""


def running(folder: str) -> list[int]:
    """Return the processes that serve from the folder, or were making a server in it."""
    listed = subprocess.run(["/bin/ps", "-A", "-o", "pid=,args="], capture_output=True, text=True, check=False)
    found = []
    for line in listed.stdout.splitlines():
        pid, program, *arguments = line.split()
        if program.rsplit("/", 1)[-1] in OURS and any(folder in argument for argument in arguments):
            found.append(int(pid))
    return found


def main(folder: str) -> None:
    """Wait for the end of the embedded AWS, then leave nothing of its servers behind."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.stdin.buffer.read()
    deadline = time.monotonic() + SECONDS
    number = signal.SIGQUIT  # PostgreSQL's immediate shutdown: its children end with it
    while (left := running(folder)) or os.path.exists(folder):  # noqa: PTH110 - no pathlib: it doubles the memory
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        if not left:
            shutil.rmtree(folder, ignore_errors=True)
        if time.monotonic() > deadline:
            return
        if time.monotonic() > deadline - SECONDS / 2:
            number = signal.SIGKILL
        time.sleep(PAUSE)


if __name__ == "__main__":
    main(sys.argv[1])
