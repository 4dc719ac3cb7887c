"""DynamoDB global tables (version 2019.11.21): replicas, what they share, and what each has of its own."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field

from moto.core.responses import ActionResult
from moto.dynamodb.exceptions import DeletionProtectedException, MockValidationException
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.table import StreamRecord, Table
from moto.dynamodb.responses import DynamoHandler

from lifeboat.local.embedded.gap import Gap

VERSION = "2019.11.21"
IMAGES_NEEDED = "NEW_AND_OLD_IMAGES"
SYNCHRONISED = ("attr", "billing_mode", "global_indexes", "throughput", "ttl", "warm_throughput")


@dataclass(eq=False)
class GlobalTable:
    """What the replicas of a table know about each other: one object, held by every replica.

    Attributes:
        account: Account of every replica.
        name: Name of the table in every region.
        made_from: Region of each replica, with the region from which it was added; None for the first.
    """

    account: str
    name: str
    made_from: dict[str, str | None] = field(default_factory=dict)

    def __deepcopy__(self, _memo: object) -> GlobalTable:
        """Stay the same object: moto copies a table to be able to roll a transaction back."""
        return self

    def replica(self, region: str) -> Table | None:
        """Return the table in one region, or None when it is gone."""
        return dynamodb_backends[self.account][region].tables.get(self.name) if region in self.made_from else None

    def others(self, region: str) -> list[Table]:
        """Return the replicas in every other region."""
        replicas = [self.replica(other) for other in self.made_from if other != region]
        return [replica for replica in replicas if replica is not None]

    def remove(self, region: str) -> None:
        """Take a region out of the group. The last table left is an ordinary one again."""
        self.made_from.pop(region, None)
        if len(self.made_from) == 1:
            for remaining in list(self.made_from):
                last = self.replica(remaining)
                if last is not None:
                    last.global_table = None


def _invalid(message: str) -> MockValidationException:
    return MockValidationException(message)


def _replicas() -> None:
    Table.global_table = None
    plain_describe, plain_update = Table.describe, DynamoHandler.update_table

    def describe(self: Table, base_key: str = "TableDescription") -> dict[str, dict[str, object]]:
        described: dict[str, dict[str, object]] = plain_describe(self, base_key)
        if self.global_table:
            described[base_key]["GlobalTableVersion"] = VERSION
            described[base_key]["Replicas"] = [_seen(one) for one in self.global_table.others(self.region_name)]
        return described

    def update_table(self: DynamoHandler) -> ActionResult:
        table = self.dynamodb_backend.get_table(self.body["TableName"])
        for update in self.body.get("ReplicaUpdates") or ():
            for action, replica in update.items():
                REPLICA_ACTIONS[action](table, replica)
        return plain_update(self)

    Table.describe, DynamoHandler.update_table = describe, update_table


def _seen(replica: Table) -> dict[str, object]:
    """Describe a replica as the other regions see it."""
    seen: dict[str, object] = {"RegionName": replica.region_name, "ReplicaStatus": "ACTIVE"}
    if replica.replica_key:
        seen["KMSMasterKeyId"] = replica.replica_key
    if replica.table_class:
        seen["ReplicaTableClassSummary"] = {"TableClass": replica.table_class}
    return seen


def _add(table: Table, replica: Mapping[str, str]) -> None:
    region = replica["RegionName"]
    tables = dynamodb_backends[table.account_id][region].tables
    stream = table.stream_specification or {}
    if stream.get("StreamViewType") != IMAGES_NEEDED:
        raise _invalid(f"Table must have streams enabled with StreamViewType set to {IMAGES_NEEDED}")
    if region == table.region_name:
        raise _invalid("Cannot add, delete, or update the local region through ReplicaUpdates")
    if table.name in tables:
        raise _invalid(
            f"Failed to create a the new replica of table with name: '{table.name}' because one already exists"
        )
    group = table.global_table or GlobalTable(table.account_id, table.name, {table.region_name: None})
    group.made_from[region] = table.region_name
    table.global_table = group
    tables[table.name] = _copied(table, replica)


def _copied(table: Table, replica: Mapping[str, str]) -> Table:
    """Return a new table in the replica's region with the same items, and a stream and a key of its own."""
    encrypted = bool(table.sse_specification and table.sse_specification.get("Enabled"))
    new = Table(
        table.name,
        account_id=table.account_id,
        region=replica["RegionName"],
        schema=table.schema,
        attr=table.attr,
        billing_mode=table.billing_mode,
        streams={"StreamEnabled": True, "StreamViewType": IMAGES_NEEDED},
        sse_specification=_encryption(replica.get("KMSMasterKeyId"), encrypted=encrypted),
    )
    for setting in (*SYNCHRONISED, "indexes", "items", "written"):
        setattr(new, setting, copy.deepcopy(getattr(table, setting)))
    new.replica_key = replica.get("KMSMasterKeyId")
    new.table_class = replica.get("TableClassOverride") or table.table_class
    new.global_table = table.global_table
    return new


def _encryption(key: str | None, *, encrypted: bool) -> dict[str, object] | None:
    if key:
        return {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    return {"Enabled": True, "SSEType": "KMS"} if encrypted else None


def _existing(table: Table, region: str) -> Table:
    replica = table.global_table.replica(region) if table.global_table else None
    if replica is None:
        raise _invalid(f"Replica not found in region {region}")
    return replica


def _change(table: Table, replica: Mapping[str, str]) -> None:
    existing = _existing(table, replica["RegionName"])
    if key := replica.get("KMSMasterKeyId"):
        existing.replica_key = key
        existing.sse_specification = _encryption(key, encrypted=True)
    existing.table_class = replica.get("TableClassOverride") or existing.table_class


def _drop(table: Table, replica: Mapping[str, str]) -> None:
    existing = _existing(table, replica["RegionName"])
    if existing.deletion_protection_enabled:
        raise DeletionProtectedException(table.name)
    del dynamodb_backends[table.account_id][existing.region_name].tables[table.name]
    table.global_table.remove(existing.region_name)


REPLICA_ACTIONS = {"Create": _add, "Update": _change, "Delete": _drop}


def _delete_as_aws() -> None:
    plain = DynamoDBBackend.delete_table

    def delete_table(self: DynamoDBBackend, name: str) -> Table:
        table = self.get_table(name)
        group = table.global_table
        if group and self.region_name in group.made_from.values() and not table.deletion_protection_enabled:
            raise _invalid(
                "Replica cannot be deleted because it has acted as a source region for new replica(s) being added to"
                " the table in the last 24 hours."
            )
        deleted = plain(self, name)
        if group:
            group.remove(self.region_name)
        return deleted

    DynamoDBBackend.delete_table = delete_table


def _settings() -> None:
    """Keep the table class and the key across CreateTable and UpdateTable, and the shared settings in step."""
    Table.table_class = None
    Table.replica_key = None
    plain_create, plain_update = DynamoHandler.create_table, DynamoHandler.update_table
    plain_describe, plain_ttl = Table.describe, DynamoDBBackend.update_time_to_live

    def create_table(self: DynamoHandler) -> ActionResult:
        created = plain_create(self)
        _apply(self.dynamodb_backend.get_table(self.body["TableName"]), self.body)
        return created

    def update_table(self: DynamoHandler) -> ActionResult:
        plain_update(self)
        table = self.dynamodb_backend.get_table(self.body["TableName"])
        _apply(table, self.body)
        _synchronise(table)
        return ActionResult(table.describe())

    def describe(self: Table, base_key: str = "TableDescription") -> dict[str, dict[str, object]]:
        described: dict[str, dict[str, object]] = plain_describe(self, base_key)
        if self.table_class:
            described[base_key]["TableClassSummary"] = {"TableClass": self.table_class}
        return described

    def update_time_to_live(self: DynamoDBBackend, table_name: str, ttl_spec: Mapping[str, object]) -> None:
        plain_ttl(self, table_name, ttl_spec)
        _synchronise(self.get_table(table_name))

    DynamoHandler.create_table, DynamoHandler.update_table = create_table, update_table
    Table.describe, DynamoDBBackend.update_time_to_live = describe, update_time_to_live


def _apply(table: Table, request: Mapping[str, dict[str, object]]) -> None:
    table.table_class = request.get("TableClass") or table.table_class
    encryption = request.get("SSESpecification")
    if encryption is None:
        return
    key = encryption.get("KMSMasterKeyId")
    table.replica_key = key or None
    if encryption.get("Enabled"):
        managed = Table._get_default_encryption_key(table, table.account_id, table.region_name)
        table.sse_specification = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key or managed}
    else:
        table.sse_specification = None


def _synchronise(table: Table) -> None:
    others = table.global_table.others(table.region_name) if table.global_table else ()
    for other in others:
        for setting in SYNCHRONISED:
            setattr(other, setting, copy.deepcopy(getattr(table, setting)))


def _name_the_region_in_streams() -> None:
    plain = StreamRecord.__init__

    def init(self: StreamRecord, table: Table, *args: object, **settings: object) -> None:
        plain(self, table, *args, **settings)
        self.record["awsRegion"] = table.region_name

    StreamRecord.__init__ = init


GAPS = (
    Gap(
        name="dynamodb.replicas",
        missing="UpdateTable ignores ReplicaUpdates: a table is in one region only.",
        matters="No global table could be deployed.",
        fill=_replicas,
    ),
    Gap(
        name="dynamodb.delete_replica",
        missing="A table can be deleted at any time.",
        matters="An order of deletion that AWS refuses would pass.",
        fill=_delete_as_aws,
    ),
    Gap(
        name="dynamodb.settings",
        missing="UpdateTable ignores the table class and the encryption key.",
        matters="Changing either would never converge.",
        fill=_settings,
    ),
    Gap(
        name="dynamodb.stream_region",
        missing="Every stream record says that it happened in us-east-1.",
        matters="A consumer could not tell a local write from a replicated one.",
        fill=_name_the_region_in_streams,
    ),
)
