"""Looks into the stores and the switches of a region: what is there, who is open, who writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deployments.failover.plan import LOCK, SWITCH, has_global_database
from deployments.system import System
from lifeboat.drill.record import Switched
from lifeboat.failover.clients import Clients

BATCH = 100
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""


def orders_table(system: System) -> str | None:
    """Name the table that orders are in. None: the system keeps none."""
    service = system.spec.service
    return system.names.of("table", service.table) if service and service.table else None


def missing_orders(clients: Clients, system: System, region: str, orders: Iterable[str]) -> tuple[str, ...]:
    """Return which orders a region's replica does not have."""
    table, wanted = orders_table(system), sorted(set(orders))
    if table is None or not wanted:
        return ()
    dynamodb = clients("dynamodb", region)
    found: set[str] = set()
    for batch in _batches(wanted):
        keys = [{"pk": {"S": f"ORDER#{order}"}, "sk": {"S": "ORDER"}} for order in batch]
        asked = {table: {"Keys": keys, "ProjectionExpression": "pk", "ConsistentRead": True}}
        while asked:
            answer = dynamodb.batch_get_item(RequestItems=asked)
            found |= {item["pk"]["S"].removeprefix("ORDER#") for item in answer["Responses"][table]}
            asked = answer.get("UnprocessedKeys") or {}
    return tuple(each for each in wanted if each not in found)


def remove_orders(clients: Clients, system: System, region: str, orders: Iterable[str]) -> None:
    """Take the orders of a drill out of the table again."""
    table = orders_table(system)
    dynamodb = clients("dynamodb", region)
    for order in orders:
        dynamodb.delete_item(TableName=table, Key={"pk": {"S": f"ORDER#{order}"}, "sk": {"S": "ORDER"}})


def open_region(clients: Clients, system: System, region: str) -> str:
    """Tell which region this one takes for open."""
    found: str = clients("ssm", region).get_parameter(Name=system.names.path(SWITCH))["Parameter"]["Value"]
    return found


def switched(clients: Clients, system: System, region: str, *, since: float) -> list[Switched]:
    """Return what a region was told of who is open, in order.

    Args:
        clients: Clients of AWS.
        system: What is drilled.
        region: The region.
        since: Only what it was told from then on, seconds since the epoch.
    """
    pages = clients("ssm", region).get_paginator("get_parameter_history").paginate(Name=system.names.path(SWITCH))
    told = [
        Switched(at=version["LastModifiedDate"].timestamp(), region=region, active=str(version["Value"]))
        for page in pages
        for version in page["Parameters"]
    ]
    return sorted((each for each in told if each.at >= since), key=lambda each: each.at)


def lock_holder(clients: Clients, system: System, region: str) -> str:
    """Tell who holds the lock of failovers to a region. Empty: nobody."""
    ssm = clients("ssm", region)
    try:
        found: str = ssm.get_parameter(Name=system.names.path(*LOCK.split("/")))["Parameter"]["Value"]
    except ssm.exceptions.ParameterNotFound:
        return ""
    return found


def writer(clients: Clients, system: System, region: str) -> str:
    """Tell in which region the Global Database writes, as a region sees it. Empty: there is none, or it moves."""
    if not has_global_database(system.spec):
        return ""
    group = clients("rds", region).describe_global_clusters(GlobalClusterIdentifier=system.names.of("global cluster"))
    members = group["GlobalClusters"][0]["GlobalClusterMembers"]
    return next((each["DBClusterArn"].split(":")[3] for each in members if each["IsWriter"]), "")


def _batches(keys: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]
