"""Containers and files take over with the rest, on the embedded AWS: planned, unplanned, twice, and back."""

from __future__ import annotations

from typing import Any

import pytest

from lifeboat.failover.clients import Clients
from lifeboat.preflight.command import SECONDS
from lifeboat.preflight.files import files
from lifeboat.preflight.findings import Level
from tests.lifeboat.failover.cart import Cart
from tests.lifeboat.failover.conftest import Deploy
from tests.unit.variants import only


@pytest.fixture
def cart(deploy: Deploy) -> Cart:
    """The shop of containers, with files: warm standby."""
    return deploy("globecart", kind=Cart)  # type: ignore[return-value] # what was asked for


def succeeded(found: dict[str, Any]) -> bool:
    assert found["status"] == "SUCCEEDED", (found.get("error"), found.get("cause"))
    return True


def test_a_planned_failover_starts_the_tasks_and_ends_the_replication(cart: Cart) -> None:
    assert (cart.tasks(cart.standby), cart.protection(cart.standby)) == ((2, 2), "REPLICATING")
    assert succeeded(cart.run(cart.standby, "planned"))
    assert (cart.tasks(cart.standby), cart.protection(cart.standby)) == ((4, 4), "ENABLED")
    assert cart.replications(cart.standby) == []
    assert (cart.writer(), cart.switch(cart.standby)) == (cart.standby, cart.standby)


def test_containers_and_files_need_nothing_of_a_region_that_is_dark(cart: Cart) -> None:
    cart.aws.admin("PUT", f"dark/{cart.primary}")
    before = len(cart.aws.admin("GET", "dark/calls"))
    assert succeeded(cart.run(cart.standby, "unplanned"))
    assert cart.aws.admin("GET", "dark/calls")[before:] == []
    assert (cart.tasks(cart.standby), cart.protection(cart.standby)) == ((4, 4), "ENABLED")


def test_what_took_over_already_is_left_alone(cart: Cart) -> None:
    cart.aws("efs", cart.standby).delete_replication_configuration(SourceFileSystemId=cart.files[cart.primary])
    cart.scale(cart.standby, at_least=6)  # busier than the description foresees
    arn = cart.start(cart.standby, "planned")
    assert succeeded(cart.ended(arn))
    assert not {"Find their source", "End the replication"} & set(cart.entered(arn))
    assert cart.tasks(cart.standby) == (4, 6)  # the fewest are those of a primary, and nobody is sent home


def test_failback_ends_the_replication_that_was_turned_round(cart: Cart) -> None:
    assert succeeded(cart.run(cart.standby, "planned"))
    cart.replicate(cart.standby, cart.primary)
    assert cart.protection(cart.primary) == "REPLICATING"
    assert succeeded(cart.run(cart.primary, "planned"))
    assert (cart.tasks(cart.primary), cart.protection(cart.primary)) == ((4, 4), "ENABLED")
    assert cart.switch(cart.primary) == cart.primary


def test_the_preflight_tells_of_files_that_nothing_replicates_and_what_to_do(
    cart: Cart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", cart.aws.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    clients = Clients(read_seconds=SECONDS)
    found = [only(list(files(clients, cart.system, plan))) for plan in cart.system.regions]
    assert [each.level for each in found] == [Level.OK, Level.OK]
    assert found[0].found.startswith("ENABLED, last synchronised ")
    cart.aws("efs", cart.standby).delete_replication_configuration(SourceFileSystemId=cart.files[cart.primary])
    lost = only(list(files(clients, cart.system, cart.system.standbys[0])))
    own = cart.files[cart.standby]
    assert (lost.level, lost.found) == (Level.PROBLEM, f"{own} is in none")
    assert f"--region {cart.standby} --file-system-id {own} --replication-overwrite-protection DISABLED" in lost.fix
