"""Keys: every region can decrypt what it holds without asking another one."""

from __future__ import annotations

from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Synthesized


def test_every_region_has_a_key_of_its_own(either: Synthesized) -> None:
    for stack in either.regional:
        assert stack.the("aws_kms_key").path == "key/key"
        assert stack.the("aws_kms_alias")["name"] == f"alias/{either.system.names.prefix}"


def test_no_key_ties_two_regions_together(either: Synthesized) -> None:
    for key in either.all("aws_kms_key"):
        assert key.get("multi_region", False) is False, key
    assert [each for each in either.everywhere if each.type == "aws_kms_replica_key"] == []


def test_keys_rotate_every_year(either: Synthesized) -> None:
    for key in either.all("aws_kms_key"):
        assert (key["enable_key_rotation"], key["rotation_period_in_days"]) == (True, 365), key


def test_keys_serve_services_of_this_account_only(either: Synthesized) -> None:
    for key in either.all("aws_kms_key"):
        by_service = [each for each in key.statements("policy").values() if "Service" in each["Principal"]]
        assert len(by_service) == 3
        for statement in by_service:
            assert "account.account_id" in str(statement["Condition"]), statement


def test_logs_are_encrypted_for_their_own_region(dev: Synthesized) -> None:
    for stack in dev.regional:
        principal = stack.the("aws_kms_key").statements()["LogsEncrypt"]["Principal"]
        assert principal == {"Service": f"logs.{stack.place}.amazonaws.com"}


def test_what_alarms_publish_to_can_be_encrypted_by_them(dev: Synthesized) -> None:
    for key in dev.all("aws_kms_key"):
        allowed = key.statements()["AlarmsAndEventsPublish"]
        assert "cloudwatch.amazonaws.com" in allowed["Principal"]["Service"]
        assert allowed["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]


def test_tables_replicate_through_the_dynamodb_of_their_own_region_alone(dev: Synthesized) -> None:
    for stack in dev.regional:
        allowed = stack.the("aws_kms_key").statements()["TablesReplicate"]
        assert "kms:CreateGrant" in allowed["Action"]
        assert allowed["Condition"]["StringEquals"] == {
            "kms:CallerAccount": "account.account_id",
            "kms:ViaService": f"dynamodb.{stack.place}.amazonaws.com",
        }


def test_no_regional_stack_encrypts_with_another_regions_key(either: Synthesized) -> None:
    arguments = ("kms_key_id", "kms_key_arn", "kms_master_key_id", "performance_insights_kms_key_id")
    used = [
        (resource, resource[argument])
        for stack in either.regional
        for resource in stack.resources
        for argument in arguments
        if argument in resource
    ]
    assert len(used) > 10
    assert {key for _resource, key in used} == {"key/key.arn"}


def test_every_store_of_the_global_stack_uses_the_key_of_the_region_it_is_in(synthesized: Synthesize) -> None:
    for name in ("dev", "three-regions"):
        world = synthesized(name).world
        secret = world.the("aws_secretsmanager_secret")
        assert secret["kms_key_id"] == f"{secret.region}:key/key.arn"
        for replica in secret["replica"]:
            assert replica["kms_key_id"] == f"{replica['region']}:key/key.arn"
