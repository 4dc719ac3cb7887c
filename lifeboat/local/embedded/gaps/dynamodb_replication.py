"""DynamoDB global tables: every write reaches the other regions as a copy; the last writer wins."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

from lifeboat.local.embedded import replication
from lifeboat.local.embedded.gap import Gap


@dataclass(frozen=True)
class _Write:
    """An item that was written in one region, whatever became of it."""

    account: str
    region: str
    table: str
    hash_key: DynamoType
    range_key: DynamoType | None

    def in_region(self, region: str) -> Table | None:
        """Return the table, in the region of the write or in another one."""
        return dynamodb_backends[self.account][region].tables.get(self.table)


def _deliver(write: _Write) -> None:
    """Send the item as it is now to every other replica."""
    source = write.in_region(write.region)
    if source is None or not source.global_table:
        return
    item = copy.deepcopy(source.get_item(write.hash_key, write.range_key))
    written = (time.time_ns(), write.region)
    source.written[write.hash_key, write.range_key] = written
    for other in source.global_table.others(write.region):
        replication.submit(
            service="dynamodb",
            source=write.region,
            target=other.region_name,
            make=_copy_of(write, item, other.region_name, written),
        )


def _copy_of(write: _Write, item: Item | None, region: str, written: tuple[int, str]) -> Callable[[], None]:
    def make() -> None:
        target = write.in_region(region)
        key = (write.hash_key, write.range_key)
        if target is None or target.written.get(key, (0, "")) > written:
            return
        old = target.get_item(*key)
        target.written[key] = written
        _store(target, write, copy.deepcopy(item))
        if target.stream_shard is not None and (old is not None or item is not None):
            target.stream_shard.add(old, item)

    return make


def _store(table: Table, write: _Write, item: Item | None) -> None:
    """Put an item into a table, or take it out, without the write being replicated again."""
    if write.range_key is not None:
        items, key = table.items[write.hash_key], write.range_key
    else:
        items, key = table.items, write.hash_key
    if item is None:
        items.pop(key, None)
    else:
        items[key] = item


_writes = replication.Changes[_Write](_deliver)


def _note(table: Table, hash_key: DynamoType, range_key: DynamoType | None) -> None:
    if table.global_table:
        _writes.note(_Write(table.account_id, table.region_name, table.name, hash_key, range_key))


def _replicate_items() -> None:
    Table.written = property(_write_times, _set_write_times)
    plain_put, plain_delete = Table.put_item, Table.delete_item
    plain_update, plain_transact = DynamoDBBackend.update_item, DynamoDBBackend.transact_write_items

    @wraps(plain_put)
    def put_item(self: Table, *args: object, **settings: object) -> Item:
        item = plain_put(self, *args, **settings)
        _note(self, item.hash_key, item.range_key)
        return item

    @wraps(plain_delete)
    def delete_item(self: Table, hash_key: DynamoType, range_key: DynamoType | None) -> Item | None:
        item = plain_delete(self, hash_key, range_key)
        _note(self, hash_key, range_key)
        return item

    @wraps(plain_update)
    def update_item(self: DynamoDBBackend, table_name: str, *args: object, **settings: object) -> Item:
        with _writes.together():
            item = plain_update(self, table_name, *args, **settings)
            _note(self.get_table(table_name), item.hash_key, item.range_key)
        return item

    @wraps(plain_transact)
    def transact_write_items(self: DynamoDBBackend, *args: object, **settings: object) -> None:
        with _writes.together():
            plain_transact(self, *args, **settings)

    Table.put_item, Table.delete_item = put_item, delete_item
    DynamoDBBackend.update_item, DynamoDBBackend.transact_write_items = update_item, transact_write_items


WriteTimes = dict[tuple[DynamoType, DynamoType | None], tuple[int, str]]


def _write_times(self: Table) -> WriteTimes:
    """When and where each item was last written, its deletion included."""
    times: WriteTimes = self.__dict__.setdefault("_written", {})
    return times


def _set_write_times(self: Table, times: WriteTimes) -> None:
    self.__dict__["_written"] = times


GAPS = (
    Gap(
        name="dynamodb.replication",
        missing="What is written in one region stays there.",
        matters="A failover could not be shown to keep the data.",
        fill=_replicate_items,
    ),
)
