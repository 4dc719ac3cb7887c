"""CloudWatch: the lag of Global Databases, measured at the moment somebody asks for a metric."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from moto.cloudwatch.models import CloudWatchBackend, MetricDatum
from moto.core.utils import utcnow

from lifeboat.local.embedded.gap import Gap
from lifeboat.local.embedded.gaps.rds_servers_global import lag_of, secondaries

METRICS = ("AuroraGlobalDBReplicationLag", "AuroraGlobalDBRPOLag")
"""Both in milliseconds, in the region of the secondary cluster:
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html"""
AGO = timedelta(seconds=5)
"""As on AWS a metric comes late; and who asks for the time until now knew its end before asking."""


def _publish_lag() -> None:
    for call in ("get_metric_data", "get_metric_statistics", "list_metrics"):
        _measure_before(call)


def _measure_before(call: str) -> None:
    plain = getattr(CloudWatchBackend, call)

    def measured(self: CloudWatchBackend, *args: object, **options: object) -> object:
        self.metric_data.extend(_lags(self))
        return plain(self, *args, **options)

    setattr(CloudWatchBackend, call, measured)


def _lags(backend: CloudWatchBackend) -> Iterator[MetricDatum]:
    at = utcnow().replace(microsecond=0) - AGO
    for cluster in secondaries(backend.account_id, backend.region_name):
        lag = lag_of(cluster)
        if lag is None:
            continue
        dimensions = [{"Name": "DBClusterIdentifier", "Value": cluster.db_cluster_identifier}]
        for metric in METRICS:
            yield MetricDatum("AWS/RDS", metric, lag * 1000, dimensions, at, "Milliseconds")


GAPS = (
    Gap(
        name="cloudwatch.database_lag",
        missing="No metric tells how far a secondary of a Global Database is behind.",
        matters="What a failover would lose could not be told before it.",
        fill=_publish_lag,
    ),
)
