"""The embedded AWS as a background process: started, found again, ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lifeboat.failure import Failure
from lifeboat.local.environment import FOREIGN
from lifeboat.processes import Process, end
from lifeboat.workspace import Workspace, read_record, write_json

SECONDS_TO_START = 60.0
SECONDS_TO_END = 10.0
SECONDS_TO_ANSWER = 30.0
POLL_SECONDS = 0.1

Thing = dict[str, str]
"""One thing of the census: service, region, kind, id."""


@dataclass(frozen=True, kw_only=True)
class EmbeddedAws:
    """An embedded AWS that was started.

    Attributes:
        url: Where it answers.
        port: The port of that.
        process: The process that answers.
    """

    url: str
    port: int
    process: Process

    def answers(self) -> bool:
        """Whether it runs and answers."""
        try:
            return self.process.alive and isinstance(self.get("health"), dict)
        except Failure:
            return False

    def census(self) -> list[Thing]:
        """List everything that exists in it.

        Raises:
            Failure: It does not answer.
        """
        found = self.get("census")
        return found if isinstance(found, list) else []

    def failures(self) -> list[str]:
        """List the calls that it failed on by a fault of its own, one line each; none when it does not answer."""
        try:
            found = self.get("failures")
        except Failure:
            return []
        calls = found if isinstance(found, list) else []
        return [f"{call['service']} {call['action']} in {call['region']}: {call['error']}" for call in calls]

    def get(self, path: str) -> object:
        """Call one of its own endpoints.

        Raises:
            Failure: It does not answer, or not with JSON.
        """
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.url}/lifeboat/{path}", timeout=SECONDS_TO_ANSWER) as answer:
                return json.load(answer)
        except (OSError, ValueError) as error:
            raise Failure(f"the embedded AWS at {self.url} does not answer {path}: {error}") from None


def recorded(workspace: Workspace) -> EmbeddedAws | None:
    """Return the embedded AWS on record, running or not. None: there is no record, or none that can be read."""
    record = read_record(workspace.server_record) or {}
    process = Process.from_record(record.get("process"))
    match record:
        case {"url": str(url), "port": int(port)} if process:
            return EmbeddedAws(url=url, port=port, process=process)
    return None


def remember_own(workspace: Workspace, ids: Iterable[str]) -> None:
    """Add to the record what bootstrap made, which is there as long as the embedded AWS is."""
    record = read_record(workspace.server_record) or {}
    write_json(workspace.server_record, {**record, "own": sorted({*own(workspace), *ids})})


def own(workspace: Workspace) -> set[str]:
    """Return the ids of what bootstrap made."""
    found = (read_record(workspace.server_record) or {}).get("own", [])
    return {str(each) for each in found} if isinstance(found, list) else set()


def running(workspace: Workspace) -> EmbeddedAws:
    """Return the embedded AWS that runs.

    Raises:
        Failure: None was started, or it ended on its own.
    """
    server = recorded(workspace)
    if server is None:
        raise Failure("the embedded AWS is not running; `lifeboat local up` starts it")
    if not server.process.alive:
        raise Failure(died(server, workspace))
    return server


def died(server: EmbeddedAws, workspace: Workspace) -> str:
    """Say that the embedded AWS ended on its own, and what that means."""
    return (
        f"the embedded AWS (process {server.process.pid}, {server.url}) has ended on its own, and everything in it is"
        f" gone; its last words are in {workspace.shown(workspace.server_log)}; `lifeboat local up` starts an empty one"
    )


def start(workspace: Workspace, port: int = 0) -> EmbeddedAws:
    """Start an embedded AWS in the background and record it. Port 0 takes a free one.

    Raises:
        Failure: The port is taken, or it does not start.
    """
    ready = workspace.folder / "ready.json"
    ready.parent.mkdir(parents=True, exist_ok=True)
    ready.unlink(missing_ok=True)
    workspace.server_log.parent.mkdir(parents=True, exist_ok=True)
    module = "lifeboat.local.embedded.server"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    with workspace.server_log.open("wb") as log:
        child = subprocess.Popen(  # noqa: S603 our own module
            [sys.executable, "-m", module, f"--port={port}", f"--ready-file={ready}"],
            cwd=workspace.project,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # the terminal's Ctrl-C is not meant for it
        )
    server = _wait(child, ready, port, workspace)
    write_json(workspace.server_record, {"url": server.url, "port": server.port, "process": server.process.as_record()})
    ready.unlink(missing_ok=True)
    return server


def stop(workspace: Workspace) -> EmbeddedAws | None:
    """End the embedded AWS on record and forget it. Returns what was on record; None: nothing was."""
    server = recorded(workspace)
    if server:
        end(server.process, SECONDS_TO_END)
    workspace.server_record.unlink(missing_ok=True)
    return server


def _wait(child: subprocess.Popen[bytes], ready: Path, port: int, workspace: Workspace) -> EmbeddedAws:
    process = Process.of(child.pid)
    deadline = time.monotonic() + SECONDS_TO_START
    while not ready.exists():
        if child.poll() is not None:
            raise Failure(_why_not(port, workspace))
        if time.monotonic() > deadline:
            end(process, SECONDS_TO_END)
            child.wait()
            raise Failure(
                f"the embedded AWS did not start within {SECONDS_TO_START:.0f} s;"
                f" see {workspace.shown(workspace.server_log)}"
            )
        time.sleep(POLL_SECONDS)
    found = json.loads(ready.read_text(encoding="utf-8"))
    child.returncode = 0  # it outlives this command on purpose: Python need not warn that nobody waited for it
    return EmbeddedAws(url=found["url"], port=found["port"], process=process)


def _why_not(port: int, workspace: Workspace) -> str:
    said = workspace.server_log.read_text(encoding="utf-8", errors="replace").strip()
    if "cannot listen on port" in said:
        return (
            f"port {port} is taken by another program: end that program, choose another port with `--port`,"
            " or leave `--port` out to get a free one"
        )
    last = said.splitlines()[-1] if said else "it said nothing"
    return f"the embedded AWS did not start: {last}; all of it is in {workspace.shown(workspace.server_log)}"
