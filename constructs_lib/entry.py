"""What a name points to: the same for every way into a region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from cdktf_cdktf_provider_aws.route53_record import Route53Record, Route53RecordAlias
from constructs import Construct

from constructs_lib.zone import Zone


@dataclass(frozen=True, kw_only=True)
class Target:
    """Something that AWS gives a DNS name.

    Attributes:
        name: That name.
        zone: Hosted zone that AWS keeps it in.
    """

    name: str
    zone: str

    def alias(self) -> Route53RecordAlias:
        """Point a record here, unless what is here cannot serve."""
        return Route53RecordAlias(name=self.name, zone_id=self.zone, evaluate_target_health=True)


@dataclass(frozen=True, kw_only=True)
class EntryMetrics:
    """How CloudWatch counts what comes in.

    Attributes:
        namespace: CloudWatch namespace.
        dimensions: What exactly is counted.
        requests: Metric with the number of requests, summed or counted by `requests_statistic`.
        requests_statistic: How that metric is combined.
        errors: Metrics with the number of errors, by who made them.
    """

    namespace: str
    dimensions: Mapping[str, str]
    requests: str
    requests_statistic: str
    errors: Mapping[str, str]


class Entry(Protocol):
    """A region's way in: a load balancer or an API."""

    @property
    def arn(self) -> str:
        """What a firewall is put before: the load balancer, or the stage of the API."""

    @property
    def target(self) -> Target:
        """What the shared name's records point to."""

    @property
    def metrics(self) -> EntryMetrics:
        """What the dashboard shows of it."""

    def answer_to(self, zone: Zone, name: str) -> None:
        """Publish the region's own name, which health checks ask and failover never moves."""


def publish_own_name(scope: Construct, zone: Zone, name: str, target: Target) -> None:
    """Publish a region's own name, which health checks ask and failover never moves."""
    Route53Record(scope, "own-name", zone_id=zone.id, name=name, type="A", alias=target.alias())
