"""The audit: trails that are on, files that show a change, logs that are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.integration.system import Region, System

if TYPE_CHECKING:
    from mypy_boto3_cloudtrail.type_defs import TrailTypeDef

LEAST_DAYS = 365


def trail(region: Region) -> TrailTypeDef:
    (found,) = region.aws.cloudtrail.describe_trails(trailNameList=[region.text("trail_arn")])["trailList"]
    return found


def test_every_regions_trail_is_on_and_its_files_show_a_change(region: Region) -> None:
    found = trail(region)
    assert region.aws.cloudtrail.get_trail_status(Name=region.text("trail_arn"))["IsLogging"] is True
    assert (found["LogFileValidationEnabled"], found["IncludeGlobalServiceEvents"]) == (True, True)
    assert found["HomeRegion"] == region.name


def test_the_trail_encrypts_with_a_key_of_its_own_into_a_bucket_of_its_own(region: Region) -> None:
    found = trail(region)
    assert found["KmsKeyId"] == region.text("audit_key_arn") != region.text("key_arn")
    assert found["S3BucketName"] == region.text("audit_bucket_name") != region.text("log_bucket_name")


def test_the_primarys_trail_hears_every_region(system: System) -> None:
    assert trail(system.primary)["IsMultiRegionTrail"] is True
    assert [trail(standby)["IsMultiRegionTrail"] for standby in system.standbys] == [False] * len(system.standbys)


def test_every_use_of_the_function_is_on_record(region: Region) -> None:
    arn = region.text("trail_arn")
    function = region.aws.functions.get_function_configuration(FunctionName=region.text("function_name"))
    selectors = region.aws.cloudtrail.get_event_selectors(TrailName=arn)["AdvancedEventSelectors"]
    named = [value for one in selectors for field in one["FieldSelectors"] for value in field.get("Equals", [])]
    assert "Management" in named
    assert function["FunctionArn"] in named


def test_nothing_public_and_nothing_without_tls_in_the_audits_bucket(region: Region) -> None:
    bucket = region.text("audit_bucket_name")
    closed = region.aws.s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert set(closed.values()) == {True}
    assert region.aws.s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert '"TlsOnly"' in region.aws.s3.get_bucket_policy(Bucket=bucket)["Policy"]


def test_every_log_of_the_system_is_kept_as_long_as_the_audit_asks(region: Region) -> None:
    name = region.text("audit_log_group_name")
    (own,) = [
        one
        for one in region.aws.logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        if one["logGroupName"] == name
    ]
    days = own["retentionInDays"]
    assert days >= LEAST_DAYS
    prefix = region.text("parameter_prefix").strip("/")
    pages = region.aws.logs.get_paginator("describe_log_groups").paginate()
    mine = [one for page in pages for one in page["logGroups"] if prefix in one["logGroupName"]]
    assert len(mine) >= 3
    assert {one["logGroupName"]: one.get("retentionInDays") for one in mine} == {
        one["logGroupName"]: days for one in mine
    }


def test_a_person_is_told_of_what_the_trail_shows(region: Region) -> None:
    group = region.text("audit_log_group_name")
    filters = region.aws.logs.describe_metric_filters(logGroupName=group)["metricFilters"]
    metrics = {one["metricTransformations"][0]["metricName"] for one in filters}
    assert metrics >= {"audit-root-use", "audit-trail-changed", "audit-backup-deleted"}
    names = [name for name in region.texts("alarm_names") if "-audit-" in name]
    alarms = region.aws.cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"]
    transformations = [one["metricTransformations"][0] for one in filters]
    counted = {(one["metricNamespace"], one["metricName"]) for one in transformations}
    assert {(alarm["Namespace"], alarm["MetricName"]) for alarm in alarms} == counted
    assert {action for alarm in alarms for action in alarm["AlarmActions"]} == {region.text("alarm_topic_arn")}
