"""Alarms: thresholds from the objectives, an action in the alarm's own region, and a page that says what to do."""

from __future__ import annotations

import re

import pytest

from tests.unit.alarm_metrics import dimensions
from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Resource, Synthesized

RUNBOOK = "https://runbooks.example.com/ecommerce"
RPO_MS = 60_000
BUCKET_RPO = 900


def by_name(deployed: Synthesized) -> dict[tuple[str, str], Resource]:
    """Return every alarm by (region, short name)."""
    prefix = f"{deployed.system.names.prefix}-"
    return {
        (alarm.region, alarm["alarm_name"].removeprefix(prefix)): alarm
        for alarm in deployed.all("aws_cloudwatch_metric_alarm")
    }


def topic_region(alarm: Resource, topic: str) -> str:
    """Say in which region the topic lies that an alarm tells."""
    if ":" in topic:
        return topic.split(":", maxsplit=1)[0]
    return alarm.stack.by_path(topic.removesuffix(".arn")).region


def test_every_alarm_tells_a_topic_of_its_own_region(synthesized: Synthesize) -> None:
    for name in ("dev", "prod", "three-regions", "healthcare-dev"):
        alarms = by_name(synthesized(name)).values()
        assert len(alarms) >= 30
        for alarm in alarms:
            for told in ("alarm_actions", "ok_actions"):
                assert [topic_region(alarm, topic) for topic in alarm[told]] == [alarm.region], alarm


def test_every_alarm_says_what_it_means_and_links_to_its_section_of_the_runbook(either: Synthesized) -> None:
    for (_region, name), alarm in by_name(either).items():
        means, link = alarm["alarm_description"].split(" Runbook: ")
        assert link == f"{RUNBOOK}#{name}"
        assert re.fullmatch(r"[A-Z].{20,}\.", means), means


def test_alarm_names_are_unique_in_every_region(synthesized: Synthesize) -> None:
    for name in ("dev", "three-regions", "healthcare-dev"):
        alarms = synthesized(name).all("aws_cloudwatch_metric_alarm")
        assert len({(alarm.region, alarm["alarm_name"]) for alarm in alarms}) == len(alarms)


def test_database_lag_is_watched_in_both_regions_against_the_rpo(either: Synthesized) -> None:
    alarms = by_name(either)
    for stack in either.regional:
        cluster = {"DBClusterIdentifier": stack.the("aws_rds_cluster")["cluster_identifier"]}
        early, breach = alarms[stack.place, "database-replication-lag"], alarms[stack.place, "database-rpo-lag"]
        assert (early["metric_name"], early["threshold"]) == ("AuroraGlobalDBReplicationLag", RPO_MS / 2)
        assert (breach["metric_name"], breach["threshold"]) == ("AuroraGlobalDBRPOLag", RPO_MS)
        assert early["dimensions"] == breach["dimensions"] == cluster
        assert {each["comparison_operator"] for each in (early, breach)} == {"GreaterThanThreshold"}


def test_a_store_with_its_own_rpo_is_watched_against_that(synthesized: Synthesize) -> None:
    alarms = by_name(synthesized("roomy-database"))
    assert alarms["us-west-2", "database-rpo-lag"]["threshold"] == 120_000


@pytest.mark.parametrize(("source", "target"), [("us-east-1", "us-west-2"), ("us-west-2", "us-east-1")])
def test_table_lag_is_watched_in_every_direction_against_the_rpo(either: Synthesized, source: str, target: str) -> None:
    alarm = by_name(either)[source, "table-orders-lag"]
    assert (alarm["namespace"], alarm["metric_name"]) == ("AWS/DynamoDB", "ReplicationLatency")
    assert alarm["dimensions"] == {
        "TableName": either.world.the("aws_dynamodb_table")["name"],
        "ReceivingRegion": target,
    }
    assert (alarm["threshold"], alarm["comparison_operator"]) == (RPO_MS, "GreaterThanThreshold")


@pytest.mark.parametrize(("source", "target"), [("us-east-1", "us-west-2"), ("us-west-2", "us-east-1")])
def test_bucket_lag_and_failures_are_watched_in_every_direction(either: Synthesized, source: str, target: str) -> None:
    alarms = by_name(either)
    lag, failed = alarms[source, "bucket-assets-lag"], alarms[source, "bucket-assets-failed"]
    assert (lag["metric_name"], lag["threshold"]) == ("ReplicationLatency", BUCKET_RPO)
    assert (failed["metric_name"], failed["threshold"]) == ("OperationsFailedReplication", 0)
    assert (
        lag["dimensions"]
        == failed["dimensions"]
        == {
            "SourceBucket": f"{source}:bucket-assets/bucket.bucket",
            "DestinationBucket": f"{target}:bucket-assets/bucket.bucket",
            "RuleId": f"to-{target}",
        }
    )


def test_the_rule_that_a_bucket_alarm_watches_exists(synthesized: Synthesize) -> None:
    deployed = synthesized("three-regions")
    rules = {
        (each.region, rule["id"])
        for each in deployed.world.all("aws_s3_bucket_replication_configuration")
        for rule in each["rule"]
    }
    watched = {
        (region, watched["RuleId"])
        for (region, name), alarm in by_name(deployed).items()
        if name == "bucket-assets-lag"
        for watched in dimensions(alarm)
    }
    assert watched == rules
    assert len(rules) == 6


def test_health_checks_are_watched_where_route_53_keeps_their_metrics(synthesized: Synthesize) -> None:
    for name in ("dev", "three-regions"):
        deployed = synthesized(name)
        alarms = by_name(deployed)
        for plan in deployed.system.regions:
            alarm = alarms["us-east-1", f"health-{plan.name}"]
            assert (alarm["namespace"], alarm["metric_name"]) == ("AWS/Route53", "HealthCheckStatus")
            assert alarm["dimensions"] == {"HealthCheckId": f"records/health-{plan.name}.id"}
            assert (alarm["comparison_operator"], alarm["threshold"]) == ("LessThanThreshold", 1)
            assert alarm["treat_missing_data"] == "breaching"


def test_the_people_of_the_file_are_subscribed_in_every_region(either: Synthesized) -> None:
    for stack in [*either.regional, either.world]:
        told = stack.the("aws_sns_topic_subscription")
        assert (told["protocol"], told["endpoint"]) == ("email", "oncall@example.com")
        assert told["topic_arn"] == f"{stack.the('aws_sns_topic').path}.arn"


def test_topics_are_encrypted_and_only_this_accounts_services_publish(either: Synthesized) -> None:
    for topic in either.all("aws_sns_topic"):
        assert topic["kms_master_key_id"] in {"key/key.arn", "health-key/key.arn"}
    for policy in either.all("aws_sns_topic_policy"):
        statement = policy.statements()["ServicesPublish"]
        assert statement["Action"] == "sns:Publish"
        assert statement["Resource"] == policy["arn"]
        assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "account.account_id"}}


@pytest.mark.parametrize(
    ("name", "metric", "threshold"),
    [
        ("application-5xx", "HTTPCode_Target_5XX_Count", 10),
        ("load-balancer-5xx", "HTTPCode_ELB_5XX_Count", 10),
        ("load-balancer-rejected", "RejectedConnectionCount", 0),
        ("function-errors", "Errors", 0),
        ("function-throttles", "Throttles", 0),
        ("function-dead-letters", "ApproximateNumberOfMessagesVisible", 0),
        ("backup-failed", "NumberOfBackupJobsFailed", 0),
        ("backup-copy-failed", "NumberOfCopyJobsFailed", 0),
        ("database-cpu", "CPUUtilization", 90),
        ("database-capacity", "ACUUtilization", 90),
        ("database-memory", "FreeableMemory", 256 * 1024**2),
    ],
)
def test_both_regions_are_watched_alike(dev: Synthesized, name: str, metric: str, threshold: float) -> None:
    alarms = by_name(dev)
    for region in ("us-east-1", "us-west-2"):
        assert (alarms[region, name]["metric_name"], alarms[region, name]["threshold"]) == (metric, threshold)


def test_slow_requests_are_told_before_they_are_cut_off(either: Synthesized) -> None:
    for stack in either.regional:
        limit_ms = stack.the("aws_lambda_function")["timeout"] * 1000
        alarm = by_name(either)[stack.place, "function-duration"]
        assert (alarm["metric_name"], alarm["extended_statistic"]) == ("Duration", "p99")
        assert alarm["threshold"] == 0.8 * limit_ms


def test_a_person_is_told_well_within_the_rto(either: Synthesized) -> None:
    rto = either.system.spec.objectives.rto_seconds
    for alarm in by_name(either).values():
        if alarm["namespace"] != "AWS/Backup":  # backups run once a day, and their metrics follow once an hour
            assert alarm["period"] * alarm["evaluation_periods"] <= rto / 3, alarm
            assert alarm["datapoints_to_alarm"] <= alarm["evaluation_periods"], alarm


def test_provisioned_databases_have_no_alarm_on_serverless_capacity(synthesized: Synthesize) -> None:
    assert ("us-east-1", "database-capacity") not in by_name(synthesized("provisioned"))


def test_an_alarm_names_one_statistic(either: Synthesized) -> None:
    for alarm in by_name(either).values():
        assert ("statistic" in alarm) != ("extended_statistic" in alarm), alarm


def test_every_alarm_is_in_the_outputs(either: Synthesized) -> None:
    told = [name for stack in either.regional for name in stack.output("alarm_names")]
    told += [name for names in either.world.output("alarm_names").values() for name in names]
    told += either.world.output("health_alarm_names")
    assert sorted(told) == sorted(alarm["alarm_name"] for alarm in either.all("aws_cloudwatch_metric_alarm"))
