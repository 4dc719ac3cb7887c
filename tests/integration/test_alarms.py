"""Alarms: each exists where its metric is, fires when a promise is broken, and tells a person in its own region."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.integration.dashboard import promises, widgets
from tests.integration.policies import statements
from tests.integration.system import Region, System, region_of

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricAlarmTypeDef

    from tests.integration.aws import Aws

NAMES_PER_CALL = 100
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html"""
LAG_METRICS = {"AuroraGlobalDBReplicationLag", "AuroraGlobalDBRPOLag", "ReplicationLatency"}


def expected_names(system: System, region: Region) -> list[str]:
    """Return the alarms that the region's stack and the global stack put into a region."""
    joined = system.shared.by_region("alarm_names").get(region.name, []) if "alarm_names" in system.shared else []
    assert isinstance(joined, list)
    return [*region.texts("alarm_names"), *map(str, joined)]


def describe(aws: Aws, names: list[str]) -> list[MetricAlarmTypeDef]:
    chunks = (names[start : start + NAMES_PER_CALL] for start in range(0, len(names), NAMES_PER_CALL))
    return [alarm for chunk in chunks for alarm in aws.cloudwatch.describe_alarms(AlarmNames=chunk)["MetricAlarms"]]


def alarms(system: System, region: Region) -> list[MetricAlarmTypeDef]:
    found = describe(region.aws, expected_names(system, region))
    assert found, f"{region} has no alarm"
    return found


@dataclass(frozen=True)
class Metric:
    """A metric that an alarm looks at."""

    namespace: str
    name: str
    dimensions: dict[str, str]


def metrics(alarm: MetricAlarmTypeDef) -> list[Metric]:
    """Return what an alarm looks at, whether it names one metric or asks for the worst of several."""
    found = (
        [alarm]
        if alarm.get("MetricName")
        else [query["MetricStat"]["Metric"] for query in alarm["Metrics"] if "MetricStat" in query]
    )
    return [
        Metric(each["Namespace"], each["MetricName"], {one["Name"]: one["Value"] for one in each["Dimensions"]})
        for each in found
    ]


def test_every_alarm_of_the_outputs_exists(system: System, region: Region) -> None:
    names = expected_names(system, region)
    assert len(names) == len(set(names)) > 0
    assert {alarm["AlarmName"] for alarm in alarms(system, region)} == set(names)


def test_every_alarm_watches_a_metric_with_a_threshold_and_a_patience(system: System, region: Region) -> None:
    for alarm in alarms(system, region):
        name = alarm["AlarmName"]
        assert len({metric.name for metric in metrics(alarm)}) == 1, name
        # What is counted in a log has no dimensions; its namespace is the system's own.
        ours = f"Audit/{region.text('parameter_prefix').strip('/')}"
        assert all(metric.dimensions or metric.namespace == ours for metric in metrics(alarm)), name
        assert alarm["Threshold"] >= 0, name
        assert 1 <= alarm["DatapointsToAlarm"] <= alarm["EvaluationPeriods"], name


def test_every_alarm_tells_a_topic_of_its_own_region_both_ways(system: System, region: Region) -> None:
    for alarm in alarms(system, region):
        told = [region.text("alarm_topic_arn")]
        assert (alarm["AlarmActions"], alarm["OKActions"]) == (told, told), alarm["AlarmName"]
        assert alarm["ActionsEnabled"] is True, alarm["AlarmName"]


def test_every_alarm_says_what_it_means_and_where_the_runbook_is(system: System, region: Region) -> None:
    for alarm in alarms(system, region):
        assert re.fullmatch(r".{20,} Runbook: https://\S+#[a-z0-9-]+", alarm["AlarmDescription"]), alarm["AlarmName"]


def test_lag_alarms_fire_before_the_recovery_point_objective_is_lost(system: System, region: Region) -> None:
    system.need_a_running_standby()
    limits = promises(system)
    lag = [
        (alarm, metric) for alarm in alarms(system, region) for metric in metrics(alarm) if metric.name in LAG_METRICS
    ]
    assert lag, f"nobody watches how far {region} is behind"
    database = limits.get(("AWS/RDS", "AuroraGlobalDBReplicationLag"))
    for alarm, metric in lag:
        limit = limits.get((metric.namespace, metric.name), database)
        assert limit is not None, f"{alarm['AlarmName']}: the dashboard promises nothing about it"
        assert 0 < alarm["Threshold"] <= limit, alarm["AlarmName"]
        assert alarm["ComparisonOperator"].startswith("GreaterThan"), alarm["AlarmName"]


def test_every_replicated_store_has_a_lag_alarm_towards_every_other_region(system: System, region: Region) -> None:
    watched = {
        value
        for alarm in alarms(system, region)
        for metric in metrics(alarm)
        if metric.name == "ReplicationLatency"
        for value in metric.dimensions.values()
    }
    for other in system.others(region):
        stores = [name for name in other.outputs if name.startswith("bucket_")]
        assert {other.text(name) for name in stores} <= watched
        if any(name.startswith("table_") for name in system.shared):
            assert other.name in watched


def test_health_alarms_live_where_route_53_keeps_its_metrics_and_fire_on_silence(system: System) -> None:
    topic = system.shared.text("health_alarm_topic_arn")
    names = system.shared.texts("health_alarm_names")
    found = describe(system.clients(region_of(topic)), names)
    assert region_of(topic) == "us-east-1"
    assert {alarm["AlarmName"] for alarm in found} == set(names)
    for alarm in found:
        assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Route53", "HealthCheckStatus")
        assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)
        assert alarm["TreatMissingData"] == "breaching"
        assert alarm["AlarmActions"] == [topic]


def test_every_health_check_has_an_alarm(system: System) -> None:
    topic, checks = system.shared.text("health_alarm_topic_arn"), system.shared.by_region("health_check_ids")
    found = describe(system.clients(region_of(topic)), system.shared.texts("health_alarm_names"))
    assert {alarm["Dimensions"][0]["Value"] for alarm in found} == set(checks.values())


def test_topics_are_encrypted_with_the_regions_own_key(region: Region) -> None:
    topic = region.aws.sns.get_topic_attributes(TopicArn=region.text("alarm_topic_arn"))["Attributes"]
    assert topic["KmsMasterKeyId"] == region.text("key_arn")


def test_the_health_topic_is_encrypted_with_a_key_of_ours(system: System) -> None:
    arn = system.shared.text("health_alarm_topic_arn")
    aws = system.clients(region_of(arn))
    key = aws.sns.get_topic_attributes(TopicArn=arn)["Attributes"]["KmsMasterKeyId"]
    assert aws.kms.describe_key(KeyId=key)["KeyMetadata"]["KeyManager"] == "CUSTOMER"


def test_a_person_is_subscribed_in_every_region(system: System, region: Region) -> None:
    topics = {region.text("alarm_topic_arn"), system.shared.text("health_alarm_topic_arn")}
    for topic in topics:
        found = system.clients(region_of(topic)).sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        assert [one for one in found if one["Protocol"] == "email" and "@" in one["Endpoint"]], topic


def test_only_services_of_this_account_publish(region: Region) -> None:
    arn = region.text("alarm_topic_arn")
    policy = region.aws.sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]
    (publish,) = statements(policy)
    assert (publish.effect, publish.actions) == ("Allow", frozenset({"sns:Publish"}))
    assert publish.resources == {arn}
    assert "cloudwatch.amazonaws.com" in publish.services
    assert publish.conditions == {"StringEquals": {"aws:SourceAccount": arn.split(":")[4]}}


def test_the_dashboard_shows_every_region(system: System) -> None:
    drawn = {
        options["region"]
        for widget in widgets(system)
        for metric in widget["properties"].get("metrics", [])
        if isinstance(options := metric[-1], dict) and "region" in options
    }
    assert drawn >= {region.name for region in system.regions}


def test_the_dashboards_heading_says_what_was_promised_and_names_every_region(system: System) -> None:
    (heading,) = (widget["properties"]["markdown"] for widget in widgets(system) if widget["type"] == "text")
    assert [region.name for region in system.regions if region.name not in heading] == []
    assert re.search(r"RTO \d+ s", heading)
    assert re.search(r"RPO \d+ s", heading)
