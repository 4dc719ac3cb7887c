"""Backups: what replication copies along with the mistake, a locked vault in another region undoes."""

from __future__ import annotations

from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Synthesized
from tests.unit.variants import only

ARN = "arn:${partition.partition}"


def test_every_store_of_a_region_is_backed_up_there(either: Synthesized) -> None:
    table = either.world.the("aws_dynamodb_table")["name"]
    for stack in either.regional:
        assert stack.the("aws_backup_selection")["resources"] == [
            "bucket-assets/bucket.arn",
            "database/cluster.arn",
            f"{ARN}:dynamodb:{stack.place}:${{account.account_id}}:table/{table}",
        ]


def test_backups_are_copied_to_the_other_region_both_ways(either: Synthesized) -> None:
    vaults = {stack.place: stack.the("aws_backup_vault")["name"] for stack in either.regional}
    assert len(set(vaults.values())) == 1  # the copy goes to the vault of the same name
    for stack, other in zip(either.regional, reversed(either.regional), strict=True):
        copy = only(only(stack.the("aws_backup_plan")["rule"])["copy_action"])
        assert copy["destination_vault_arn"] == (
            f"{ARN}:backup:{other.place}:${{account.account_id}}:backup-vault:${{backup/vault.name}}"
        )
        assert copy["lifecycle"] == {"delete_after": 35}


def test_three_regions_copy_in_a_ring(synthesized: Synthesize) -> None:
    targets = {
        stack.place: only(only(stack.the("aws_backup_plan")["rule"])["copy_action"])["destination_vault_arn"].split(
            ":"
        )[3]
        for stack in synthesized("three-regions").regional
    }
    assert targets == {"eu-west-1": "eu-central-1", "eu-central-1": "eu-north-1", "eu-north-1": "eu-west-1"}


def test_a_single_region_copies_nowhere(synthesized: Synthesize) -> None:
    plan = synthesized("one-region").primary.the("aws_backup_plan")
    assert only(plan["rule"]).get("copy_action", []) == []


def test_vaults_are_locked_for_exactly_the_days_that_backups_are_kept(either: Synthesized) -> None:
    for stack in either.regional:
        lock = stack.the("aws_backup_vault_lock_configuration")
        assert lock["backup_vault_name"] == "backup/vault.name"
        assert (lock["min_retention_days"], lock["max_retention_days"]) == (35, 35)
        rule = only(stack.the("aws_backup_plan")["rule"])
        assert rule["lifecycle"] == {"delete_after": 35}
        assert rule["target_vault_name"] == "backup/vault.name"


def test_vaults_are_encrypted_with_the_key_of_their_region(either: Synthesized) -> None:
    for vault in either.all("aws_backup_vault"):
        assert vault["kms_key_arn"] == "key/key.arn"


def test_backups_run_under_a_role_that_exists_beforehand_and_can_restore(either: Synthesized) -> None:
    for stack in either.regional:
        assert stack.the("aws_backup_selection")["iam_role_arn"] == "backup/role/role.arn"
        attached = {
            each["policy_arn"].split("policy/")[1]
            for each in stack.all("aws_iam_role_policy_attachment")
            if each["role"] == "backup/role/role.name"
        }
        assert attached == {
            "service-role/AWSBackupServiceRolePolicyForBackup",
            "service-role/AWSBackupServiceRolePolicyForRestores",
            "AWSBackupServiceRolePolicyForS3Backup",
            "AWSBackupServiceRolePolicyForS3Restore",
        }


def test_a_standby_without_stores_still_has_the_vault_that_receives_copies(synthesized: Synthesize) -> None:
    standby = synthesized("backup-restore").standby
    assert standby.the("aws_backup_vault")["name"] == "ecommerce-dev"
