"""AWS Backup: plans that say what is backed up, and recovery points that survive their region."""

from __future__ import annotations

import json
import urllib.request
from typing import Any
from urllib.parse import quote

import pytest

from tests.lifeboat.embedded.answers import refusal
from tests.lifeboat.embedded.aws import Aws, promises

EAST, WEST = "us-east-1", "us-west-2"
ROLE = "arn:aws:iam::123456789012:role/backup"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/carts"
Described = dict[str, Any]


def new_vault(aws: Aws, region: str = EAST) -> str:
    name = aws.name("vault")
    key = f"arn:aws:kms:{region}:123456789012:key/{region}"
    aws("backup", region).create_backup_vault(BackupVaultName=name, EncryptionKeyArn=key)
    return name


def new_plan(aws: Aws, **settings: object) -> str:
    rule = {"RuleName": "daily", "TargetBackupVaultName": "v", "Lifecycle": {"DeleteAfterDays": 35}}
    plan = {"BackupPlanName": aws.name("plan"), "Rules": [rule]}
    return str(aws("backup").create_backup_plan(BackupPlan=plan, **settings)["BackupPlanId"])


def check_every_path_is_answered(aws: Aws) -> None:
    assert "ResourceTypeOptInPreference" in aws("backup").describe_region_settings()


def check_selections(aws: Aws) -> None:
    backup, plan = aws("backup"), new_plan(aws)
    selection = {
        "SelectionName": "tables",
        "IamRoleArn": ROLE,
        "Resources": ["arn:aws:dynamodb:*:*:table/*"],
        "NotResources": [TABLE],
        "ListOfTags": [{"ConditionType": "STRINGEQUALS", "ConditionKey": "Backup", "ConditionValue": "yes"}],
        "Conditions": {"StringLike": [{"ConditionKey": "aws:ResourceTag/a", "ConditionValue": "b*"}]},
    }
    made = backup.create_backup_selection(BackupPlanId=plan, BackupSelection=selection)["SelectionId"]
    read = backup.get_backup_selection(BackupPlanId=plan, SelectionId=made)
    assert read["BackupSelection"] == selection
    listed = backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]
    assert [(one["SelectionId"], one["SelectionName"]) for one in listed] == [(made, "tables")]
    assert "must be deleted prior" in refusal(lambda: backup.delete_backup_plan(BackupPlanId=plan))
    backup.delete_backup_selection(BackupPlanId=plan, SelectionId=made)
    assert "ResourceNotFoundException" in refusal(
        lambda: backup.get_backup_selection(BackupPlanId=plan, SelectionId=made)
    )


def check_plans_change_and_go(aws: Aws) -> None:
    backup, plan = aws("backup"), new_plan(aws)
    document = backup.get_backup_plan(BackupPlanId=plan)["BackupPlan"]
    document["Rules"][0].pop("RuleId")
    document["Rules"][0]["Lifecycle"] = {"DeleteAfterDays": 90}
    backup.update_backup_plan(BackupPlanId=plan, BackupPlan=document)
    assert backup.get_backup_plan(BackupPlanId=plan)["BackupPlan"]["Rules"][0]["Lifecycle"] == {"DeleteAfterDays": 90}
    backup.delete_backup_plan(BackupPlanId=plan)
    assert "ResourceNotFoundException" in refusal(lambda: backup.get_backup_plan(BackupPlanId=plan))


def tags_for_terraform(aws: Aws, arn: str) -> object:
    """Ask like the Go SDK, whose path has no slash at the end."""
    signed = {"Authorization": f"AWS4-HMAC-SHA256 Credential=test/20260101/{EAST}/backup/aws4_request"}
    asked = urllib.request.Request(f"{aws.url}/tags/{quote(arn, safe='')}", headers=signed)  # noqa: S310 - loopback
    with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310 - loopback
        return json.load(answer)["Tags"]


def check_tags(aws: Aws) -> None:
    backup = aws("backup")
    arn = backup.get_backup_plan(BackupPlanId=new_plan(aws, BackupPlanTags={"a": "1"}))["BackupPlanArn"]
    backup.tag_resource(ResourceArn=arn, Tags={"b": "2"})
    assert backup.list_tags(ResourceArn=arn)["Tags"] == {"a": "1", "b": "2"}
    assert tags_for_terraform(aws, arn) == {"a": "1", "b": "2"}
    backup.untag_resource(ResourceArn=arn, TagKeyList=["a"])
    assert backup.list_tags(ResourceArn=arn)["Tags"] == {"b": "2"}


def check_vault_policy(aws: Aws) -> None:
    backup, vault = aws("backup"), new_vault(aws)
    backup.put_backup_vault_access_policy(BackupVaultName=vault, Policy="{}")
    assert backup.get_backup_vault_access_policy(BackupVaultName=vault)["Policy"] == "{}"
    backup.delete_backup_vault_access_policy(BackupVaultName=vault)
    gone = refusal(lambda: backup.get_backup_vault_access_policy(BackupVaultName=vault))
    assert "ResourceNotFoundException" in gone


def check_vault_notifications(aws: Aws) -> None:
    backup, vault = aws("backup"), new_vault(aws)
    told: Described = {
        "SNSTopicArn": "arn:aws:sns:us-east-1:123456789012:t",
        "BackupVaultEvents": ["BACKUP_JOB_FAILED"],
    }
    backup.put_backup_vault_notifications(BackupVaultName=vault, **told)
    read = backup.get_backup_vault_notifications(BackupVaultName=vault)
    assert {name: read[name] for name in told} == told
    backup.delete_backup_vault_notifications(BackupVaultName=vault)
    gone = refusal(lambda: backup.get_backup_vault_notifications(BackupVaultName=vault))
    assert "ResourceNotFoundException" in gone


def check_region_settings(aws: Aws) -> None:
    backup = aws("backup", "eu-west-3")
    backup.update_region_settings(ResourceTypeOptInPreference={"EC2": False})
    read = backup.describe_region_settings()
    assert (read["ResourceTypeOptInPreference"]["EC2"], read["ResourceTypeOptInPreference"]["S3"]) == (False, True)
    assert read["ResourceTypeManagementPreference"]["DynamoDB"] is True


def back_up(aws: Aws, vault: str) -> Described:
    started = aws("backup").start_backup_job(BackupVaultName=vault, ResourceArn=TABLE, IamRoleArn=ROLE)
    return dict(started)


def check_recovery_points_hold_the_vault(aws: Aws) -> None:
    backup, vault = aws("backup"), new_vault(aws)
    point = back_up(aws, vault)["RecoveryPointArn"]
    listed = backup.list_recovery_points_by_backup_vault(BackupVaultName=vault)["RecoveryPoints"]
    assert [(one["RecoveryPointArn"], one["ResourceType"], one["Status"]) for one in listed] == [
        (point, "DynamoDB", "COMPLETED")
    ]
    assert backup.describe_backup_vault(BackupVaultName=vault)["NumberOfRecoveryPoints"] == 1
    assert "contains 1 recovery points" in refusal(lambda: backup.delete_backup_vault(BackupVaultName=vault))
    backup.delete_recovery_point(BackupVaultName=vault, RecoveryPointArn=point)
    backup.delete_backup_vault(BackupVaultName=vault)


def check_backup_jobs_complete(aws: Aws) -> None:
    vault = new_vault(aws)
    started = back_up(aws, vault)
    job = aws("backup").describe_backup_job(BackupJobId=started["BackupJobId"])
    assert (job["State"], job["RecoveryPointArn"]) == ("COMPLETED", started["RecoveryPointArn"])
    assert job["ResourceArn"] == TABLE


def check_copies_cross_regions(aws: Aws) -> None:
    vault, there = new_vault(aws), new_vault(aws, WEST)
    point = back_up(aws, vault)["RecoveryPointArn"]
    arn = aws("backup", WEST).describe_backup_vault(BackupVaultName=there)["BackupVaultArn"]
    started = aws("backup").start_copy_job(
        RecoveryPointArn=point, SourceBackupVaultName=vault, DestinationBackupVaultArn=arn, IamRoleArn=ROLE
    )
    job = aws("backup").describe_copy_job(CopyJobId=started["CopyJobId"])["CopyJob"]
    assert job["State"] == "COMPLETED"
    (copied,) = aws("backup", WEST).list_recovery_points_by_backup_vault(BackupVaultName=there)["RecoveryPoints"]
    assert copied["RecoveryPointArn"] == job["DestinationRecoveryPointArn"]
    assert (copied["ResourceArn"], copied["EncryptionKeyArn"].split(":")[3]) == (TABLE, WEST)


def new_restore_plan(aws: Aws) -> str:
    name = aws.name("restore").replace("-", "_")
    points = {"Algorithm": "LATEST_WITHIN_WINDOW", "IncludeVaults": ["*"], "RecoveryPointTypes": ["SNAPSHOT"]}
    plan = {
        "RestoreTestingPlanName": name,
        "ScheduleExpression": "cron(0 6 ? * SUN *)",
        "RecoveryPointSelection": points,
    }
    aws("backup").create_restore_testing_plan(RestoreTestingPlan=plan)
    return name


def check_restore_testing_plans(aws: Aws) -> None:
    backup, name = aws("backup"), new_restore_plan(aws)
    plan = backup.get_restore_testing_plan(RestoreTestingPlanName=name)["RestoreTestingPlan"]
    assert (plan["StartWindowHours"], plan["ScheduleExpressionTimezone"]) == (24, "Etc/UTC")
    assert plan["RecoveryPointSelection"]["SelectionWindowDays"] == 30
    backup.update_restore_testing_plan(RestoreTestingPlanName=name, RestoreTestingPlan={"StartWindowHours": 5})
    plan = backup.get_restore_testing_plan(RestoreTestingPlanName=name)["RestoreTestingPlan"]
    assert (plan["StartWindowHours"], plan["ScheduleExpression"]) == (5, "cron(0 6 ? * SUN *)")
    backup.delete_restore_testing_plan(RestoreTestingPlanName=name)
    gone = refusal(lambda: backup.get_restore_testing_plan(RestoreTestingPlanName=name))
    assert "ResourceNotFoundException" in gone


def check_restore_testing_selections(aws: Aws) -> None:
    backup, plan = aws("backup"), new_restore_plan(aws)
    selection: Described = {
        "RestoreTestingSelectionName": "tables",
        "ProtectedResourceType": "DynamoDB",
        "ProtectedResourceArns": ["*"],
        "IamRoleArn": ROLE,
        "RestoreMetadataOverrides": {"encryptionType": "Default"},
    }
    backup.create_restore_testing_selection(RestoreTestingPlanName=plan, RestoreTestingSelection=selection)
    name = {"RestoreTestingPlanName": plan, "RestoreTestingSelectionName": "tables"}
    read = backup.get_restore_testing_selection(**name)["RestoreTestingSelection"]
    assert {key: read[key] for key in selection} == selection
    assert "must be deleted first" in refusal(lambda: backup.delete_restore_testing_plan(RestoreTestingPlanName=plan))
    backup.delete_restore_testing_selection(**name)
    backup.delete_restore_testing_plan(RestoreTestingPlanName=plan)


CHECKS = {
    "backup.paths": check_every_path_is_answered,
    "backup.selections": check_selections,
    "backup.plans": check_plans_change_and_go,
    "backup.tags": check_tags,
    "backup.vault_policy": check_vault_policy,
    "backup.vault_notifications": check_vault_notifications,
    "backup.region_settings": check_region_settings,
    "backup.recovery_points": check_recovery_points_hold_the_vault,
    "backup.jobs": check_backup_jobs_complete,
    "backup.copy_jobs": check_copies_cross_regions,
    "backup.restore_testing_plans": check_restore_testing_plans,
    "backup.restore_testing_selections": check_restore_testing_selections,
}
test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)


@pytest.mark.parametrize(("days", "locked"), [({}, False), ({"ChangeableForDays": 3}, True)])
def test_only_a_lock_with_a_grace_period_gets_a_date(embedded_aws: Aws, days: dict[str, int], locked: bool) -> None:
    backup, vault = embedded_aws("backup"), new_vault(embedded_aws)
    backup.put_backup_vault_lock_configuration(BackupVaultName=vault, MinRetentionDays=7, **days)
    described = backup.describe_backup_vault(BackupVaultName=vault)
    assert (described["Locked"], described["MinRetentionDays"], "LockDate" in described) == (True, 7, locked)
