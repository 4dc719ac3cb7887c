"""Servers for the tests: one embedded AWS and one plain moto for the whole session, each a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from lifeboat.local.embedded import launch
from lifeboat.local.embedded.postgres.binaries import UnavailableError, find_binaries
from lifeboat.local.embedded.server import HOST, MOTO_SETTINGS
from tests.lifeboat.embedded.aws import Aws
from tests.lifeboat.embedded.databases import skip_without


@pytest.fixture(scope="session")
def embedded_aws() -> Iterator[Aws]:
    """The embedded AWS, with every gap filled. Its databases have a control plane only: most tests need no more."""
    with launch.running(databases=False) as url:
        yield Aws(url)


@pytest.fixture(scope="session")
def databases_aws() -> Iterator[Aws]:
    """An embedded AWS whose databases are servers. Where PostgreSQL is missing its tests are skipped, but not in CI."""
    skip_without(UnavailableError, find_binaries)
    with launch.running() as url:
        yield Aws(url)


@pytest.fixture(scope="session")
def plain_moto() -> Iterator[Aws]:
    """The moto server as it comes, with the same settings."""
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(  # noqa: S603 - moto itself
        [sys.executable, "-m", "moto.server", "-H", HOST, "-p", str(port)],
        env=os.environ | MOTO_SETTINGS,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port)
        yield Aws(f"http://{HOST}:{port}")
    finally:
        launch.end(process)


def wait_for(port: int) -> None:
    deadline = time.monotonic() + launch.SECONDS_TO_START
    while time.monotonic() < deadline:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("moto did not start")
