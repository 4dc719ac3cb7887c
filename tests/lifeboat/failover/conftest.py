"""A system per test, on one embedded AWS for the whole session."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from deployments.load import FOLDER, load
from lifeboat.local.embedded import launch
from tests.lifeboat.embedded.aws import Aws
from tests.lifeboat.failover.rehearsal import Rehearsal

COUNTER = itertools.count()
Deploy = Callable[..., Rehearsal]


@pytest.fixture(scope="session")
def rehearsal_aws() -> Iterator[Aws]:
    """An embedded AWS of our own, since regions go dark in it."""
    with launch.running() as url:
        yield Aws(url)


@pytest.fixture
def deploy(rehearsal_aws: Aws) -> Iterator[Deploy]:
    """Deploy a system under a suffix of its own; every region is light again afterwards."""

    def make(name: str = "ecommerce", prefix: str = "pr", kind: type[Rehearsal] = Rehearsal) -> Rehearsal:
        made = kind(rehearsal_aws, load(FOLDER / f"{name}.toml", f"{prefix}{next(COUNTER)}"))
        made.deploy()
        return made

    yield make
    for region in rehearsal_aws.admin("GET", "health")["dark"]:
        rehearsal_aws.admin("DELETE", f"dark/{region}")


@pytest.fixture
def shop(deploy: Deploy) -> Rehearsal:
    """The web shop: warm standby."""
    return deploy()
