"""What is to be restored, worked out from the description and the standby's outputs: nothing asks the primary."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from deployments.problems import ProblemsError
from deployments.system import RegionPlan, System
from lifeboat.failure import Failure

Kind = Literal["RDS", "Aurora", "DynamoDB", "S3"]
"""What AWS Backup calls the types of resources."""

COMMAND = "lifeboat restore"
INSTANCE_LOGS = ("postgresql", "upgrade")


@dataclass(frozen=True, kw_only=True)
class Target:
    """One resource of the standby's data tier.

    Attributes:
        tier: Key in the description, such as `instance` or `tables.orders`.
        kind: Type of the resource.
        source: How the ARN of what was backed up ends; names are the same in every region.
        name: Name of what is restored.
        settings: What AWS Backup is to be told beside what it knows from the backup.
        rpo_seconds: What this tier may lose.
    """

    tier: str
    kind: Kind
    source: str
    name: str
    settings: Mapping[str, str]
    rpo_seconds: int

    @property
    def can_be_restored(self) -> bool:
        """Whether this command does it. An Aurora cluster comes with the region's stack: docs/strategies.md."""
        return self.kind != "Aurora"


@dataclass(frozen=True, kw_only=True)
class Standby:
    """The region that is restored in, as its own stack put it out.

    Attributes:
        region: AWS region.
        vault: Name of the vault with the copies.
        role: ARN of the role that AWS Backup restores under; it exists beforehand.
        key: ARN of the region's key.
        outputs: Everything else that the stack put out.
    """

    region: str
    vault: str
    role: str
    key: str
    outputs: Mapping[str, object]

    @property
    def account(self) -> str:
        """Account number, from an ARN: nobody has to be asked."""
        return self.key.split(":")[4]

    @classmethod
    def from_outputs(cls, region: str, flat: Mapping[str, object]) -> Standby:
        """Read a region's part of flat outputs.

        Raises:
            Failure: With every output that is missing.
        """
        prefix = f"{region.replace('-', '_')}_"
        own = {name.removeprefix(prefix): value for name, value in flat.items() if name.startswith(prefix)}
        needed = ("backup_vault_name", "backup_role_arn", "key_arn")
        missing = [prefix + name for name in needed if not own.get(name)]
        if missing:
            raise Failure(f"the outputs lack {', '.join(missing)}: was {region} deployed with a [backup] table?")
        vault, role, key = (str(own[name]) for name in needed)
        return cls(region=region, vault=vault, role=role, key=key, outputs=own)

    def need(self, *names: str) -> list[str]:
        """Return outputs.

        Raises:
            Failure: With every one that is missing.
        """
        missing = [name for name in names if not self.outputs.get(name)]
        if missing:
            raise Failure(f"the outputs of {self.region} lack {', '.join(missing)}: deploy its stack first")
        return [str(self.outputs[name]) for name in names]


def standby_plan(system: System, region: str | None) -> RegionPlan:
    """Choose the standby: the one that is named, else the first.

    Raises:
        ProblemsError: There is none, or the name is not one of them.
    """
    names = [plan.name for plan in system.standbys]
    if not names:
        raise ProblemsError.one(COMMAND, "this system has one region, and its backups stay there", allowed="a standby")
    chosen = region or names[0]
    if chosen not in names:
        raise ProblemsError.one(
            COMMAND, "is not a standby of this system", key="--to", found=chosen, allowed=", ".join(names)
        )
    return next(plan for plan in system.standbys if plan.name == chosen)


def targets(system: System, standby: Standby) -> list[Target]:
    """List the data tier of a standby.

    Raises:
        ProblemsError: The standby's stores follow the primary by themselves, or there is nothing to restore.
        Failure: An output is missing.
    """
    spec = system.spec
    if spec.strategy != "backup-restore":
        raise ProblemsError.one(
            COMMAND,
            "the standby's stores exist and follow the primary",
            key="strategy",
            found=spec.strategy,
            allowed="`lifeboat failover`; this command is for backup-restore",
        )
    found = list(_targets(system, standby))
    if not found:
        raise ProblemsError.one(COMMAND, "this system has no store", found=spec.name)
    return found


def _targets(system: System, standby: Standby) -> Iterator[Target]:
    yield from _relational(system, standby)
    spec, names = system.spec, system.names
    default = spec.objectives.rpo_seconds
    for purpose, table in spec.tables.items():
        name = names.of("table", purpose)
        yield Target(
            tier=f"tables.{purpose}",
            kind="DynamoDB",
            source=f":table/{name}",
            name=name,
            settings={"targetTableName": name, "encryptionType": "KMS", "kmsMasterKeyArn": standby.key},
            rpo_seconds=table.rpo_seconds or default,
        )
    for purpose, bucket in spec.buckets.items():
        name = names.bucket(purpose, standby.region, standby.account)
        yield Target(
            tier=f"buckets.{purpose}",
            kind="S3",
            source=f":::{names.bucket(purpose, system.primary.name, standby.account)}",
            name=name,
            settings=_bucket_settings(standby, name),
            rpo_seconds=bucket.rpo_seconds or default,
        )


def _relational(system: System, standby: Standby) -> Iterator[Target]:
    spec, names = system.spec, system.names
    default = spec.objectives.rpo_seconds
    if spec.instance:
        name = names.of("database instance")
        yield Target(
            tier="instance",
            kind="RDS",
            source=f":db:{name}",
            name=name,
            settings=_instance_settings(system, standby, name),
            rpo_seconds=spec.instance.rpo_seconds or default,
        )
    if spec.database:
        name = names.of("database cluster")
        yield Target(
            tier="database",
            kind="Aurora",
            source=f":cluster:{name}",
            name=name,
            settings={},
            rpo_seconds=spec.database.rpo_seconds or default,
        )


def _instance_settings(system: System, standby: Standby, name: str) -> dict[str, str]:
    """Say what differs from the instance that was backed up: everything that belongs to a region.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-rds.html
    """
    spec = system.spec.instance
    subnets, parameters, group = standby.need(
        "instance_subnet_group_name", "instance_parameter_group_name", "instance_security_group_id"
    )
    return {
        "DBInstanceIdentifier": name,
        "DBInstanceClass": spec.instance_class if spec else "",
        "DBSubnetGroupName": subnets,
        "DBParameterGroupName": parameters,
        "VpcSecurityGroupIds": json.dumps([group]),
        "MultiAZ": "true",
        "PubliclyAccessible": "false",
        "EnableIAMDatabaseAuthentication": "true",
        "EnableCloudwatchLogsExports": json.dumps(INSTANCE_LOGS),
        "AutoMinorVersionUpgrade": "false",
        "CopyTagsToSnapshot": "true",
        "DeletionProtection": str(system.spec.protected).lower(),
    }


def _bucket_settings(standby: Standby, name: str) -> dict[str, str]:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-s3.html."""
    return {
        "DestinationBucketName": name,
        "NewBucket": "true",
        "Encrypted": "true",
        "EncryptionType": "SSE-KMS",
        "KMSKey": standby.key,
    }
