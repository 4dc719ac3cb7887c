"""A system per test, on one embedded AWS for the whole session."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from deployments.load import FOLDER, load
from deployments.stages import TomlTable
from lifeboat.local.embedded import launch
from tests.lifeboat.embedded.aws import Aws, Client
from tests.lifeboat.failover.rehearsal import Rehearsal
from tests.unit.variants import system

COUNTER = itertools.count()
Deploy = Callable[..., Rehearsal]


@pytest.fixture(scope="session")
def rehearsal_aws() -> Iterator[Aws]:
    """An embedded AWS of our own, since regions go dark in it; without servers of databases, so that lag is given."""
    with launch.running(databases=False) as url:
        yield Aws(url)


@pytest.fixture
def deploy(rehearsal_aws: Aws) -> Iterator[Deploy]:
    """Deploy a system under a suffix of its own, or the web shop with changes.

    Afterwards every region is light, and nobody holds concurrency.
    """
    used: set[str] = set()

    def make(
        name: str = "ecommerce", prefix: str = "pr", kind: type[Rehearsal] = Rehearsal, changes: TomlTable | None = None
    ) -> Rehearsal:
        suffix = f"{prefix}{next(COUNTER)}"
        made = kind(rehearsal_aws, system(changes, suffix=suffix) if changes else load(FOLDER / f"{name}.toml", suffix))
        used.update(plan.name for plan in made.system.regions)
        made.deploy()
        return made

    yield make
    for region in rehearsal_aws.admin("GET", "health")["dark"]:
        rehearsal_aws.admin("DELETE", f"dark/{region}")
    for region in used:
        end_machines(rehearsal_aws("stepfunctions", region))
        functions = rehearsal_aws("lambda", region)
        # An account's concurrency is shared: the next test must find all of it.
        for function in functions.list_functions()["Functions"]:
            functions.delete_function(FunctionName=function["FunctionName"])


def end_machines(states: Client) -> None:
    """End what still runs, such as who hears late of a failover: the next test counts calls to its dark region."""
    for machine in states.list_state_machines()["stateMachines"]:
        arn = machine["stateMachineArn"]
        for run in states.list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"]:
            states.stop_execution(executionArn=run["executionArn"])
        states.delete_state_machine(stateMachineArn=arn)


@pytest.fixture
def shop(deploy: Deploy) -> Rehearsal:
    """The web shop: warm standby."""
    return deploy()
