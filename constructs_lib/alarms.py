"""Alarms as rows of a table: metric, threshold, what it means for the person who is paged, where the runbook is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from cdktf import TerraformProvider
from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import (
    CloudwatchMetricAlarm,
    CloudwatchMetricAlarmMetricQuery,
    CloudwatchMetricAlarmMetricQueryMetric,
)
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from cdktf_cdktf_provider_aws.sns_topic_policy import SnsTopicPolicy
from cdktf_cdktf_provider_aws.sns_topic_subscription import SnsTopicSubscription
from constructs import Construct

from constructs_lib.keys import RegionKey
from constructs_lib.policy import Statement, document
from constructs_lib.site import Site
from deployments.model import Alarms, Objectives

MINUTE = 60
METRICS_OF_AN_ALARM = 10
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html"""

Comparison = Literal["GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold"]
MissingData = Literal["breaching", "notBreaching", "missing"]


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One row: what is watched, from when on it matters, and what it means.

    Attributes:
        name: Short and permanent; names the alarm, its construct and its section in the runbook.
        means: What is going on when it fires, said to the person who is paged.
        namespace: CloudWatch namespace.
        metric: Metric name.
        dimensions: What exactly is measured.
        others: Dimensions of more things measured by the same metric: the worst of all is what counts. At most nine.
        query: Metrics Insights query that is watched in place of the metric. Absent: the metric is.
        threshold: In the metric's own unit.
        statistic: `Sum`, `Average`, `Minimum`, `Maximum` or a percentile such as `p99`.
        comparison: How the metric compares when it is bad.
        period: Seconds per data point.
        periods: Data points looked at. Absent: as many as the pager is patient.
        failing: Data points that must be bad. Absent: all of them.
        section: Section of the runbook, shared by alarms on things of a kind. Absent: the name.
        missing: What no data means. `breaching` where silence is itself the failure.
    """

    name: str
    means: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str] = field(default_factory=dict)
    others: tuple[Mapping[str, str], ...] = ()
    query: str = ""
    threshold: float
    statistic: str = "Maximum"
    comparison: Comparison = "GreaterThanThreshold"
    period: int = MINUTE
    periods: int | None = None
    failing: int | None = None
    section: str = ""
    missing: MissingData = "notBreaching"


class AlarmTopic(Construct):
    """Where a region's alarms and events go: an encrypted topic that only this account's services publish to."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        site: Site,
        key: RegionKey,
        settings: Alarms,
        purpose: str = "alarms",
        provider: TerraformProvider | None = None,
    ) -> None:
        """Create the topic and its subscriptions.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            site: Where the topic lives.
            key: The region's key.
            settings: Who is subscribed, and where the runbook is.
            purpose: Part of the name.
            provider: Provider of the region. Absent: the stack's own.
        """
        super().__init__(scope, id_)
        self.arn = SnsTopic(
            self,
            "topic",
            name=site.names.of("topic", purpose),
            kms_master_key_id=key.arn,
            provider=provider,
        ).arn
        self.ready = SnsTopicPolicy(
            self, "policy", arn=self.arn, policy=document(_publishers(site, self.arn)), provider=provider
        )
        for index, email in enumerate(settings.emails):
            SnsTopicSubscription(
                self, f"email-{index}", topic_arn=self.arn, protocol="email", endpoint=email, provider=provider
            )


@dataclass(frozen=True, kw_only=True)
class Pager:
    """Whom an alarm tells: a topic of its own region, and the page that says what to do.

    Attributes:
        topic_arn: Topic in the region of the alarm; CloudWatch publishes to no other.
        runbook_url: Page with a section for each alarm, `#<alarm>`.
        site: Where the alarms live.
        objectives: What the thresholds come from.
        provider: Provider of that region. Absent: the stack's own.
        names: Every alarm that tells this pager, for the stack's outputs. Filled by `watch`.
    """

    topic_arn: str
    runbook_url: str
    site: Site
    objectives: Objectives
    provider: TerraformProvider | None = None
    names: list[str] = field(default_factory=list)

    @property
    def patience(self) -> int:
        """Bad minutes in a row before a person is told: a third of the RTO, one to five."""
        return max(1, min(5, self.objectives.rto_seconds // 3 // MINUTE))


def watch(scope: Construct, pager: Pager, rows: Sequence[Alarm]) -> None:
    """Create the alarms of a construct beside what they watch."""
    for row in rows:
        _create(scope, pager, row)


def worst_of(row: Alarm, measured: Sequence[Mapping[str, str]]) -> list[Alarm]:
    """Return one alarm on the same metric of several things, however many they are; none where there is no such thing.

    Alarms per pair of regions would grow with the square of the regions, and page once per pair.
    """
    if len(measured) > METRICS_OF_AN_ALARM:
        return [replace(row, query=_insights(row, measured))]
    return [replace(row, dimensions=measured[0], others=tuple(measured[1:]))] if measured else []


def _insights(row: Alarm, measured: Sequence[Mapping[str, str]]) -> str:
    """Write a query over all metrics with these labels, told apart from strangers' by what is common to the things.

    Its largest sample counts, whatever the row's statistic; but sums are added up. One page either way.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html
    """
    labels = sorted(measured[0])
    common = [label for label in labels if len({each[label] for each in measured}) == 1]
    function = "SUM" if row.statistic == "Sum" else "MAX"
    where = " AND ".join(f"{label} = '{measured[0][label]}'" for label in common)
    schema = f'SCHEMA("{row.namespace}", {", ".join(labels)})'
    return f"SELECT {function}({row.metric}) FROM {schema} WHERE {where}"  # noqa: S608 our own words


def _create(scope: Construct, pager: Pager, row: Alarm) -> None:
    periods = row.periods or pager.patience
    name = pager.site.names.of("alarm", row.name)
    pager.names.append(name)
    CloudwatchMetricAlarm(
        scope,
        f"alarm-{row.name}",
        alarm_name=name,
        alarm_description=f"{row.means} Runbook: {pager.runbook_url}#{row.section or row.name}",
        comparison_operator=row.comparison,
        threshold=row.threshold,
        evaluation_periods=periods,
        datapoints_to_alarm=row.failing or periods,
        treat_missing_data=row.missing,
        alarm_actions=[pager.topic_arn],
        ok_actions=[pager.topic_arn],
        provider=pager.provider,
        **_watched(row),
    )


def _watched(row: Alarm) -> dict[str, Any]:
    if row.query:
        query = CloudwatchMetricAlarmMetricQuery(
            id="worst", expression=row.query, label=row.metric, period=row.period, return_data=True
        )
        return {"metric_query": [query]}
    return _worst(row) if row.others else _single(row)


def _single(row: Alarm) -> dict[str, Any]:
    is_percentile = row.statistic.startswith("p")
    return {
        "namespace": row.namespace,
        "metric_name": row.metric,
        "dimensions": dict(row.dimensions),
        "statistic": None if is_percentile else row.statistic,
        "extended_statistic": row.statistic if is_percentile else None,
        "period": row.period,
    }


def _worst(row: Alarm) -> dict[str, Any]:
    """Ask for several metrics and look at the largest: rows with several things are all of the kind "too much"."""
    metrics = [
        CloudwatchMetricAlarmMetricQuery(
            id=f"m{number}",
            metric=CloudwatchMetricAlarmMetricQueryMetric(
                namespace=row.namespace,
                metric_name=row.metric,
                dimensions=dict(dimensions),
                stat=row.statistic,
                period=row.period,
            ),
        )
        for number, dimensions in enumerate((row.dimensions, *row.others))
    ]
    worst = CloudwatchMetricAlarmMetricQuery(
        id="worst", expression="MAX(METRICS())", label=row.metric, return_data=True
    )
    return {"metric_query": [worst, *metrics]}


def _publishers(site: Site, topic: str) -> Statement:
    """Let the services that raise alarms and events publish, for this account only."""
    return Statement(
        sid="ServicesPublish",
        services=("cloudwatch.amazonaws.com", "events.amazonaws.com", "s3.amazonaws.com", "backup.amazonaws.com"),
        actions=("sns:Publish",),
        resources=(topic,),
        conditions={"StringEquals": {"aws:SourceAccount": site.account}},
    )
