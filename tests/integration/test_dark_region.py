"""A standby owes nothing to the region it replaces: every region can be planned while any other answers nothing."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.integration.system import System, Way

STACKS = "LIFEBOAT_STACKS"
NO_CHANGES = 0


@pytest.fixture
def stacks() -> Path:
    """The folder with the stacks' working folders, initialised by the deploy."""
    folder = os.environ.get(STACKS)
    if not folder:
        pytest.skip(f"{STACKS} is not set: `lifeboat local verify` sets it to the folder of the deployed stacks")
    return Path(folder)


@contextmanager
def dark(system: System, region: str) -> Iterator[None]:
    """Let a region of the embedded AWS answer nothing for a while."""
    _switch(system, "PUT", f"dark/{region}")
    try:
        yield
    finally:
        _switch(system, "DELETE", f"dark/{region}")


def _switch(system: System, method: str, path: str) -> Any:  # noqa: ANN401 any JSON
    if system.target.endpoint is None:
        pytest.skip("--target aws: no region of AWS is darkened for a test")
    request = urllib.request.Request(f"{system.target.endpoint}/lifeboat/{path}", method=method)  # noqa: S310 loopback
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 loopback
        return json.load(response)


def plan(folder: Path) -> subprocess.CompletedProcess[str]:
    """Ask Terraform what it would change in a stack."""
    command = ["terraform", "plan", "-detailed-exitcode", "-input=false", "-no-color"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603 our own


def test_a_region_is_planned_without_error_or_change_while_another_is_dark(
    system: System, stacks: Path, way: Way
) -> None:
    lit, gone = way.target, way.source
    before = len(_switch(system, "GET", "dark/calls"))
    with dark(system, gone.name):
        planned = plan(stacks / lit.outputs.stack)
    assert planned.returncode == NO_CHANGES, planned.stdout[-3000:] + planned.stderr[-3000:]
    assert _switch(system, "GET", "dark/calls")[before:] == []
