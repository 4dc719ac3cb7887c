"""The audit: every region's trail, files that show a change, logs that are kept for years, and who is told at once."""

from __future__ import annotations

import pytest

from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Synthesized
from tests.unit.variants import only

SIX_YEARS = 2192


@pytest.fixture(scope="session", params=["healthcare-dev", "healthcare-prod"])
def either(synthesized: Synthesize, request: pytest.FixtureRequest) -> Synthesized:
    return synthesized(str(request.param))


def test_every_region_has_a_trail_whose_files_show_a_change(either: Synthesized) -> None:
    for stack in either.regional:
        trail = stack.the("aws_cloudtrail")
        assert trail["enable_log_file_validation"] is True
        assert trail["include_global_service_events"] is True
        assert trail["kms_key_id"] == "trail/key/key.arn"
        assert trail["s3_bucket_name"] == "trail/bucket/bucket.bucket"
        assert trail["cloud_watch_logs_group_arn"] == "${trail/log-group.arn}:*"


def test_the_primarys_trail_hears_every_region_and_the_standbys_its_own(either: Synthesized) -> None:
    assert [stack.the("aws_cloudtrail")["is_multi_region_trail"] for stack in either.regional] == [True, False]


def test_every_use_of_the_function_and_every_management_call_is_logged(either: Synthesized) -> None:
    def selectors(stack: str) -> dict[str, dict[str, list[str]]]:
        found = either.stacks[stack].the("aws_cloudtrail")["advanced_event_selector"]
        return {
            one["name"]: {
                field["field"]: field.get("equals", field.get("starts_with")) for field in one["field_selector"]
            }
            for one in found
        }

    primary = selectors(either.primary.place)
    assert primary["Management events"] == {"eventCategory": ["Management"]}
    assert primary["Every use of a function"]["resources.ARN"] == ["service/function.arn"]
    assert list(selectors(either.standby.place)) == ["Management events"]


def test_the_trail_is_made_when_it_may_write(either: Synthesized) -> None:
    for stack in either.regional:
        assert set(stack.the("aws_cloudtrail").depends_on) == {"trail/bucket/policy", "trail/role/write-logs"}


def test_only_this_trail_writes_to_its_bucket_and_uses_its_key(either: Synthesized) -> None:
    for stack in either.regional:
        name = stack.the("aws_cloudtrail")["name"]
        ours = f":cloudtrail:{stack.place}:${{account.account_id}}:trail/{name}"
        delivers = stack.by_path("trail/bucket/policy").statements()["TrailDelivers"]
        assert delivers["Condition"]["StringEquals"]["aws:SourceArn"].endswith(ours)
        assert delivers["Resource"] == "${trail/bucket/bucket.arn}/AWSLogs/${account.account_id}/*"
        encrypts = stack.by_path("trail/key/key").statements()["TrailEncrypts"]
        assert encrypts["Condition"]["StringEquals"]["aws:SourceArn"].endswith(ours)
        assert encrypts["Principal"] == {"Service": "cloudtrail.amazonaws.com"}


def test_nobody_can_delete_an_audit_file_of_production_for_six_years(synthesized: Synthesize) -> None:
    for stack in synthesized("healthcare-prod").regional:
        lock = stack.the("aws_s3_bucket_object_lock_configuration")
        assert lock["rule"]["default_retention"] == {"days": SIX_YEARS, "mode": "COMPLIANCE"}
        assert stack.by_path("trail/bucket/bucket")["object_lock_enabled"] is True
        rule = only(stack.by_path("trail/bucket/lifecycle")["rule"])
        assert only(rule["expiration"])["days"] == SIX_YEARS + 1


def test_a_throw_away_environment_can_be_destroyed_with_its_audit(synthesized: Synthesize) -> None:
    for stack in synthesized("healthcare-dev").regional:
        assert stack.all("aws_s3_bucket_object_lock_configuration") == []
        assert stack.by_path("trail/bucket/bucket")["force_destroy"] is True


def test_every_log_is_kept_as_long_as_the_audit_asks(either: Synthesized, dev: Synthesized) -> None:
    groups = either.all("aws_cloudwatch_log_group")
    assert len(groups) >= 8
    assert {group["retention_in_days"] for group in groups} == {SIX_YEARS}
    for stack in either.regional:
        assert only(only(stack.by_path("logs/lifecycle")["rule"])["expiration"])["days"] == SIX_YEARS
    others = [group for group in dev.all("aws_cloudwatch_log_group") if "/states/" not in group["name"]]
    assert {group["retention_in_days"] for group in others} == {90}


def test_a_person_is_told_at_once_of_what_an_audit_would_ask_about(either: Synthesized) -> None:
    for stack in either.regional:
        filters = stack.all("aws_cloudwatch_log_metric_filter")
        prefix = f"{either.system.names.prefix}-"
        assert {each["name"].removeprefix(prefix) for each in filters} == {
            "audit-root-use",
            "audit-denied-calls",
            "audit-trail-changed",
            "audit-key-at-risk",
            "audit-backup-deleted",
        }
        for each in filters:
            assert each["log_group_name"] == "trail/log-group.name"
            told = stack.by_path(f"trail/alarm-{each['name'].removeprefix(prefix)}")
            counted = each["metric_transformation"]
            assert (told["namespace"], told["metric_name"]) == (counted["namespace"], counted["name"])
            assert told["alarm_actions"] == ["alarms/topic.arn"]


def test_a_system_without_audit_has_no_trail(dev: Synthesized) -> None:
    assert [each for each in dev.everywhere if each.type == "aws_cloudtrail"] == []
