"""AWS Backup: recovery points that hold what the resource held, so that a restore has something to bring back."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from moto.backup.exceptions import ResourceNotFoundException
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Backup as TableBackup
from moto.dynamodb.models.table import RestoredTable, Table
from moto.moto_api._internal import mock_random
from moto.rds.exceptions import RDSClientError
from moto.rds.models import RDSBackend, rds_backends
from moto.s3.models import S3Backend, s3_backends

Metadata = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Place:
    """An account in a region."""

    account: str
    region: str
    partition: str = "aws"


class Content(Protocol):
    """What a recovery point holds."""

    @property
    def arn(self) -> str:
        """ARN that the recovery point takes from its content. Empty: it has one of its own."""

    @property
    def metadata(self) -> dict[str, str]:
        """What the resource was like: what a restore starts from."""

    def copy_to(self, place: Place, key: str) -> Content:
        """Make the same content in another region, under that region's key."""

    def restore(self, place: Place, metadata: Metadata) -> str:
        """Make the resource again; return its ARN."""

    def drop(self) -> None:
        """Forget it."""


@dataclass(frozen=True, kw_only=True)
class InstanceContent:
    """A snapshot of an RDS instance, as RDS shows it. What its server holds is RDS's own concern."""

    arn: str
    place: Place
    name: str

    @classmethod
    def take(cls, place: Place, resource: str) -> InstanceContent:
        """Snapshot an instance.

        Raises:
            ResourceNotFoundException: There is no such instance.
        """
        rds: RDSBackend = rds_backends[place.account][place.region]
        instance = resource.rsplit(":", maxsplit=1)[-1]
        if instance not in rds.databases:
            raise ResourceNotFoundException(f"Cannot find {resource}")
        snapshot = rds.create_db_snapshot(instance, f"awsbackup:job-{mock_random.uuid4()}")
        return cls(arn=snapshot.arn, place=place, name=snapshot.db_snapshot_identifier)

    @property
    def _rds(self) -> RDSBackend:
        return rds_backends[self.place.account][self.place.region]

    @property
    def metadata(self) -> dict[str, str]:
        """What RDS knows of the instance at the time of the snapshot."""
        was = self._rds.database_snapshots[self.name].database
        return {
            "DBInstanceIdentifier": was.db_instance_identifier,
            "DBInstanceClass": was.db_instance_class,
            "Engine": was.engine,
            "MultiAZ": str(bool(was.multi_az)).lower(),
            "Port": str(was.port),
            "PubliclyAccessible": str(bool(was.publicly_accessible)).lower(),
            "StorageType": was.storage_type,
        }

    def copy_to(self, place: Place, key: str) -> InstanceContent:
        """Copy the snapshot as RDS copies one."""
        there: RDSBackend = rds_backends[place.account][place.region]
        copied = there.copy_db_snapshot(self.arn, f"awsbackup:copyjob-{mock_random.uuid4()}", kms_key_id=key)
        return InstanceContent(arn=copied.arn, place=place, name=copied.db_snapshot_identifier)

    def restore(self, place: Place, metadata: Metadata) -> str:
        """Restore the snapshot as RDS restores one.

        Raises:
            RDSClientError: RDS refuses: the name is taken, a group does not exist.
        """
        rds: RDSBackend = rds_backends[place.account][place.region]
        wanted: dict[str, object] = {
            "db_instance_identifier": metadata["DBInstanceIdentifier"],
            "db_instance_class": metadata.get("DBInstanceClass"),
            "db_subnet_group_name": metadata.get("DBSubnetGroupName"),
            "db_parameter_group_name": metadata.get("DBParameterGroupName"),
            "vpc_security_group_ids": json.loads(metadata.get("VpcSecurityGroupIds", "[]")),
            "enable_cloudwatch_logs_exports": json.loads(metadata.get("EnableCloudwatchLogsExports", "[]")),
            "availability_zone": None,
        }
        restored = rds.restore_db_instance_from_db_snapshot(self.name, wanted)
        # moto keeps what the source had where an argument says no.
        restored.multi_az = metadata.get("MultiAZ") == "true"
        restored.publicly_accessible = metadata.get("PubliclyAccessible") == "true"
        restored.deletion_protection = metadata.get("DeletionProtection") == "true"
        return str(restored.db_instance_arn)

    def drop(self) -> None:
        """Delete the snapshot."""
        if self.name in self._rds.database_snapshots:
            self._rds.delete_db_snapshot(self.name)


@dataclass(frozen=True, kw_only=True)
class TableContent:
    """The items of a DynamoDB table; none where there was no such table."""

    table: Table | None
    arn: str = ""

    @classmethod
    def take(cls, place: Place, resource: str) -> TableContent:
        """Keep what a table holds now."""
        tables = dynamodb_backends[place.account][place.region].tables
        return cls(table=copy.deepcopy(tables.get(resource.rsplit("/", maxsplit=1)[-1])))

    @property
    def metadata(self) -> dict[str, str]:
        """The name that the table had."""
        return {"targetTableName": self.table.name} if self.table else {}

    def copy_to(self, place: Place, key: str) -> TableContent:  # noqa: ARG002 the items are the same everywhere
        """Share the items: nothing changes them."""
        return TableContent(table=self.table)

    def restore(self, place: Place, metadata: Metadata) -> str:
        """Make a table with these items.

        Raises:
            ResourceNotFoundException: Nothing was kept.
            AlreadyExistsError: The name is taken.
        """
        if self.table is None:
            raise ResourceNotFoundException("The backup holds no table.")
        tables = dynamodb_backends[place.account][place.region].tables
        name = metadata["targetTableName"]
        if name in tables:
            raise AlreadyExistsError(f"Table already exists: {name}")
        kept = TableBackup(place.account, place.region, name, self.table)
        tables[name] = RestoredTable(name, account_id=place.account, region=place.region, backup=kept)
        return str(tables[name].table_arn)

    def drop(self) -> None:
        """Nothing lies anywhere else."""


@dataclass(frozen=True, kw_only=True)
class BucketContent:
    """The newest version of every object of a bucket."""

    objects: Mapping[str, bytes]
    arn: str = ""

    @classmethod
    def take(cls, place: Place, resource: str) -> BucketContent:
        """Keep what a bucket holds now."""
        s3: S3Backend = s3_backends[place.account][place.partition]
        bucket = s3.buckets.get(resource.rsplit(":", maxsplit=1)[-1])
        return cls(objects={name: key.value for name, key in bucket.keys.items()} if bucket else {})

    @property
    def metadata(self) -> dict[str, str]:
        """Nothing that a restore needs."""
        return {}

    def copy_to(self, place: Place, key: str) -> BucketContent:  # noqa: ARG002 the bytes are the same everywhere
        """Share the objects: nothing changes them."""
        return BucketContent(objects=self.objects)

    def restore(self, place: Place, metadata: Metadata) -> str:
        """Put the objects into a bucket, a new one where it is asked for.

        Raises:
            AlreadyExistsError: The name is taken.
        """
        s3: S3Backend = s3_backends[place.account][place.partition]
        name = metadata["DestinationBucketName"]
        if metadata.get("NewBucket") == "true":
            if name in s3_backends.bucket_accounts:
                raise AlreadyExistsError(f"Bucket already exists: {name}")
            s3.create_bucket(name, place.region)
        for key, value in self.objects.items():
            s3.put_object(name, key, value)
        return f"arn:{place.partition}:s3:::{name}"

    def drop(self) -> None:
        """Nothing lies anywhere else."""


@dataclass(frozen=True, kw_only=True)
class NoContent:
    """Of a kind of resource whose content is not kept here."""

    arn: str = ""

    @property
    def metadata(self) -> dict[str, str]:
        """Nothing is known."""
        return {}

    def copy_to(self, place: Place, key: str) -> NoContent:  # noqa: ARG002 there is nothing to copy
        """Stay without content."""
        return self

    def restore(self, place: Place, metadata: Metadata) -> str:  # noqa: ARG002 there is nothing to restore
        """Refuse.

        Raises:
            ResourceNotFoundException: Always.
        """
        raise ResourceNotFoundException("The embedded AWS keeps no content of this kind of resource.")

    def drop(self) -> None:
        """Nothing lies anywhere else."""


class AlreadyExistsError(Exception):
    """What is to be restored has a name that is taken."""


REFUSALS = (AlreadyExistsError, RDSClientError, ResourceNotFoundException, KeyError)
"""What a restore that cannot be done raises; the job then says so."""


def take(place: Place, resource: str) -> Content:
    """Keep what a resource holds now.

    Raises:
        ResourceNotFoundException: There is no such instance.
    """
    service = resource.split(":")[2]
    if service == "rds" and ":db:" in resource:
        return InstanceContent.take(place, resource)
    if service == "dynamodb":
        return TableContent.take(place, resource)
    if service == "s3":
        return BucketContent.take(place, resource)
    return NoContent()
