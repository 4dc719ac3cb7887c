"""Secrets Manager: replicas that can be read where they are, and written only where they come from."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from tests.lifeboat.embedded.aws import Aws, promises

EAST, WEST = "us-east-1", "us-west-2"
KEY = "arn:aws:kms:us-west-2:123456789012:key/west"


def new_secret(aws: Aws) -> str:
    name = aws.name("secret")
    aws("secretsmanager", EAST).create_secret(
        Name=name, SecretString="one", AddReplicaRegions=[{"Region": WEST, "KmsKeyId": KEY}]
    )
    return name


def value(aws: Aws, name: str, region: str) -> str:
    return str(aws("secretsmanager", region).get_secret_value(SecretId=name)["SecretString"])


def check_a_replica_has_its_own_key(aws: Aws) -> None:
    name = new_secret(aws)
    described = aws("secretsmanager", EAST).describe_secret(SecretId=name)
    assert [(one["Region"], one["KmsKeyId"]) for one in described["ReplicationStatus"]] == [(WEST, KEY)]
    assert "KmsKeyId" not in described
    assert aws("secretsmanager", WEST).describe_secret(SecretId=name)["KmsKeyId"] == KEY


def check_a_replica_is_promoted(aws: Aws) -> None:
    name = new_secret(aws)
    west = aws("secretsmanager", WEST)
    west.stop_replication_to_replica(SecretId=name)
    west.put_secret_value(SecretId=name, SecretString="two")
    assert (value(aws, name, EAST), value(aws, name, WEST)) == ("one", "two")
    promoted = west.describe_secret(SecretId=name)
    assert promoted["ARN"].split(":")[3] == WEST
    assert promoted["KmsKeyId"] == KEY
    aws("secretsmanager", EAST).delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    assert value(aws, name, WEST) == "two"


CHECKS = {
    "secretsmanager.replica_key": check_a_replica_has_its_own_key,
    "secretsmanager.promote_replica": check_a_replica_is_promoted,
}
test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)


def test_new_versions_reach_the_replica(embedded_aws: Aws) -> None:
    name = new_secret(embedded_aws)
    embedded_aws("secretsmanager", EAST).put_secret_value(SecretId=name, SecretString="two")
    assert value(embedded_aws, name, WEST) == "two"


@pytest.mark.parametrize(
    ("call", "settings"),
    [
        ("put_secret_value", {"SecretString": "two"}),
        ("update_secret", {"SecretString": "two"}),
        ("delete_secret", {"ForceDeleteWithoutRecovery": True}),
        ("tag_resource", {"Tags": [{"Key": "a", "Value": "1"}]}),
    ],
)
def test_a_replica_refuses_writes(embedded_aws: Aws, call: str, settings: dict[str, object]) -> None:
    name = new_secret(embedded_aws)
    write: Callable[..., object] = getattr(embedded_aws("secretsmanager", WEST), call)
    with pytest.raises(ClientError, match="replica"):
        write(SecretId=name, **settings)
    assert value(embedded_aws, name, WEST) == "one"


def test_a_secret_is_deleted_at_once_after_its_replicas(embedded_aws: Aws) -> None:
    name = new_secret(embedded_aws)
    east = embedded_aws("secretsmanager", EAST)
    with pytest.raises(ClientError, match="still has replica regions"):
        east.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    east.remove_regions_from_replication(SecretId=name, RemoveReplicaRegions=[WEST])
    east.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    for region in (EAST, WEST):
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            value(embedded_aws, name, region)
