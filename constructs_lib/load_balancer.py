"""The public way in: an HTTPS load balancer under the region's own name, in front of a function or of containers."""

from __future__ import annotations

from functools import cached_property

from cdktf_cdktf_provider_aws.lb import Lb, LbAccessLogs
from cdktf_cdktf_provider_aws.lb_listener import (
    LbListener,
    LbListenerDefaultAction,
    LbListenerDefaultActionRedirect,
)
from cdktf_cdktf_provider_aws.lb_target_group import LbTargetGroup, LbTargetGroupHealthCheck
from cdktf_cdktf_provider_aws.lb_target_group_attachment import LbTargetGroupAttachment
from constructs import Construct

from constructs_lib.alarms import Alarm, watch
from constructs_lib.entry import EntryMetrics, Target, publish_own_name
from constructs_lib.foundation import Foundation
from constructs_lib.function import Function
from constructs_lib.security_group import SecurityGroup
from constructs_lib.zone import Certificate, Zone
from deployments.containers import Container as ContainerSpec

HTTP, HTTPS = 80, 443
NAMESPACE = "AWS/ApplicationELB"
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
KEEP_ALIVE_SECONDS = 300
"""How long a client stays with a region after the records have moved. AWS's default is an hour:
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html"""
HEALTH_INTERVAL_SECONDS = 35
"""The default for functions; every check is an invocation:
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html"""
TASK_HEALTH_INTERVAL_SECONDS = 10
DRAIN_SECONDS = 30
"""How long a task that goes may finish what it answers; AWS's default of five minutes delays every deployment:
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html"""


class LoadBalancer(Construct):
    """An internet-facing application load balancer that speaks HTTPS, and sends HTTP there."""

    def __init__(self, scope: Construct, id_: str, *, base: Foundation, certificate: Certificate) -> None:
        """Create the load balancer and the redirect.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            base: What the region stands on.
            certificate: Certificate for the names it is reached by.
        """
        super().__init__(scope, id_)
        self._base = base
        self._certificate = certificate
        self._group = SecurityGroup(
            self, "security-group", site=base.site, network=base.network, purpose="load-balancer"
        )
        for port in (HTTP, HTTPS):
            self._group.allow_from_internet(port)
        self.resource = Lb(
            self,
            "load-balancer",
            name=base.site.names.of("load balancer"),
            load_balancer_type="application",
            internal=False,
            subnets=base.network.public,
            security_groups=[self._group.id],
            enable_deletion_protection=base.site.protected,
            drop_invalid_header_fields=True,
            desync_mitigation_mode="strictest",
            client_keep_alive=KEEP_ALIVE_SECONDS,
            access_logs=LbAccessLogs(bucket=base.logs.name, prefix="alb", enabled=True),
            # The load balancer writes a test object before it accepts the bucket.
            depends_on=[base.logs.policy],
        )
        LbListener(
            self,
            "http",
            load_balancer_arn=self.resource.arn,
            port=HTTP,
            protocol="HTTP",
            default_action=[
                LbListenerDefaultAction(
                    type="redirect",
                    redirect=LbListenerDefaultActionRedirect(port=str(HTTPS), protocol="HTTPS", status_code="HTTP_301"),
                )
            ],
        )
        watch(self, base.pager, self._alarms())

    def serve(self, function: Function, health_path: str) -> LbTargetGroup:
        """Send every HTTPS request to a function.

        Args:
            function: The function.
            health_path: Path that tells whether the region can serve.
        """
        target_group = LbTargetGroup(
            self,
            "target-group",
            name=self._base.site.names.of("target group"),
            target_type="lambda",
            lambda_multi_value_headers_enabled=True,
            health_check=LbTargetGroupHealthCheck(
                enabled=True,
                path=health_path,
                matcher="200",
                interval=HEALTH_INTERVAL_SECONDS,
                timeout=HEALTH_INTERVAL_SECONDS - 5,
                healthy_threshold=2,
                unhealthy_threshold=2,
            ),
        )
        permission = function.allow_invoke(
            "load-balancer", service="elasticloadbalancing.amazonaws.com", source_arn=target_group.arn
        )
        LbTargetGroupAttachment(
            self,
            "target",
            target_group_arn=target_group.arn,
            target_id=function.arn,
            depends_on=[permission],
        )
        self.https = self._listen(target_group)
        return target_group

    def serve_tasks(self, tasks: SecurityGroup, spec: ContainerSpec) -> LbTargetGroup:
        """Send every HTTPS request to tasks, which register themselves under their addresses.

        Args:
            tasks: Security group of the tasks; it is opened to the load balancer, on their port alone.
            spec: The container's part of the description.
        """
        self.target_group = LbTargetGroup(
            self,
            "target-group",
            name=self._base.site.names.of("target group"),
            target_type="ip",
            vpc_id=self._base.network.id,
            port=spec.port,
            protocol=spec.protocol,
            protocol_version="HTTP1",
            load_balancing_algorithm_type="least_outstanding_requests",
            deregistration_delay=str(DRAIN_SECONDS),
            health_check=LbTargetGroupHealthCheck(
                enabled=True,
                path=spec.health_path,
                protocol=spec.protocol,
                port="traffic-port",
                matcher="200",
                interval=TASK_HEALTH_INTERVAL_SECONDS,
                timeout=TASK_HEALTH_INTERVAL_SECONDS // 2,
                healthy_threshold=2,
                unhealthy_threshold=3,
            ),
        )
        tasks.allow_from(self._group, spec.port)
        self.https = self._listen(self.target_group)
        return self.target_group

    def _listen(self, target_group: LbTargetGroup) -> LbListener:
        return LbListener(
            self,
            "https",
            load_balancer_arn=self.resource.arn,
            port=HTTPS,
            protocol="HTTPS",
            ssl_policy=TLS_POLICY,
            certificate_arn=self._certificate.arn,
            default_action=[LbListenerDefaultAction(type="forward", target_group_arn=target_group.arn)],
        )

    @cached_property
    def arn(self) -> str:
        """What a firewall is put before."""
        return self.resource.arn

    @cached_property
    def target(self) -> Target:
        """What the shared name's records point to."""
        return Target(name=self.resource.dns_name, zone=self.resource.zone_id)

    @cached_property
    def metrics(self) -> EntryMetrics:
        """What the dashboard shows of it."""
        return EntryMetrics(
            namespace=NAMESPACE,
            dimensions={"LoadBalancer": self.resource.arn_suffix},
            requests="RequestCount",
            requests_statistic="Sum",
            errors={"load balancer": "HTTPCode_ELB_5XX_Count", "application": "HTTPCode_Target_5XX_Count"},
        )

    def answer_to(self, zone: Zone, name: str) -> None:
        """Publish the region's own name, which health checks ask and failover never moves."""
        publish_own_name(self, zone, name, self.target)

    def _alarms(self) -> list[Alarm]:
        here = self.metrics.dimensions
        return [
            Alarm(
                name="load-balancer-5xx",
                means="The load balancer itself answers with errors: it cannot reach or use the application.",
                namespace=NAMESPACE,
                metric="HTTPCode_ELB_5XX_Count",
                dimensions=here,
                threshold=10,
                statistic="Sum",
            ),
            Alarm(
                name="application-5xx",
                means="The application answers clients with errors.",
                namespace=NAMESPACE,
                metric="HTTPCode_Target_5XX_Count",
                dimensions=here,
                threshold=10,
                statistic="Sum",
            ),
            Alarm(
                name="load-balancer-rejected",
                means="Clients are turned away because the load balancer cannot take more connections.",
                namespace=NAMESPACE,
                metric="RejectedConnectionCount",
                dimensions=here,
                threshold=0,
                statistic="Sum",
            ),
        ]
