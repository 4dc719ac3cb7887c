"""Backups: kept in a locked vault, and copied to a region that does not fail together with this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.system import Region, System, region_of

if TYPE_CHECKING:
    from mypy_boto3_backup.type_defs import BackupRuleTypeDef


def rules(region: Region) -> list[BackupRuleTypeDef]:
    found = region.aws.backup.get_backup_plan(BackupPlanId=region.text("backup_plan_id"))["BackupPlan"]["Rules"]
    assert found, "the plan has no rule: nothing is ever backed up"
    return found


def protected(region: Region) -> set[str]:
    """Return the ARNs that the plan's selections name."""
    plan = region.text("backup_plan_id")
    found: set[str] = set()
    for selection in region.aws.backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]:
        answer = region.aws.backup.get_backup_selection(BackupPlanId=plan, SelectionId=selection["SelectionId"])
        found |= set(answer["BackupSelection"].get("Resources", []))
    return found


def test_the_vault_is_locked_and_encrypted_with_the_regions_own_key(region: Region) -> None:
    vault = region.aws.backup.describe_backup_vault(BackupVaultName=region.text("backup_vault_name"))
    assert vault["EncryptionKeyArn"] == region.text("key_arn")
    assert vault["Locked"] is True
    assert 1 <= vault["MinRetentionDays"] <= vault["MaxRetentionDays"]


def test_the_plan_fills_the_regions_own_vault_and_the_lock_accepts_what_it_keeps(region: Region) -> None:
    name = region.text("backup_vault_name")
    vault = region.aws.backup.describe_backup_vault(BackupVaultName=name)
    for rule in rules(region):
        assert rule["TargetBackupVaultName"] == name
        assert rule["ScheduleExpression"].startswith(("cron(", "rate("))
        days = rule["Lifecycle"]["DeleteAfterDays"]
        assert vault["MinRetentionDays"] <= days <= vault["MaxRetentionDays"]


def test_every_backup_is_copied_into_the_locked_vault_of_another_region(system: System, region: Region) -> None:
    vaults = {
        other.aws.backup.describe_backup_vault(BackupVaultName=other.text("backup_vault_name"))["BackupVaultArn"]
        for other in system.others(region)
    }
    for rule in rules(region):
        if rule.get("EnableContinuousBackup"):  # which AWS keeps in its own region
            continue
        copies = {copy["DestinationBackupVaultArn"]: copy for copy in rule["CopyActions"]}
        assert len(copies) >= 1
        assert set(copies) <= vaults
        assert region.name not in {region_of(arn) for arn in copies}
        assert all(copy["Lifecycle"]["DeleteAfterDays"] >= 1 for copy in copies.values())


def test_everything_that_holds_data_is_backed_up(system: System, region: Region) -> None:
    if "backup_role_arn" in region.outputs and region is not system.primary:
        pytest.skip("output backup_role_arn: a backup-restore standby holds copies, and no data of its own")
    kept = {arn.rsplit(":", 1)[-1].removeprefix("table/") for arn in protected(region)}
    expected = {region.text(name) for name in region.outputs if name.startswith("bucket_")}
    if "database_cluster_identifier" in region.outputs:
        expected.add(region.text("database_cluster_identifier"))
    if "file_system_id" in region.outputs:
        expected.add(f"file-system/{region.text('file_system_id')}")
    if "instance_endpoint" in region.outputs:
        expected.add(region.text("instance_identifier"))
    expected |= {system.shared.text(name) for name in system.shared if name.startswith("table_")}
    assert expected
    assert kept == expected


def test_backups_run_under_a_role_that_only_aws_backup_assumes(region: Region) -> None:
    plan = region.text("backup_plan_id")
    selections = region.aws.backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]
    if "backup_role_arn" in region.outputs:  # of a system that recovers by restoring: there in a standby, too
        selections = [*selections, {"IamRoleArn": region.text("backup_role_arn")}]
    assert selections
    for selection in selections:
        role = region.aws.iam.get_role(RoleName=selection["IamRoleArn"].rsplit("/", 1)[-1])["Role"]
        trust = role["AssumeRolePolicyDocument"]
        assert "backup.amazonaws.com" in str(trust)
        assert "*" not in str(trust)
