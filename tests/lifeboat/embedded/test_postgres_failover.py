"""What becomes of the servers when the writer moves or a region is dark: what is kept, what is lost, who follows."""

from __future__ import annotations

import pg8000.exceptions
import pytest

from tests.lifeboat.embedded.answers import refusal as answer_to
from tests.lifeboat.embedded.aurora import EAST, ENGINE, WEST, Global, cluster, new_instance
from tests.lifeboat.embedded.aws import Aws, eventually
from tests.lifeboat.embedded.databases import ALL, ONE, REFUSED, TABLE, ask, connected, rows_if_any


def test_a_connection_does_not_survive_the_loss_of_its_writer(databases_aws: Aws) -> None:
    group = Global.new(databases_aws)
    with connected(databases_aws, cluster(databases_aws, group.primary)["Endpoint"]) as connection:
        group.move("switchover_global_cluster", WEST, WEST)
        with pytest.raises((pg8000.exceptions.InterfaceError, OSError)):
            connection.run("SELECT 1")


def test_a_failover_with_loss_takes_over_at_once_and_the_old_writer_follows_when_it_is_back(databases_aws: Aws) -> None:
    aws, group = databases_aws, Global.new(databases_aws)
    endpoint, east, west = (
        group.describe()["Endpoint"],
        cluster(databases_aws, group.primary)["Endpoint"],
        cluster(databases_aws, group.secondary, WEST)["Endpoint"],
    )
    ask(aws, endpoint, TABLE, ONE)
    assert eventually(lambda: rows_if_any(aws, west)) == [["lifeboat", 1]]
    aws.admin("PUT", f"dark/{WEST}")
    ask(aws, endpoint, "UPDATE stock SET pieces = 99")  # acknowledged, and on its way nowhere
    aws.admin("PUT", f"dark/{EAST}")
    aws.admin("DELETE", f"dark/{WEST}")
    try:
        assert "in sync" in answer_to(lambda: group.move("switchover_global_cluster", WEST, WEST))
        group.move("failover_global_cluster", WEST, WEST, AllowDataLoss=True)
        assert ask(aws, endpoint, "UPDATE stock SET pieces = pieces + 1", ALL) == [["lifeboat", 2]]
        with pytest.raises(REFUSED):
            ask(aws, east, "SELECT 1")
    finally:
        aws.admin("DELETE", f"dark/{EAST}")
    assert eventually(lambda: rows_if_any(aws, east)) == [["lifeboat", 2]]
    with pytest.raises(pg8000.exceptions.DatabaseError, match="read-only transaction"):
        ask(aws, east, "DELETE FROM stock")
    assert lost_rows(aws, group.primary) == [["lifeboat", 99]]


def test_an_old_writer_that_is_left_behind_takes_nothing_even_while_no_new_content_reaches_it(
    databases_aws: Aws,
) -> None:
    aws, group = databases_aws, Global.new(databases_aws)
    east = cluster(aws, group.primary)["Endpoint"]
    ask(aws, group.describe()["Endpoint"], TABLE, ONE)
    aws.admin("PUT", f"replication/{EAST}?paused=yes")
    aws.admin("PUT", f"dark/{EAST}")
    try:
        group.move("failover_global_cluster", WEST, WEST, AllowDataLoss=True)
        aws.admin("DELETE", f"dark/{EAST}")
        with pytest.raises(REFUSED):
            ask(aws, east, "SELECT 1")
    finally:
        aws.admin("DELETE", f"dark/{EAST}")
        aws.admin("PUT", f"replication/{EAST}?paused=no")
    assert eventually(lambda: rows_if_any(aws, east) is not None)


def lost_rows(aws: Aws, name: str) -> list[list[object]]:
    """Restore the snapshot that was taken of an old writer before its content was replaced, and read it."""
    rds, restored = aws("rds"), aws.name("lost")
    snapshots = rds.describe_db_cluster_snapshots(DBClusterIdentifier=name)["DBClusterSnapshots"]
    (kept,) = [one for one in snapshots if "unplanned-global-failover" in one["DBClusterSnapshotIdentifier"]]
    identifier = kept["DBClusterSnapshotIdentifier"]
    rds.restore_db_cluster_from_snapshot(DBClusterIdentifier=restored, SnapshotIdentifier=identifier, Engine=ENGINE)
    new_instance(aws, restored)
    return ask(aws, cluster(aws, restored)["Endpoint"], ALL)


def test_what_waited_while_a_standby_was_dark_arrives_when_it_is_lit(databases_aws: Aws) -> None:
    aws, group = databases_aws, Global.new(databases_aws)
    west = cluster(aws, group.secondary, WEST)["Endpoint"]
    aws.admin("PUT", f"dark/{WEST}")
    try:
        ask(aws, group.describe()["Endpoint"], TABLE, ONE)
        with pytest.raises(REFUSED):
            ask(aws, west, "SELECT 1")
    finally:
        aws.admin("DELETE", f"dark/{WEST}")
    assert eventually(lambda: rows_if_any(aws, west)) == [["lifeboat", 1]]
