"""Start the embedded AWS as a process of its own, and end it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SECONDS_TO_START = 60.0
SECONDS_TO_END = 5.0


@contextmanager
def running(port: int = 0, *, databases: bool = True) -> Iterator[str]:
    """Yield the URL of an embedded AWS that lives as long as the `with` block; port 0 takes a free one.

    Without `databases` RDS has a control plane only, which starts faster.

    Raises:
        RuntimeError: It did not start; the message is what it wrote to standard error.
    """
    with tempfile.TemporaryDirectory(prefix="embedded-aws-") as folder:
        ready, log = Path(folder, "ready.json"), Path(folder, "stderr")
        command = [sys.executable, "-m", "lifeboat.local.embedded.server", f"--port={port}", f"--ready-file={ready}"]
        if not databases:
            command.append("--no-databases")
        with log.open("wb") as stderr:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr)  # noqa: S603 - our own module
        try:
            yield wait_until_ready(process, ready, log)
        finally:
            end(process)


def wait_until_ready(process: subprocess.Popen[bytes], ready: Path, log: Path) -> str:
    """Return the URL from the ready-file as soon as it is there.

    Raises:
        RuntimeError: The process ended, or took longer than `SECONDS_TO_START`.
    """
    deadline = time.monotonic() + SECONDS_TO_START
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the embedded AWS did not start: {log.read_text(encoding='utf-8').strip()}")
        time.sleep(0.05)
    return str(json.loads(ready.read_text(encoding="utf-8"))["url"])


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask the process to end; kill it when it does not within `SECONDS_TO_END`."""
    process.terminate()
    try:
        process.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
