"""What exists in the standby: before a restore, so that no name is taken, and after it, so that somebody has looked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lifeboat.restore.targets import Standby, Target

Client = Any
"""boto3 makes its clients at run time; three services are asked here."""
Connect = Callable[[str], Client]
"""Returns the client of a service in the standby."""

NOT_THERE = {"DBInstanceNotFound", "DBInstanceNotFoundFault", "ResourceNotFoundException", "404", "NoSuchBucket"}


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A resource as it was found.

    Attributes:
        arn: Its ARN.
        address: Where clients find it: host and port, table or bucket.
        state: In AWS's words; `available` and the like.
        faults: What is not as it has to be. Empty: it can be used.
    """

    arn: str
    address: str
    state: str
    faults: tuple[str, ...] = ()


def look(connect: Connect, standby: Standby, target: Target) -> Seen | None:
    """Look at a resource; None when there is none of this name."""
    from botocore.exceptions import ClientError  # noqa: PLC0415 boto3 is not everybody's need

    looks = {"RDS": _instance, "DynamoDB": _table, "S3": _bucket}
    try:
        return looks[target.kind](connect, standby, target)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in NOT_THERE:
            return None
        raise


def _instance(connect: Connect, standby: Standby, target: Target) -> Seen:
    (found,) = connect("rds").describe_db_instances(DBInstanceIdentifier=target.name)["DBInstances"]
    endpoint = found.get("Endpoint", {})
    groups = {one["VpcSecurityGroupId"] for one in found.get("VpcSecurityGroups", [])}
    wanted = {
        "is not encrypted": found.get("StorageEncrypted") is True,
        f"is not encrypted with {standby.key}": found.get("KmsKeyId") == standby.key,
        "can be reached from the internet": found.get("PubliclyAccessible") is False,
        "has no standby in another zone": found.get("MultiAZ") is True,
        f"is not in security group {standby.outputs.get('instance_security_group_id')} alone": groups
        == {standby.outputs.get("instance_security_group_id")},
        f"does not use parameter group {target.settings['DBParameterGroupName']}, which enforces TLS": [
            one["DBParameterGroupName"] for one in found.get("DBParameterGroups", [])
        ]
        == [target.settings["DBParameterGroupName"]],
        f"is {found.get('DBInstanceStatus')} and not available": found.get("DBInstanceStatus") == "available",
    }
    return Seen(
        arn=found["DBInstanceArn"],
        address=f"{endpoint.get('Address', '')}:{endpoint.get('Port', '')}",
        state=str(found.get("DBInstanceStatus")),
        faults=tuple(fault for fault, is_fine in wanted.items() if not is_fine),
    )


def _table(connect: Connect, _standby: Standby, target: Target) -> Seen:
    found = connect("dynamodb").describe_table(TableName=target.name)["Table"]
    state = str(found["TableStatus"])
    faults = () if state == "ACTIVE" else (f"is {state} and not active",)
    return Seen(arn=found["TableArn"], address=target.name, state=state, faults=faults)


def _bucket(connect: Connect, standby: Standby, target: Target) -> Seen:
    connect("s3").head_bucket(Bucket=target.name)
    partition = standby.key.split(":")[1]
    return Seen(arn=f"arn:{partition}:s3:::{target.name}", address=target.name, state="available")
