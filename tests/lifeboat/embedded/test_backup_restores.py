"""AWS Backup's restores: what moto does not do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.lifeboat.embedded.aws import Aws, Check, eventually, promises
from tests.lifeboat.embedded.test_backup import ROLE, new_vault

HOME, AWAY = "us-east-1", "us-west-2"


def instance(aws: Aws) -> dict[str, Any]:
    made = aws("rds").create_db_instance(
        DBInstanceIdentifier=aws.name("instance"),
        DBInstanceClass="db.t4g.medium",
        Engine="postgres",
        MasterUsername="root",
        MasterUserPassword="not-a-real-password",
        AllocatedStorage=20,
        StorageEncrypted=True,
        MultiAZ=True,
    )
    return dict(made["DBInstance"])


def back_up(aws: Aws, resource: str, vault: str) -> str:
    job = aws("backup").start_backup_job(BackupVaultName=vault, ResourceArn=resource, IamRoleArn=ROLE)
    return str(job["RecoveryPointArn"])


def copied(aws: Aws, point: str, vault: str, there: str) -> str:
    arn = aws("backup", AWAY).describe_backup_vault(BackupVaultName=there)["BackupVaultArn"]
    job = aws("backup").start_copy_job(
        RecoveryPointArn=point, SourceBackupVaultName=vault, DestinationBackupVaultArn=arn, IamRoleArn=ROLE
    )
    found = aws("backup").describe_copy_job(CopyJobId=job["CopyJobId"])["CopyJob"]
    return str(found["DestinationRecoveryPointArn"])


def restored(aws: Aws, point: str, metadata: dict[str, str], region: str = AWAY, **more: Any) -> dict[str, Any]:  # noqa: ANN401 whatever the API takes
    backup = aws("backup", region)
    job = backup.start_restore_job(RecoveryPointArn=point, Metadata=metadata, IamRoleArn=ROLE, **more)["RestoreJobId"]

    def ended() -> dict[str, Any]:
        seen = dict(backup.describe_restore_job(RestoreJobId=job))
        return seen if seen["Status"] in {"COMPLETED", "FAILED"} else {}

    return eventually(ended)


def snapshots(aws: Aws, instance_name: str) -> list[str]:
    found = aws("rds").describe_db_snapshots(DBInstanceIdentifier=instance_name)["DBSnapshots"]
    return [str(one["DBSnapshotArn"]) for one in found]


def vault_away(aws: Aws) -> str:
    """Make a vault in the other region, under a key that is there: copies are encrypted with it."""
    name, key = aws.name("vault"), aws("kms", AWAY).create_key()["KeyMetadata"]["Arn"]
    aws("backup", AWAY).create_backup_vault(BackupVaultName=name, EncryptionKeyArn=key)
    return name


def check_contents(aws: Aws) -> None:
    vault, made = new_vault(aws), instance(aws)
    point = back_up(aws, made["DBInstanceArn"], vault)
    assert ":rds:us-east-1:" in point
    assert ":snapshot:awsbackup:" in point
    assert point in snapshots(aws, made["DBInstanceIdentifier"])
    there = vault_away(aws)
    assert ":rds:us-west-2:" in copied(aws, point, vault, there)
    aws("backup").delete_recovery_point(BackupVaultName=vault, RecoveryPointArn=point)
    assert point not in snapshots(aws, made["DBInstanceIdentifier"])


def check_metadata(aws: Aws) -> None:
    vault, made = new_vault(aws), instance(aws)
    point = back_up(aws, made["DBInstanceArn"], vault)
    read = aws("backup").get_recovery_point_restore_metadata(BackupVaultName=vault, RecoveryPointArn=point)
    known = {"DBInstanceIdentifier": made["DBInstanceIdentifier"], "Engine": "postgres", "MultiAZ": "true"}
    assert {name: read["RestoreMetadata"][name] for name in known} == known


def check_restore_jobs(aws: Aws) -> None:
    vault, there, made = new_vault(aws), vault_away(aws), instance(aws)
    copy = copied(aws, back_up(aws, made["DBInstanceArn"], vault), vault, there)
    name = made["DBInstanceIdentifier"]
    metadata = {"DBInstanceIdentifier": name, "MultiAZ": "true", "VpcSecurityGroupIds": json.dumps(["sg-1"])}
    job = restored(aws, copy, metadata, IdempotencyToken=name)
    assert (job["Status"], job["ResourceType"]) == ("COMPLETED", "RDS")
    (found,) = aws("rds", AWAY).describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    assert (found["DBInstanceArn"], found["MultiAZ"]) == (job["CreatedResourceArn"], True)
    assert [one["VpcSecurityGroupId"] for one in found["VpcSecurityGroups"]] == ["sg-1"]
    assert restored(aws, copy, metadata, IdempotencyToken=name)["RestoreJobId"] == job["RestoreJobId"]
    again = restored(aws, copy, metadata)
    assert again["Status"] == "FAILED"
    assert "already exists" in again["StatusMessage"]


CHECKS: dict[str, Check] = {
    "backup.contents": check_contents,
    "backup.restore_metadata": check_metadata,
    "backup.restore_jobs": check_restore_jobs,
}

test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)


def test_a_table_comes_back_as_it_was_when_it_was_backed_up(embedded_aws: Aws) -> None:
    aws, name = embedded_aws, embedded_aws.name("table")
    dynamodb, vault = aws("dynamodb"), new_vault(embedded_aws)
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName=name, Item={"pk": {"S": "before"}})
    arn = dynamodb.describe_table(TableName=name)["Table"]["TableArn"]
    point = back_up(aws, arn, vault)
    dynamodb.put_item(TableName=name, Item={"pk": {"S": "after"}})
    assert restored(aws, point, {"targetTableName": name}, HOME)["Status"] == "FAILED"
    job = restored(aws, point, {"targetTableName": f"{name}-restored"}, HOME)
    assert job["Status"] == "COMPLETED"
    assert dynamodb.scan(TableName=f"{name}-restored")["Items"] == [{"pk": {"S": "before"}}]


def test_a_bucket_comes_back_in_another_region(embedded_aws: Aws) -> None:
    aws, name = embedded_aws, embedded_aws.name("bucket")
    s3, vault, there = aws("s3"), new_vault(embedded_aws), vault_away(embedded_aws)
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="a/b", Body=b"kept")
    copy = copied(aws, back_up(aws, f"arn:aws:s3:::{name}", vault), vault, there)
    s3.put_object(Bucket=name, Key="a/b", Body=b"lost")
    job = restored(aws, copy, {"DestinationBucketName": f"{name}-restored", "NewBucket": "true"})
    assert job["Status"] == "COMPLETED"
    assert aws("s3", AWAY).get_object(Bucket=f"{name}-restored", Key="a/b")["Body"].read() == b"kept"


def test_a_backup_of_what_does_not_exist_is_refused(embedded_aws: Aws) -> None:
    vault = new_vault(embedded_aws)
    with pytest.raises(ClientError, match="Cannot find"):
        back_up(embedded_aws, "arn:aws:rds:us-east-1:123456789012:db:nobody", vault)
