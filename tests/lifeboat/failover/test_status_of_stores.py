"""What a status tells of files, containers and buckets: whether copies come, how old they are, and what is wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from lifeboat.failover.clients import Clients
from lifeboat.failover.status import Status, gather, last_known_lag
from lifeboat.failover.status_view import view
from lifeboat.preflight.command import SECONDS
from tests.lifeboat.failover.cart import Cart
from tests.lifeboat.failover.conftest import Deploy
from tests.lifeboat.failover.rehearsal import ACCOUNT, Rehearsal


@pytest.fixture
def cart(deploy: Deploy, monkeypatch: pytest.MonkeyPatch) -> Cart:
    """The shop of containers, with files."""
    made = deploy("globecart", kind=Cart)
    monkeypatch.setenv("AWS_ENDPOINT_URL", made.aws.url)
    return made  # type: ignore[return-value] # what was asked for


def asked(town: Rehearsal) -> Status:
    return gather(Clients(key="test", read_seconds=SECONDS), town.system)


def drawn(town: Rehearsal, status: Status) -> str:
    console = Console(width=200)
    with console.capture() as caught:
        console.print(view(town.system, status))
    return " ".join(caught.get().split())


def test_tasks_and_the_age_of_the_files_are_told(cart: Cart) -> None:
    status = asked(cart)
    here, there = (status.region(name).answers for name in (cart.primary, cart.standby))
    assert here["containers"] == {"status": "ACTIVE", "running": 4, "wanted": 4}
    assert there["containers"] == {"status": "ACTIVE", "running": 2, "wanted": 2}
    assert here["files"]["status"] == there["files"]["status"] == "ENABLED"
    assert (there["files"]["file_system"], there["files"]["from"]) == (cart.files[cart.standby], cart.primary)
    assert 0 <= there["files"]["lag_seconds"] < 300
    assert last_known_lag(status, cart.standby) == pytest.approx(there["files"]["lag_seconds"])
    told = drawn(cart, status)
    assert "ACTIVE, 2 of 2 tasks" in told
    assert f"ENABLED, from {cart.primary}" in told


def test_health_is_told_of_containers_too_and_not_who_was_replaced(cart: Cart) -> None:
    asks = {"FullyQualifiedDomainName": cart.system.regional_hostname(cart.standby), "Port": 443}
    searches = {"Type": "HTTPS_STR_MATCH", "SearchString": '"unaware":"', "Inverted": True}
    for kind in ({"Type": "HTTPS"}, searches):
        cart.aws("route53").create_health_check(
            CallerReference=f"{cart.system.names.prefix}-{kind['Type']}", HealthCheckConfig={**asks, **kind}
        )
    status = asked(cart)
    assert status.health == {cart.standby: False}, "nothing answers there, and nobody says that somebody was replaced"
    assert "unhealthy" in drawn(cart, status)


def test_files_that_nothing_replicates_and_a_service_that_is_gone_are_problems(cart: Cart) -> None:
    cart.aws("efs", cart.standby).delete_replication_configuration(SourceFileSystemId=cart.files[cart.primary])
    cluster, service = cart.system.names.of("cluster"), cart.system.names.of("service")
    cart.aws("ecs", cart.standby).delete_service(cluster=cluster, service=service, force=True)
    problems = asked(cart).problems
    assert f"files: replication with {cart.standby} is none: docs/failover.md, Files" in problems
    assert [each for each in problems if each.startswith(f"containers: the service in {cart.standby} is ")]


def buckets(town: Rehearsal) -> dict[str, str]:
    """Make the bucket of every region; that of the standby has a rule that stands still."""
    names = {plan.name: town.system.names.bucket("assets", plan.name, ACCOUNT) for plan in town.system.regions}
    for region, name in names.items():
        s3 = town.aws("s3", region)
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=name, **where)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    for region, other, state in ((town.primary, town.standby, "Enabled"), (town.standby, town.primary, "Disabled")):
        rule = {
            "ID": f"to-{other}",
            "Status": state,
            "Priority": 0,
            "Filter": {},
            "DeleteMarkerReplication": {"Status": "Enabled"},
            "Destination": {"Bucket": f"arn:aws:s3:::{names[other]}"},
        }
        town.aws("s3", region).put_bucket_replication(
            Bucket=names[region],
            ReplicationConfiguration={"Role": f"arn:aws:iam::{ACCOUNT}:role/replication", "Rules": [rule]},
        )
    return names


def measured(town: Rehearsal, names: dict[str, str], seconds: float) -> None:
    """Say how late objects arrive in the standby."""
    way = {
        "SourceBucket": names[town.primary],
        "DestinationBucket": names[town.standby],
        "RuleId": f"to-{town.standby}",
    }
    point = {
        "MetricName": "ReplicationLatency",
        "Dimensions": [{"Name": name, "Value": value} for name, value in way.items()],
        "Timestamp": datetime.now(UTC) - timedelta(minutes=2),
        "Value": seconds,
    }
    town.aws("cloudwatch", town.primary).put_metric_data(Namespace="AWS/S3", MetricData=[point])


def test_ways_of_a_bucket_are_told_with_their_lag_and_one_that_stands_still_is_a_problem(
    shop: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", shop.aws.url)
    spec = shop.system.spec
    rpo = spec.buckets["assets"].rpo_seconds or spec.objectives.rpo_seconds
    measured(shop, buckets(shop), rpo + 5)
    status = asked(shop)
    found = status.region(shop.primary).answers["buckets.assets"]
    assert found == {"rules": {f"to-{shop.standby}": "Enabled"}, "lag_seconds": {shop.standby: rpo + 5}}
    assert last_known_lag(status, shop.standby) == rpo + 5
    late = f"bucket assets: {shop.standby} is {rpo + 5} s behind {shop.primary}, the RPO is {rpo} s"
    still = f"bucket assets: rule to-{shop.primary} in {shop.standby} is Disabled: nothing is copied"
    assert {late, still} <= set(status.problems)
    assert f"1 way out, to-{shop.primary} stands still" in drawn(shop, status)
