"""KMS: what moto does not do."""

from __future__ import annotations

import json

from tests.lifeboat.embedded.aws import Aws, Check, promises


def check_rotation_period(aws: Aws) -> None:
    kms = aws("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
    assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 180
    kms.enable_key_rotation(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 365
    kms.disable_key_rotation(KeyId=key)
    assert "RotationPeriodInDays" not in kms.get_key_rotation_status(KeyId=key)


def check_replica(aws: Aws) -> None:
    near, far = aws("kms"), aws("kms", "us-west-2")
    key = near.create_key(MultiRegion=True, Description="primary")["KeyMetadata"]["KeyId"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    near.replicate_key(
        KeyId=key,
        ReplicaRegion="us-west-2",
        Description="replica",
        Policy=policy,
        Tags=[{"TagKey": "Side", "TagValue": "standby"}],
    )
    primary, replica = (client.describe_key(KeyId=key)["KeyMetadata"] for client in (near, far))
    assert (primary["Description"], replica["Description"]) == ("primary", "replica")
    kinds = [k["MultiRegionConfiguration"]["MultiRegionKeyType"] for k in (primary, replica)]
    assert kinds == ["PRIMARY", "REPLICA"]
    assert far.get_key_policy(KeyId=key, PolicyName="default")["Policy"] == policy
    assert far.list_resource_tags(KeyId=key)["Tags"] == [{"TagKey": "Side", "TagValue": "standby"}]


CHECKS: dict[str, Check] = {"kms.rotation_period": check_rotation_period, "kms.replica": check_replica}

test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)
