"""EFS: what moto does not do."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.lifeboat.embedded.answers import refusal
from tests.lifeboat.embedded.aws import Aws, Check, Client, promises

EAST, WEST = "us-east-1", "us-west-2"


def made(aws: Aws, region: str = EAST) -> str:
    """Make a file system and return its id."""
    efs = aws("efs", region)
    return str(efs.create_file_system(CreationToken=aws.name("files"), Encrypted=True)["FileSystemId"])


def protection(efs: Client, name: str) -> str:
    shown = efs.describe_file_systems(FileSystemId=name)["FileSystems"][0]
    return str(shown["FileSystemProtection"]["ReplicationOverwriteProtection"])


def replicated(aws: Aws) -> tuple[str, str]:
    """Replicate a file system from east to west and return both ids."""
    source, target = made(aws), made(aws, WEST)
    aws("efs", WEST).update_file_system_protection(FileSystemId=target, ReplicationOverwriteProtection="DISABLED")
    destination = {"FileSystemId": target, "Region": WEST}
    aws("efs").create_replication_configuration(SourceFileSystemId=source, Destinations=[destination])
    return source, target


def check_protection(aws: Aws) -> None:
    efs = aws("efs")
    name = made(aws)
    assert protection(efs, name) == "ENABLED"
    efs.update_file_system_protection(FileSystemId=name, ReplicationOverwriteProtection="DISABLED")
    assert protection(efs, name) == "DISABLED"


def check_policies(aws: Aws) -> None:
    efs = aws("efs")
    name = made(aws)
    for status in ("DISABLED", "ENABLED"):
        efs.put_backup_policy(FileSystemId=name, BackupPolicy={"Status": status})
        assert efs.describe_backup_policy(FileSystemId=name)["BackupPolicy"] == {"Status": status}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "elasticfilesystem:ClientMount"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    efs.put_file_system_policy(FileSystemId=name, Policy=policy)
    efs.delete_file_system_policy(FileSystemId=name)
    assert "PolicyNotFound" in refusal(lambda: efs.describe_file_system_policy(FileSystemId=name))


def check_replication(aws: Aws) -> None:
    east, west = aws("efs"), aws("efs", WEST)
    source, target = replicated(aws)
    for client, name in ((east, source), (west, target)):
        (found,) = client.describe_replication_configurations(FileSystemId=name)["Replications"]
        assert found["SourceFileSystemId"] == source
        assert [(d["FileSystemId"], d["Region"], d["Status"]) for d in found["Destinations"]] == [
            (target, WEST, "ENABLED")
        ]
    assert protection(west, target) == "REPLICATING"
    west.delete_replication_configuration(SourceFileSystemId=source)
    assert protection(west, target) == "ENABLED"
    assert "ReplicationNotFound" in refusal(lambda: east.describe_replication_configurations(FileSystemId=source))


CHECKS: dict[str, Check] = {
    "efs.protection": check_protection,
    "efs.policies": check_policies,
    "efs.replication": check_replication,
}

test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)


def test_a_protected_file_system_is_not_overwritten(embedded_aws: Aws) -> None:
    source, target = made(embedded_aws), made(embedded_aws, WEST)
    destination = {"FileSystemId": target, "Region": WEST}
    with pytest.raises(ClientError, match="overwrite protection"):
        embedded_aws("efs").create_replication_configuration(SourceFileSystemId=source, Destinations=[destination])


def test_a_destination_keeps_giving_up_its_protection_while_it_replicates(embedded_aws: Aws) -> None:
    _, target = replicated(embedded_aws)
    with pytest.raises(ClientError, match="destination"):
        embedded_aws("efs", WEST).update_file_system_protection(
            FileSystemId=target, ReplicationOverwriteProtection="DISABLED"
        )
