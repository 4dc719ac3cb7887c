"""What is known of a distribution: its access logs, its metrics, and alarms on what viewers see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdktf_cdktf_provider_aws.cloudfront_monitoring_subscription import (
    CloudfrontMonitoringSubscription,
    CloudfrontMonitoringSubscriptionMonitoringSubscription,
    CloudfrontMonitoringSubscriptionMonitoringSubscriptionRealtimeMetricsSubscriptionConfig,
)
from cdktf_cdktf_provider_aws.cloudwatch_log_delivery import (
    CloudwatchLogDelivery,
    CloudwatchLogDeliveryS3DeliveryConfiguration,
)
from cdktf_cdktf_provider_aws.cloudwatch_log_delivery_destination import (
    CloudwatchLogDeliveryDestination,
    CloudwatchLogDeliveryDestinationDeliveryDestinationConfiguration,
)
from cdktf_cdktf_provider_aws.cloudwatch_log_delivery_source import CloudwatchLogDeliverySource
from constructs import Construct

from constructs_lib.alarms import Alarm, Pager, watch
from constructs_lib.cdn import Distribution
from constructs_lib.edge_function import EdgeFunction, PathFunction
from constructs_lib.peer import Peer

CLOUDFRONT_METRICS = "AWS/CloudFront"
"""Kept in us-east-1, under the region `Global`:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html"""
FAILOVER_NAMESPACE, FAILOVER_METRIC = "Lifeboat/Edge", "OriginFailovers"
"""What `functions/edge_origin` counts, in the region that a request is served near to."""
ERROR_PERCENT = 5


class DistributionWatch(Construct):
    """Logs, metrics and alarms of one distribution."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        distribution: Distribution,
        log_bucket_arn: str,
        path_function: PathFunction | None,
        failovers_per_minute: int,
        peers: Sequence[Peer],
        pager: Pager,
    ) -> None:
        """Watch a distribution.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            distribution: What is watched.
            log_bucket_arn: Bucket for the access logs, in any region.
            path_function: CloudFront function whose errors are watched. None: there is none.
            failovers_per_minute: Failovers near one region from which on a person is told.
            peers: Regions whose failovers are watched. Empty: nothing counts them.
            pager: Of us-east-1, where CloudFront keeps its metrics.
        """
        super().__init__(scope, id_)
        self._deliver_logs(distribution.arn, log_bucket_arn, pager)
        CloudfrontMonitoringSubscription(
            self,
            "metrics",
            distribution_id=distribution.id,
            monitoring_subscription=CloudfrontMonitoringSubscriptionMonitoringSubscription(
                realtime_metrics_subscription_config=CloudfrontMonitoringSubscriptionMonitoringSubscriptionRealtimeMetricsSubscriptionConfig(
                    realtime_metrics_subscription_status="Enabled"
                )
            ),
            provider=pager.provider,
        )
        watch(self, pager, _alarms(distribution.id, path_function))
        for peer in peers:
            watch(Construct(self, peer.region), peer.pager, [_failovers(distribution.id, peer, failovers_per_minute)])

    def _deliver_logs(self, distribution_arn: str, bucket_arn: str, pager: Pager) -> None:
        """Deliver one line per request, as JSON, partitioned by hour.

        https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
        """
        name = pager.site.names.of("log delivery", "edge")
        source = CloudwatchLogDeliverySource(
            self,
            "log-source",
            name=name,
            log_type="ACCESS_LOGS",
            resource_arn=distribution_arn,
            provider=pager.provider,
        )
        destination = CloudwatchLogDeliveryDestination(
            self,
            "log-destination",
            name=name,
            output_format="json",
            delivery_destination_configuration=[
                CloudwatchLogDeliveryDestinationDeliveryDestinationConfiguration(destination_resource_arn=bucket_arn)
            ],
            provider=pager.provider,
        )
        CloudwatchLogDelivery(
            self,
            "log-delivery",
            delivery_source_name=source.name,
            delivery_destination_arn=destination.arn,
            s3_delivery_configuration=[
                CloudwatchLogDeliveryS3DeliveryConfiguration(
                    suffix_path="{DistributionId}/{yyyy}/{MM}/{dd}/{HH}", enable_hive_compatible_path=False
                )
            ],
            provider=pager.provider,
        )


def distribution_dimensions(distribution_id: str) -> dict[str, str]:
    """Return how CloudFront's metrics of a distribution are found."""
    return {"DistributionId": distribution_id, "Region": "Global"}


def failover_dimensions(distribution_id: str) -> dict[str, str]:
    """Return how failovers of a distribution are found."""
    return {"Distribution": distribution_id}


def edge_errors(function: EdgeFunction) -> dict[str, str]:
    """Return how errors of an edge function's copies are found, in the regions where they run."""
    return {"FunctionName": function.copies}


def _alarms(distribution_id: str, path_function: PathFunction | None) -> list[Alarm]:
    here = distribution_dimensions(distribution_id)
    rows = [_rate(here), *_code_alarms(here)]
    if path_function:
        rows.append(
            Alarm(
                name="edge-path-errors",
                means="The CloudFront function fails; viewers see errors.",
                namespace=CLOUDFRONT_METRICS,
                metric="FunctionExecutionErrors",
                dimensions={"FunctionName": path_function.name, **here},
                threshold=0,
                statistic="Sum",
            )
        )
    return rows


def _rate(here: Mapping[str, str]) -> Alarm:
    return Alarm(
        name="edge-5xx",
        means=f"More than {ERROR_PERCENT}% of the viewers' requests fail: no region has the content.",
        namespace=CLOUDFRONT_METRICS,
        metric="5xxErrorRate",
        dimensions=here,
        threshold=ERROR_PERCENT,
        statistic="Average",
    )


def _code_alarms(here: Mapping[str, str]) -> list[Alarm]:
    return [
        Alarm(
            name="edge-code-errors",
            means="Lambda@Edge fails somewhere in the world; the dashboard shows where.",
            namespace=CLOUDFRONT_METRICS,
            metric="LambdaExecutionError",
            dimensions=here,
            threshold=0,
            statistic="Sum",
        ),
        Alarm(
            name="edge-code-invalid",
            means="Lambda@Edge answers what CloudFront does not accept, such as a header that is not allowed.",
            namespace=CLOUDFRONT_METRICS,
            metric="LambdaValidationError",
            dimensions=here,
            threshold=0,
            statistic="Sum",
        ),
    ]


def _failovers(distribution_id: str, peer: Peer, threshold: int) -> Alarm:
    return Alarm(
        name="edge-failovers",
        means=f"Near {peer.region} one region's content fails and another's is delivered in its stead.",
        namespace=FAILOVER_NAMESPACE,
        metric=FAILOVER_METRIC,
        dimensions=failover_dimensions(distribution_id),
        threshold=threshold,
        statistic="Sum",
    )
