"""Tables: one name, a replica in every region, each with the region's own key and its own recovery."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from tests.integration.system import Region, System, Way

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, TableDescriptionTypeDef


Item = Mapping[str, "AttributeValueTypeDef"]
WORDS = "words"
"""The attribute that changes."""


def tables(system: System) -> list[str]:
    return list(system.shared.named("table").values())


def describe(region: Region, table: str) -> TableDescriptionTypeDef:
    return region.aws.dynamodb.describe_table(TableName=table)["Table"]


def a_key(region: Region, table: str) -> Item:
    """Make a primary key of the table's own form that nobody else uses."""
    return {part["AttributeName"]: {"S": f"integration-{uuid4().hex}"} for part in describe(region, table)["KeySchema"]}


def holds(region: Region, table: str, item: Item) -> bool:
    key = {name: value for name, value in item.items() if name != WORDS}
    return region.aws.dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item") == item


def lacks(region: Region, table: str, key: Item) -> bool:
    return "Item" not in region.aws.dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)


def test_every_region_serves_the_table_from_its_own_replica(system: System, region: Region) -> None:
    for table in tables(system):
        found = describe(region, table)
        assert found["TableStatus"] == "ACTIVE"
        assert found["TableArn"].split(":")[3] == region.name
        others = {other.name for other in system.regions if other is not region}
        replicas = {replica["RegionName"]: replica["ReplicaStatus"] for replica in found.get("Replicas", [])}
        replicas.pop(region.name, None)  # AWS lists the region that was asked as well
        assert replicas == dict.fromkeys(others, "ACTIVE")


def test_every_replica_has_the_same_keys_and_indexes(system: System) -> None:
    for table in tables(system):
        shapes = []
        for region in system.regions:
            found = describe(region, table)
            indexes = [(index["IndexName"], index["KeySchema"]) for index in found.get("GlobalSecondaryIndexes", [])]
            shapes.append((found["KeySchema"], sorted(indexes, key=lambda index: index[0])))
        assert all(shape == shapes[0] for shape in shapes), table


def test_every_replica_is_encrypted_with_its_regions_own_key(system: System, region: Region) -> None:
    for table in tables(system):
        encryption = describe(region, table)["SSEDescription"]
        assert (encryption["Status"], encryption["SSEType"]) == ("ENABLED", "KMS")
        assert encryption["KMSMasterKeyArn"] == region.text("key_arn")


def test_every_replica_can_be_restored_to_a_point_in_time(system: System, region: Region) -> None:
    for table in tables(system):
        backups = region.aws.dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
        assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


def test_a_standby_has_no_capacity_to_raise_before_it_can_take_over(system: System, region: Region) -> None:
    for table in tables(system):
        assert describe(region, table)["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


def test_changes_are_streamed_for_replication(system: System, region: Region) -> None:
    for table in tables(system):
        stream = describe(region, table)["StreamSpecification"]
        assert (stream["StreamEnabled"], stream["StreamViewType"]) == (True, "NEW_AND_OLD_IMAGES")


@pytest.mark.writes
def test_an_item_written_in_one_region_is_read_changed_and_deleted_in_the_other(system: System, way: Way) -> None:
    for table in tables(system):
        key = a_key(way.source, table)
        for words in ("first", "second"):
            item: Item = {**key, WORDS: {"S": words}}
            way.source.aws.dynamodb.put_item(TableName=table, Item=item)
            system.eventually(partial(holds, way.target, table, item), what=f"the {words} item in {way.target}")
        way.source.aws.dynamodb.delete_item(TableName=table, Key=key)
        system.eventually(partial(lacks, way.target, table, key), what=f"a deletion in {way.target}")
