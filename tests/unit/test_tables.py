"""Tables: a replica in every region, each recoverable and encrypted on its own."""

from __future__ import annotations

from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Synthesized
from tests.unit.variants import only


def test_the_global_table_lives_in_the_global_stack_and_no_region_asks_for_it(either: Synthesized) -> None:
    assert only(either.all("aws_dynamodb_table")).stack is either.world
    assert [each for each in either.everywhere if each.type == "aws_dynamodb_table_replica"] == []


def test_the_table_has_a_replica_in_every_other_region(synthesized: Synthesize) -> None:
    table = synthesized("three-regions").world.the("aws_dynamodb_table")
    assert table.region == "eu-west-1"
    assert [replica["region_name"] for replica in table["replica"]] == ["eu-central-1", "eu-north-1"]


def test_every_replica_has_point_in_time_recovery(either: Synthesized) -> None:
    table = either.world.the("aws_dynamodb_table")
    assert table["point_in_time_recovery"] == {"enabled": True}
    assert [replica["point_in_time_recovery"] for replica in table["replica"]] == [True]


def test_every_replica_is_encrypted_with_the_key_of_its_region(either: Synthesized) -> None:
    table = either.world.the("aws_dynamodb_table")
    assert table["server_side_encryption"] == {"enabled": True, "kms_key_arn": "us-east-1:key/key.arn"}
    assert [replica["kms_key_arn"] for replica in table["replica"]] == ["us-west-2:key/key.arn"]


def test_the_table_streams_what_replication_reads(either: Synthesized) -> None:
    table = either.world.the("aws_dynamodb_table")
    assert (table["stream_enabled"], table["stream_view_type"]) == (True, "NEW_AND_OLD_IMAGES")


def test_keys_and_indexes_are_those_of_the_file(dev: Synthesized) -> None:
    table = dev.world.the("aws_dynamodb_table")
    assert (table["hash_key"], table["range_key"]) == ("pk", "sk")
    index = only(table["global_secondary_index"])
    assert (index["name"], index["hash_key"], index["range_key"]) == ("by-customer", "customer", "placed_at")
    assert [each["name"] for each in table["attribute"]] == ["pk", "sk", "customer", "placed_at"]


def test_capacity_follows_the_load_in_every_region(either: Synthesized) -> None:
    assert either.world.the("aws_dynamodb_table")["billing_mode"] == "PAY_PER_REQUEST"


def test_items_expire_only_where_the_file_says_by_what(dev: Synthesized, synthesized: Synthesize) -> None:
    assert "ttl" not in dev.world.the("aws_dynamodb_table")
    expiring = synthesized("expiring").world.the("aws_dynamodb_table")
    assert expiring["ttl"] == {"attribute_name": "expires_at", "enabled": True}


def test_a_single_region_has_a_table_without_replicas(synthesized: Synthesize) -> None:
    assert synthesized("one-region").world.the("aws_dynamodb_table").get("replica", []) == []
