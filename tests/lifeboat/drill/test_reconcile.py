"""Lost writes are listed: what the old region has, what clients were told, and where the old database is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from lifeboat.cli import cli
from lifeboat.failover.clients import Clients
from lifeboat.failure import Failure
from lifeboat.reconcile.compare import compare, told
from tests.lifeboat.drill.conftest import Build
from tests.lifeboat.drill.town import Town

LOST = "ord_" + "a" * 32


@pytest.fixture
def parted(build: Build) -> Iterator[Town]:
    """A system whose primary took an order that never left it."""
    town = build()
    table = town.system.names.of("table", "orders")
    item = {"pk": {"S": f"ORDER#{LOST}"}, "sk": {"S": "ORDER"}, "customer": {"S": "c"}, "placed_at": {"S": "t"}}
    town.aws.admin("PUT", f"replication/{town.primary}?paused=yes")
    town.aws("dynamodb", town.primary).put_item(TableName=table, Item=item)
    yield town
    town.aws.admin("PUT", f"replication/{town.primary}?paused=no")


def test_what_never_left_the_old_region_is_listed_until_it_arrives(parted: Town) -> None:
    clients, regions = Clients(key="drill"), {"old": parted.primary, "new": parted.standby}
    (missing,) = compare(clients, parted.system, **regions)
    assert (missing.store, missing.key) == (parted.system.names.of("table", "orders"), f"ORDER#{LOST} ORDER")
    assert missing.why == f"{parted.primary} has it"
    parted.aws.admin("PUT", f"replication/{parted.primary}?paused=no")
    assert list(compare(clients, parted.system, **regions)) == []


def test_what_clients_were_told_is_listed_by_the_id_in_their_log(parted: Town, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(json.dumps({"id": LOST}) + '\n{"other": 1}\n\n', encoding="utf-8")
    (missing,) = told(Clients(key="drill"), parted.system, new=parted.standby, log=log)
    assert (missing.key, missing.why) == (LOST, "a client was told that it is kept")
    parted.aws.admin("PUT", f"replication/{parted.primary}?paused=no")
    assert list(told(Clients(key="drill"), parted.system, new=parted.standby, log=log)) == []


@pytest.mark.parametrize(("text", "said"), [("{", "line 1 is not JSON"), ("{}\n[1]", "line 2 is no object")])
def test_a_log_that_is_none_is_a_message(parted: Town, tmp_path: Path, text: str, said: str) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(text, encoding="utf-8")
    with pytest.raises(Failure, match=said):
        list(told(Clients(key="drill"), parted.system, new=parted.standby, log=log))
    with pytest.raises(Failure, match="cannot be read"):
        list(told(Clients(key="drill"), parted.system, new=parted.standby, log=tmp_path / "none"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("moon", "mars", "allowed: us-east-1, us-west-2"),
        ("us-east-1", "us-east-1", "is the region to compare with"),
    ],
)
def test_regions_that_cannot_be_compared_are_refused(old: str, new: str, said: str) -> None:
    result = CliRunner().invoke(cli, ["reconcile", "ecommerce", "--suffix", "dev", "--from", old, "--to", new])
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output
