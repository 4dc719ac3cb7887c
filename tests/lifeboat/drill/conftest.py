"""One embedded AWS for all drills of a session, and systems in it that clients can use."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deployments.load import FOLDER, load
from lifeboat.drill.embedded import EmbeddedSurroundings
from lifeboat.drill.recovery import Recovery
from lifeboat.drill.stage import Stage
from lifeboat.failover.clients import Clients
from lifeboat.local.embedded import launch
from tests.lifeboat.drill.town import Break, Town
from tests.lifeboat.embedded.aws import Aws

COUNTER = itertools.count()
SPEED = 10
PATIENCE_SECONDS = 90
Build = Callable[..., Town]


def without_database() -> str:
    """Return the web shop as it is described, without its database and what needs one."""
    text = (FOLDER / "ecommerce.toml").read_text(encoding="utf-8")
    parts = text.split("\n[")
    kept = [part for part in parts if not part.startswith(("database]", "buckets", "backup]"))]
    lines = "\n[".join(kept).splitlines()
    return "\n".join(line for line in lines if not line.startswith(("database.", "bucket ="))) + "\n"


@pytest.fixture(scope="session")
def drill_aws() -> Iterator[Aws]:
    with launch.running() as url:
        aws = Aws(url)
        yield aws
        failed = aws.admin("GET", "failures")
        assert [call for call in failed if not call["error"].startswith("asked again")] == []


@pytest.fixture
def build(drill_aws: Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    """Deploy a system with clients, its machines changed on purpose where a test asks for it."""
    for name, value in {"AWS_ACCESS_KEY_ID": "drill", "AWS_SECRET_ACCESS_KEY": "test"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", drill_aws.url)

    def make(mend: Break | None = None) -> Town:
        path = tmp_path / "ecommerce.toml"
        path.write_text(without_database(), encoding="utf-8")
        assert "database" not in tomllib.loads(path.read_text(encoding="utf-8"))
        system = load(path, f"pr{next(COUNTER)}")
        town = Town(drill_aws, system, mend) if mend else Town(drill_aws, system)
        town.deploy()
        return town

    return make


def stage_of(town: Town, say: Callable[[str], None] = print) -> Stage:
    """Return the stage of a system."""
    return Stage(
        system=town.system,
        surroundings=EmbeddedSurroundings(town.aws.url, speed=SPEED),
        clients=Clients(key="drill", read_seconds=30),
        recovery=Recovery(Clients(key="operator", read_seconds=30), town.system),
        terraform=None,
        patience_seconds=PATIENCE_SECONDS,
        say=say,
    )
