"""A workspace of its own for each test, stand-ins for cdktf and Terraform, and an embedded AWS for the session."""

from __future__ import annotations

import os
import signal
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deployments.load import load
from deployments.system import System
from lifeboat.local import server as servers
from lifeboat.local.server import EmbeddedAws
from lifeboat.workspace import PROJECT, Workspace
from tests.lifeboat import fakes

# Where tests run in the background of a script, Ctrl-C is ignored, and so it is by everything that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

DESCRIPTION = """
name = "tiny"
strategy = "backup-restore"
objectives = { rto_seconds = 86400, rpo_seconds = 86400 }
domain.zone = "example.com"
state.bucket_prefix = "tiny-state"
alarms.runbook_url = "https://runbooks.example.com"
backup.retention_days = 7
regions = [{ name = "us-east-1" }]
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A checkout with nothing in it."""
    project = tmp_path / "project"
    project.mkdir()
    return Workspace(project=project, folder=project / ".lifeboat")


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """Put a stand-in for a tool on the PATH, alone but for what the system has."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")

    def write(name: str, script: str) -> Path:
        return executable(folder / name, script)

    return write


@pytest.fixture
def tools(workspace: Workspace, put: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Stand-ins for Terraform, Node and cdktf that pass the check of tools; `fakes.py` says what cdktf does."""
    put("terraform", fakes.TERRAFORM)
    put("node", "#!/bin/sh\necho v20.20.2\n")
    bin_ = workspace.project / "node_modules" / ".bin"
    bin_.mkdir(parents=True)
    executable(bin_ / "cdktf", f"#!{sys.executable}\n{fakes.CDKTF}")
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    return workspace


@pytest.fixture
def system(tmp_path: Path) -> System:
    """A system in one region, as small as one can be."""
    path = tmp_path / "tiny.toml"
    path.write_text(DESCRIPTION, encoding="utf-8")
    return load(path, "dev")


@pytest.fixture(scope="session")
def session_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, EmbeddedAws]]:
    """An embedded AWS that is started once."""
    space = Workspace(project=PROJECT, folder=tmp_path_factory.mktemp("lifeboat"))
    yield space, servers.start(space)
    servers.stop(space)


@pytest.fixture
def embedded(session_server: tuple[Workspace, EmbeddedAws], workspace: Workspace) -> EmbeddedAws:
    """That embedded AWS, on record in this test's workspace."""
    space, server = session_server
    workspace.folder.mkdir(parents=True, exist_ok=True)
    workspace.server_record.write_bytes(space.server_record.read_bytes())
    return server


@pytest.fixture
def said() -> list[str]:
    """What a command said; its `append` is the `say`."""
    return []


def executable(path: Path, script: str) -> Path:
    """Write a script that can be run."""
    path.write_text(script, encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path
