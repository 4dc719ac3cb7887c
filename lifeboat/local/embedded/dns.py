"""What Route 53 answers: a name is followed through the account's public zones, as its routing policies say.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-complex-configs.html
"""

from __future__ import annotations

from collections.abc import Callable

from moto.route53.models import RecordSet, route53_backends

from lifeboat.local.embedded.front import REGION

LONGEST_CHAIN = 8
Healthy = Callable[[str], bool]
"""Tells whether a health check, named by its id, is healthy."""


def everybody_healthy(_check: str) -> bool:
    """Follow the records as if all were well: how a name that no failover moves is found."""
    return True


def resolve(account: str, host: str, healthy: Healthy = everybody_healthy, client: str = "") -> str:
    """Follow alias and CNAME records to the end; a name without one is its own answer.

    Args:
        account: Account of the zones.
        host: What is asked for.
        healthy: What is known of the health checks.
        client: Region that the client is near, for latency records. Empty: the first in order.
    """
    name = host.lower().rstrip(".")
    for _ in range(LONGEST_CHAIN):
        record = _record(account, name, healthy, client)
        if record is None:
            break
        target = record.alias_target["DNSName"] if record.alias_target else record.records[0]
        name = str(target).lower().rstrip(".").removeprefix("dualstack.")
    return name


def region_of(host: str) -> str:
    """Return the region in the name of an AWS endpoint. Empty: it tells none."""
    found = REGION.search(host)
    return found["region"] if found else ""


def _record(account: str, name: str, healthy: Healthy, client: str) -> RecordSet | None:
    """Return the record that leads on from a name."""
    zones = list(route53_backends[account]["aws"].zones.values())
    leading = [
        record
        for zone in zones
        if not zone.private_zone
        for record in list(zone.rrsets)
        if record.name.lower().rstrip(".") == name
        and (record.type == "CNAME" or (record.alias_target and record.type in {"A", "AAAA"}))
    ]
    if not leading:
        return None
    ordered = sorted(leading, key=lambda each: _rank(each, client))
    well = [each for each in ordered if not each.health_check_id or healthy(each.health_check_id)]
    # When nobody is healthy, Route 53 answers as if everybody were.
    return (well or ordered)[0]


def _rank(record: RecordSet, client: str) -> tuple[bool, bool, str]:
    """Put the primary first, then the nearest."""
    return record.failover == "SECONDARY", record.region != client, str(record.region or "")
