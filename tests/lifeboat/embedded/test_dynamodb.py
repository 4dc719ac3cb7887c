"""DynamoDB global tables: replicas in any region, each with its own items, kept in step."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from tests.lifeboat.embedded.answers import refusal
from tests.lifeboat.embedded.aws import Aws, promises

EAST, WEST, EUROPE = "us-east-1", "us-west-2", "eu-west-1"
KEY = "arn:aws:kms:us-west-2:123456789012:key/west"
Item = dict[str, dict[str, str]]


def new_table(aws: Aws, **settings: object) -> str:
    name = aws.name("table")
    aws("dynamodb", EAST).create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        **settings,
    )
    return name


def change(aws: Aws, table: str, action: str, region: str, **settings: object) -> None:
    updates = [{action: {"RegionName": region, **settings}}]
    aws("dynamodb", EAST).update_table(TableName=table, ReplicaUpdates=updates)


def global_table(aws: Aws, regions: Sequence[str] = (WEST,)) -> str:
    table = new_table(aws)
    for region in regions:
        change(aws, table, "Create", region)
    return table


def put(aws: Aws, table: str, region: str, key: str, value: str = "") -> None:
    aws("dynamodb", region).put_item(TableName=table, Item={"id": {"S": key}, "v": {"S": value}})


def values(aws: Aws, table: str, region: str) -> dict[str, str]:
    items: list[Item] = aws("dynamodb", region).scan(TableName=table)["Items"]
    return {item["id"]["S"]: item["v"]["S"] for item in items}


def check_replicas_are_described(aws: Aws) -> None:
    table = new_table(aws)
    put(aws, table, EAST, "before")
    change(aws, table, "Create", WEST, KMSMasterKeyId=KEY)
    change(aws, table, "Create", EUROPE)
    seen = {}
    for region in (EAST, WEST, EUROPE):
        described = aws("dynamodb", region).describe_table(TableName=table)["Table"]
        assert described["TableArn"].split(":")[3] == region
        assert described["GlobalTableVersion"] == "2019.11.21"
        assert {replica["ReplicaStatus"] for replica in described["Replicas"]} == {"ACTIVE"}
        seen[region] = {one["RegionName"]: one.get("KMSMasterKeyId") for one in described["Replicas"]}
    assert seen == {EAST: {WEST: KEY, EUROPE: None}, WEST: {EAST: None, EUROPE: None}, EUROPE: {EAST: None, WEST: KEY}}
    assert aws("dynamodb", WEST).describe_table(TableName=table)["Table"]["SSEDescription"]["KMSMasterKeyArn"] == KEY
    assert list(values(aws, table, WEST)) == ["before"]
    change(aws, table, "Delete", WEST)
    change(aws, table, "Delete", EUROPE)
    assert "Replicas" not in aws("dynamodb", EAST).describe_table(TableName=table)["Table"]
    assert table not in aws("dynamodb", WEST).list_tables()["TableNames"]


def check_a_source_of_replicas_is_not_deleted(aws: Aws) -> None:
    table = global_table(aws)
    assert "acted as a source region" in refusal(lambda: aws("dynamodb", EAST).delete_table(TableName=table))
    aws("dynamodb", WEST).delete_table(TableName=table)
    aws("dynamodb", EAST).delete_table(TableName=table)
    assert table not in aws("dynamodb", EAST).list_tables()["TableNames"]


def check_class_and_key_are_changed(aws: Aws) -> None:
    table = new_table(aws, TableClass="STANDARD")
    client = aws("dynamodb", EAST)
    assert client.describe_table(TableName=table)["Table"]["TableClassSummary"] == {"TableClass": "STANDARD"}
    encryption = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY}
    client.update_table(TableName=table, TableClass="STANDARD_INFREQUENT_ACCESS", SSESpecification=encryption)
    described = client.describe_table(TableName=table)["Table"]
    assert described["TableClassSummary"] == {"TableClass": "STANDARD_INFREQUENT_ACCESS"}
    assert described["SSEDescription"]["KMSMasterKeyArn"] == KEY


def stream_events(aws: Aws, table: str, region: str) -> list[tuple[str, str]]:
    streams = aws("dynamodbstreams", region)
    arn = aws("dynamodb", region).describe_table(TableName=table)["Table"]["LatestStreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    start = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    records = streams.get_records(ShardIterator=start["ShardIterator"])["Records"]
    return [(record["eventName"], record["awsRegion"]) for record in records]


def check_a_stream_names_its_region(aws: Aws) -> None:
    name = aws.name("streamed")
    aws("dynamodb", WEST).create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )
    put(aws, name, WEST, "k")
    assert stream_events(aws, name, WEST) == [("INSERT", WEST)]


def check_writes_reach_every_region(aws: Aws) -> None:
    table = global_table(aws, (WEST, EUROPE))
    for region in (EAST, WEST, EUROPE):
        put(aws, table, region, f"from-{region}", "1")
    expected = {f"from-{region}": "1" for region in (EAST, WEST, EUROPE)}
    assert [values(aws, table, region) for region in (EAST, WEST, EUROPE)] == [expected] * 3


CHECKS = {
    "dynamodb.replicas": check_replicas_are_described,
    "dynamodb.delete_replica": check_a_source_of_replicas_is_not_deleted,
    "dynamodb.settings": check_class_and_key_are_changed,
    "dynamodb.stream_region": check_a_stream_names_its_region,
    "dynamodb.replication": check_writes_reach_every_region,
}
test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)


def test_an_update_and_a_deletion_reach_the_other_region(embedded_aws: Aws) -> None:
    table = global_table(embedded_aws)
    for key in ("changed", "deleted"):
        put(embedded_aws, table, EAST, key, "old")
    west = embedded_aws("dynamodb", WEST)
    west.update_item(
        TableName=table,
        Key={"id": {"S": "changed"}},
        UpdateExpression="SET v = :v",
        ExpressionAttributeValues={":v": {"S": "new"}},
    )
    west.delete_item(TableName=table, Key={"id": {"S": "deleted"}})
    assert values(embedded_aws, table, EAST) == {"changed": "new"}


def test_a_batch_reaches_the_other_region(embedded_aws: Aws) -> None:
    table = global_table(embedded_aws)
    puts = [{"PutRequest": {"Item": {"id": {"S": key}, "v": {"S": key}}}} for key in "ab"]
    embedded_aws("dynamodb", WEST).batch_write_item(RequestItems={table: puts})
    assert values(embedded_aws, table, EAST) == {"a": "a", "b": "b"}


def test_a_transaction_is_replicated_as_a_whole_or_not_at_all(embedded_aws: Aws) -> None:
    table = global_table(embedded_aws)
    east = embedded_aws("dynamodb", EAST)
    one = {"Put": {"TableName": table, "Item": {"id": {"S": "a"}, "v": {"S": "1"}}}}
    fails = {
        "Put": {
            "TableName": table,
            "Item": {"id": {"S": "b"}, "v": {"S": "1"}},
            "ConditionExpression": "attribute_exists(id)",
        }
    }
    assert "TransactionCanceled" in refusal(lambda: east.transact_write_items(TransactItems=[one, fails]))
    assert values(embedded_aws, table, WEST) == {}
    east.transact_write_items(TransactItems=[one])
    assert values(embedded_aws, table, WEST) == {"a": "1"}


def test_a_replicated_write_appears_once_in_the_other_regions_stream(embedded_aws: Aws) -> None:
    table = global_table(embedded_aws)
    embedded_aws("dynamodb", EAST).update_item(
        TableName=table,
        Key={"id": {"S": "k"}},
        UpdateExpression="SET v = :v",
        ExpressionAttributeValues={":v": {"S": "1"}},
    )
    assert stream_events(embedded_aws, table, WEST) == [("INSERT", WEST)]


def test_time_to_live_is_shared_and_point_in_time_recovery_is_not(embedded_aws: Aws) -> None:
    table = global_table(embedded_aws)
    east, west = embedded_aws("dynamodb", EAST), embedded_aws("dynamodb", WEST)
    spec = {"Enabled": True, "AttributeName": "expires"}
    east.update_time_to_live(TableName=table, TimeToLiveSpecification=spec)
    enabled = {"PointInTimeRecoveryEnabled": True}
    east.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=enabled)
    assert west.describe_time_to_live(TableName=table)["TimeToLiveDescription"]["AttributeName"] == "expires"
    backups = west.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"


def test_a_protected_replica_is_not_deleted(embedded_aws: Aws) -> None:
    table = global_table(embedded_aws)
    west = embedded_aws("dynamodb", WEST)
    west.update_table(TableName=table, DeletionProtectionEnabled=True)
    assert "DeletionProtectionEnabled" in refusal(lambda: change(embedded_aws, table, "Delete", WEST))
    assert table in west.list_tables()["TableNames"]


def test_a_table_without_both_images_in_its_stream_gets_no_replica(embedded_aws: Aws) -> None:
    table = embedded_aws.name("plain")
    embedded_aws("dynamodb", EAST).create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    assert "NEW_AND_OLD_IMAGES" in refusal(lambda: change(embedded_aws, table, "Create", WEST))


# Pausing is a call inside the server's process: this runs both sides of it in a process of its own.
DIVERGE = """
import boto3
from moto import mock_aws
from lifeboat.local.embedded import replication
from lifeboat.local.embedded.gaps import fill_all

fill_all()
with mock_aws():
    east, west = (boto3.client("dynamodb", region) for region in ("us-east-1", "us-west-2"))
    east.create_table(
        TableName="t", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    east.update_table(TableName="t", ReplicaUpdates=[{"Create": {"RegionName": "us-west-2"}}])

    def put(client, key, value):
        client.put_item(TableName="t", Item={"id": {"S": key}, "v": {"S": value}})

    def show():
        for client in (east, west):
            items = client.scan(TableName="t")["Items"]
            print(sorted((item["id"]["S"], item["v"]["S"]) for item in items))

    replication.pause("us-east-1")
    put(east, "k", "first"), put(west, "k", "last"), put(east, "only-east", "1")
    show()
    print(replication.waiting("us-east-1"))
    replication.resume("us-east-1")
    show()
"""


def test_paused_replicas_diverge_and_the_last_writer_wins_after_it() -> None:
    ran = subprocess.run(  # noqa: S603 - the script above
        [sys.executable, "-c", DIVERGE],
        env={"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.stderr == ""
    assert ran.stdout.splitlines() == [
        "[('k', 'first'), ('only-east', '1')]",
        "[('k', 'last')]",
        "3",
        "[('k', 'last'), ('only-east', '1')]",
        "[('k', 'last'), ('only-east', '1')]",
    ]
