"""What a disaster leaves behind, built by hand on an embedded AWS: a standby with its vault, and copies in it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from deployments.load import load
from deployments.system import System

HOME, AWAY = "eu-west-1", "eu-central-1"
ROLE = "arn:aws:iam::123456789012:role/backup"

DESCRIPTION = """
name = "{name}"
strategy = "backup-restore"
objectives = {{ rto_seconds = 86400, rpo_seconds = 3600 }}
domain.zone = "example.com"
state.bucket_prefix = "tiny-state"
alarms.runbook_url = "https://runbooks.example.com"
backup = {{ every_hours = 1 }}
regions = [{{ name = "eu-west-1" }}, {{ name = "eu-central-1" }}]
{stores}
"""
INSTANCE = '[instance]\nname = "patients"\n'
STORES = (
    INSTANCE
    + """
[tables.visits]
partition_key = "pk"

[buckets.scans]
"""
)

Client = Any
"""boto3 makes its clients at run time."""


def clients(region: str) -> Callable[[str], Client]:
    """Return clients of one region of the AWS that the environment points at."""
    return lambda service: _client(service, region, os.environ["AWS_ENDPOINT_URL"])


@cache
def _client(service: str, region: str, url: str) -> Client:
    config = Config(region_name=region, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    make: Callable[..., Client] = boto3.client
    return make(service, config=config, endpoint_url=url)


@dataclass(frozen=True)
class Landscape:
    """A system with a primary that holds data and a standby that holds copies.

    Attributes:
        system: Its description.
        key: The standby's key.
        group: The security group that the standby has for the instance.
        outputs: Folder with the outputs of its deploy.
    """

    system: System
    key: str
    group: str
    outputs: Path

    @property
    def name(self) -> str:
        return self.system.names.prefix

    def back_up(self, resource: str) -> str:
        """Back a resource of the primary up, copy that to the standby, and return the copy."""
        home, away = clients(HOME)("backup"), clients(AWAY)("backup")
        vault = away.describe_backup_vault(BackupVaultName=self.name)["BackupVaultArn"]
        point = home.start_backup_job(BackupVaultName=self.name, ResourceArn=resource, IamRoleArn=ROLE)
        job = home.start_copy_job(
            RecoveryPointArn=point["RecoveryPointArn"],
            SourceBackupVaultName=self.name,
            DestinationBackupVaultArn=vault,
            IamRoleArn=ROLE,
        )
        return str(home.describe_copy_job(CopyJobId=job["CopyJobId"])["CopyJob"]["DestinationRecoveryPointArn"])


def build(name: str, folder: Path, stores: str = INSTANCE) -> Landscape:
    """Build a landscape without data."""
    file = folder / f"{name}.toml"
    file.write_text(DESCRIPTION.format(name=name, stores=stores), encoding="utf-8")
    system = load(file, "dev")
    prefix = system.names.prefix
    keys = {}
    for region in (HOME, AWAY):
        keys[region] = clients(region)("kms").create_key()["KeyMetadata"]["Arn"]
        clients(region)("backup").create_backup_vault(BackupVaultName=prefix, EncryptionKeyArn=keys[region])
    group = _place(prefix)
    outputs = folder / "outputs"
    outputs.mkdir()
    flat = {
        "backup_vault_name": prefix,
        "backup_role_arn": ROLE,
        "key_arn": keys[AWAY],
        "instance_subnet_group_name": prefix,
        "instance_parameter_group_name": f"{prefix}-instance",
        "instance_security_group_id": group,
    }
    values = {f"eu_central_1_{output}": value for output, value in flat.items()}
    (outputs / "flat-outputs.json").write_text(json.dumps(values), encoding="utf-8")
    return Landscape(system, keys[AWAY], group, outputs)


def _place(prefix: str) -> str:
    ec2, rds = clients(AWAY)("ec2"), clients(AWAY)("rds")
    vpc = ec2.create_vpc(CidrBlock="10.70.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.70.{number}.0/24", AvailabilityZone=f"{AWAY}{zone}")["Subnet"]
        for number, zone in enumerate("ab")
    ]
    rds.create_db_subnet_group(
        DBSubnetGroupName=prefix,
        DBSubnetGroupDescription="data",
        SubnetIds=[subnet["SubnetId"] for subnet in subnets],
    )
    rds.create_db_parameter_group(
        DBParameterGroupName=f"{prefix}-instance", DBParameterGroupFamily="postgres16", Description="TLS"
    )
    return str(ec2.create_security_group(GroupName=prefix, Description="database", VpcId=vpc)["GroupId"])


def instance(landscape: Landscape) -> str:
    """Make the primary's instance; return its ARN."""
    made = clients(HOME)("rds").create_db_instance(
        DBInstanceIdentifier=landscape.name,
        DBInstanceClass="db.t4g.medium",
        Engine="postgres",
        EngineVersion="16.8",
        DBName="patients",
        MasterUsername="lifeboat",
        MasterUserPassword="known-to-this-test",
        AllocatedStorage=20,
        StorageEncrypted=True,
        MultiAZ=True,
    )
    return str(made["DBInstance"]["DBInstanceArn"])


def table(landscape: Landscape) -> str:
    """Make the primary's table with one item; return its ARN."""
    dynamodb, name = clients(HOME)("dynamodb"), landscape.system.names.of("table", "visits")
    made = dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName=name, Item={"pk": {"S": "kept"}})
    return str(made["TableDescription"]["TableArn"])


def bucket(landscape: Landscape) -> str:
    """Make the primary's bucket with one object; return its ARN."""
    name = landscape.system.names.bucket("scans", HOME, "123456789012")
    s3 = clients(HOME)("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": HOME})
    s3.put_object(Bucket=name, Key="one", Body=b"kept")
    return f"arn:aws:s3:::{name}"
