"""Where clients are sent: records that follow health checks, so that moving traffic needs no control plane.

`FailoverRecords` answers with the first healthy region in priority order, `LatencyRecords` and `ShortLatencyRecords`
with the nearest one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.route53_health_check import Route53HealthCheck
from cdktf_cdktf_provider_aws.route53_record import (
    Route53Record,
    Route53RecordFailoverRoutingPolicy,
    Route53RecordLatencyRoutingPolicy,
)
from constructs import Construct

from constructs_lib.alarms import Alarm, Pager, watch
from constructs_lib.entry import Target
from constructs_lib.zone import Zone
from deployments.objectives import CHECK_FAILURES, CHECK_INTERVAL_SECONDS, SHORT_TTL_SECONDS

HTTPS = 443
FOR_CLIENTS = "?for=clients"
"""Asks a region not only whether it can serve, but whether clients belong there: a region that handed over is well, and
would keep them. The last region in order is asked the plain question: nobody is behind it."""
FOR_WRITES = "?for=writes"
"""Asks a region whether it takes writes, and from whom it took them over."""
UNAWARE = '"unaware":"'
"""What the answer of a region holds, in its first 5,120 bytes, that replaced one which has not heard of it. Whoever
ignores the question does not say so, and its records work as if nobody had asked:
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html"""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One region's way in.

    Attributes:
        region: AWS region.
        hostname: The region's own name, which the health check asks.
        target: What answers there.
        health_path: Path that tells whether the region can serve.
    """

    region: str
    hostname: str
    target: Target
    health_path: str


class HealthCheckedRecords(Construct):
    """The system's name, and a health check with an alarm for every region behind it."""

    def __init__(
        self, scope: Construct, id_: str, *, zone: Zone, hostname: str, endpoints: Sequence[Endpoint], pager: Pager
    ) -> None:
        """Create a health check per region, its alarm, and the records.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            zone: Zone that holds the name.
            hostname: The name that clients use.
            endpoints: The regions in priority order.
            pager: Whom the alarms tell. Its region is us-east-1, where Route 53 keeps its metrics:
                https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-cloudwatch.html
        """
        super().__init__(scope, id_)
        self._zone = zone
        self._hostname = hostname
        self._prefix = pager.site.names.prefix
        self._last = endpoints[-1].region
        self.health_checks = {endpoint.region: self._health_check(endpoint) for endpoint in endpoints}
        self.records = self._records(list(endpoints))
        watch(self, pager, [_alarm(region, check) for region, check in self.health_checks.items()])
        self.alarm_names = pager.names

    @property
    def zone_id(self) -> str:
        """Id of the zone that holds the records."""
        return self._zone.id

    def _records(self, endpoints: list[Endpoint]) -> list[Route53Record]:
        raise NotImplementedError

    def _question(self, endpoint: Endpoint) -> str:  # noqa: ARG002 for records that ask regions differently
        """Return what is asked beyond the health path."""
        return ""

    def _health_check(self, endpoint: Endpoint) -> Route53HealthCheck:
        return Route53HealthCheck(
            self,
            f"health-{endpoint.region}",
            type="HTTPS",
            fqdn=endpoint.hostname,
            port=HTTPS,
            resource_path=endpoint.health_path + self._question(endpoint),
            request_interval=CHECK_INTERVAL_SECONDS,
            failure_threshold=CHECK_FAILURES,
            enable_sni=True,
            measure_latency=True,
            tags={"Name": f"{self._prefix}-{endpoint.region}"},
        )


class LatencyRecords(HealthCheckedRecords):
    """The system's name, answered by the healthy region that is nearest to the client: active-active."""

    def _records(self, endpoints: list[Endpoint]) -> list[Route53Record]:
        return [
            Route53Record(
                self,
                f"record-{endpoint.region}",
                zone_id=self.zone_id,
                name=self._hostname,
                type="A",
                alias=endpoint.target.alias(),
                set_identifier=endpoint.region,
                latency_routing_policy=Route53RecordLatencyRoutingPolicy(region=endpoint.region),
                health_check_id=self.health_checks[endpoint.region].id,
            )
            for endpoint in endpoints
        ]


class ShortLatencyRecords(HealthCheckedRecords):
    """The same with a life of our own choosing: names in place of aliases, whose life AWS decides."""

    def _records(self, endpoints: list[Endpoint]) -> list[Route53Record]:
        return [
            Route53Record(
                self,
                f"record-{endpoint.region}",
                zone_id=self.zone_id,
                name=self._hostname,
                type="CNAME",
                records=[endpoint.target.name],
                ttl=SHORT_TTL_SECONDS,
                set_identifier=endpoint.region,
                latency_routing_policy=Route53RecordLatencyRoutingPolicy(region=endpoint.region),
                health_check_id=self.health_checks[endpoint.region].id,
            )
            for endpoint in endpoints
        ]


class FailoverRecords(HealthCheckedRecords):
    """The system's name, answered by the first healthy region in priority order.

    A failover pair is two records; more regions are chained through names of their own. A region is passed over while
    one behind it says that it replaced somebody who has not heard of it: a primary that comes back after an outage is
    well, and believes that it is the primary still.
    """

    def _records(self, endpoints: list[Endpoint]) -> list[Route53Record]:
        self._all_aware = {endpoint.region: self._aware(endpoint) for endpoint in endpoints[1:]}
        return self._chain(self._hostname, endpoints)

    def _question(self, endpoint: Endpoint) -> str:
        return "" if endpoint.region == self._last else FOR_CLIENTS

    def _chain(self, name: str, endpoints: list[Endpoint]) -> list[Route53Record]:
        """Answer with the first endpoint while it is healthy, else with what the rest of the chain answers."""
        first, *rest = endpoints
        if not rest:
            return [self._record("only", name, first.target)]
        primary = self._record(first.region, name, first.target, "PRIMARY", self._leads(first, rest))
        if len(rest) == 1:
            last = rest[0]
            check = self.health_checks[last.region]
            return [primary, self._record(last.region, name, last.target, "SECONDARY", check)]
        next_name = f"after-{first.region}.{self._hostname}"
        onward = self._record(
            f"after-{first.region}",
            name,
            Target(name=next_name, zone=self.zone_id),
            "SECONDARY",
            self._any_healthy(f"health-after-{first.region}", rest),
        )
        return [primary, onward, *self._chain(next_name, rest)]

    def _leads(self, endpoint: Endpoint, behind: Sequence[Endpoint]) -> Route53HealthCheck:
        """Check that a region is healthy, and that nobody behind it replaced one that does not know it."""
        children = [self.health_checks[endpoint.region], *(self._all_aware[each.region] for each in behind)]
        id_ = f"leads-{endpoint.region}"
        return Route53HealthCheck(
            self,
            id_,
            type="CALCULATED",
            child_healthchecks=[check.id for check in children],
            child_health_threshold=len(children),
            tags={"Name": f"{self._prefix}-{id_}"},
        )

    def _aware(self, endpoint: Endpoint) -> Route53HealthCheck:
        """Check that a region does not say that it replaced somebody unaware. Inverted: silence moves nobody."""
        id_ = f"aware-{endpoint.region}"
        return Route53HealthCheck(
            self,
            id_,
            type="HTTPS_STR_MATCH",
            fqdn=endpoint.hostname,
            port=HTTPS,
            resource_path=endpoint.health_path + FOR_WRITES,
            search_string=UNAWARE,
            invert_healthcheck=True,
            request_interval=CHECK_INTERVAL_SECONDS,
            # The word is there or not; and a new check that is inverted counts as unhealthy until its first answers.
            failure_threshold=1,
            enable_sni=True,
            tags={"Name": f"{self._prefix}-{id_}"},
        )

    def _any_healthy(self, id_: str, endpoints: Sequence[Endpoint]) -> Route53HealthCheck:
        """Check that somebody further down the chain can serve."""
        return Route53HealthCheck(
            self,
            id_,
            type="CALCULATED",
            child_healthchecks=[self.health_checks[endpoint.region].id for endpoint in endpoints],
            child_health_threshold=1,
            tags={"Name": f"{self._prefix}-{id_}"},
        )

    def _record(
        self,
        id_: str,
        name: str,
        target: Target,
        role: str | None = None,
        check: Route53HealthCheck | None = None,
    ) -> Route53Record:
        return Route53Record(
            self,
            f"record-{id_}",
            zone_id=self.zone_id,
            name=name,
            type="A",
            alias=target.alias(),
            set_identifier=id_ if role else None,
            failover_routing_policy=Route53RecordFailoverRoutingPolicy(type=role) if role else None,
            health_check_id=check.id if check else None,
        )


def _alarm(region: str, check: Route53HealthCheck) -> Alarm:
    return Alarm(
        name=f"health-{region}",
        means=f"Route 53 finds {region} unhealthy and sends clients elsewhere.",
        namespace="AWS/Route53",
        metric="HealthCheckStatus",
        dimensions={"HealthCheckId": check.id},
        threshold=1,
        statistic="Minimum",
        comparison="LessThanThreshold",
        periods=1,
        missing="breaching",
    )
