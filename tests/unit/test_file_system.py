"""Files and images: encrypted, closed, replicated, and kept long enough to go back."""

from __future__ import annotations

import json

import pytest

from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Synthesized
from tests.unit.variants import only


@pytest.fixture(scope="module")
def cart(synthesized: Synthesize) -> Synthesized:
    """The shop that handles card data, protected."""
    return synthesized("globecart-prod")


def test_a_file_system_is_encrypted_and_mounted_in_every_zone_of_the_data_tier(cart: Synthesized) -> None:
    for stack in cart.regional:
        files = stack.the("aws_efs_file_system")
        assert (files["encrypted"], files["kms_key_id"]) == (True, "key/key.arn")
        targets = stack.all("aws_efs_mount_target")
        assert [target["subnet_id"] for target in targets] == ["network/data-0.id", "network/data-1.id"]
        assert {tuple(target["security_groups"]) for target in targets} == {("file-system/security-group/group.id",)}


def test_clients_come_over_tls_and_through_the_access_point_alone(cart: Synthesized) -> None:
    for stack in cart.regional:
        refused = stack.the("aws_efs_file_system_policy").statements()
        assert {statement["Effect"] for statement in refused.values()} == {"Deny"}
        assert refused["TlsOnly"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert refused["AccessPointOnly"]["Condition"] == {
            "StringNotEquals": {"elasticfilesystem:AccessPointArn": "file-system/access-point.arn"}
        }
        point = stack.the("aws_efs_access_point")
        assert point["posix_user"] == {"gid": 1000, "uid": 1000}
        assert point["root_directory"]["path"] == "/application"


def test_only_the_standbys_file_system_may_be_overwritten_and_terraform_leaves_that_alone(cart: Synthesized) -> None:
    files = [stack.the("aws_efs_file_system") for stack in cart.regional]
    assert [each["protection"]["replication_overwrite"] for each in files] == ["ENABLED", "DISABLED"]
    assert {json.dumps(each["lifecycle"]) for each in files} == {'{"ignore_changes": ["protection"]}'}


def test_the_primarys_files_are_copied_to_the_standbys_file_system_by_the_global_stack(cart: Synthesized) -> None:
    replication = cart.world.by_path("file-system/replication")
    assert replication.region == "us-west-1"
    assert replication["source_file_system_id"] == "us-west-1:file-system/file-system.id"
    assert replication["destination"] == {
        "file_system_id": "us-west-2:file-system/file-system.id",
        "region": "us-west-2",
    }
    for stack in cart.regional:
        assert stack.all("aws_efs_replication_configuration") == []


def test_a_replica_that_is_older_than_its_rpo_is_told(cart: Synthesized) -> None:
    alarm = only([each for each in cart.world.all("aws_cloudwatch_metric_alarm") if "lag-us-west-2" in each.path])
    assert (alarm["metric_name"], alarm["threshold"]) == ("TimeSinceLastSync", 900)


def test_the_systems_own_plan_backs_the_files_up(cart: Synthesized) -> None:
    for stack in cart.regional:
        assert "file-system/file-system.arn" in stack.the("aws_backup_selection")["resources"]
        assert stack.the("aws_efs_backup_policy")["backup_policy"] == {"status": "DISABLED"}


def test_images_are_encrypted_scanned_and_their_tags_never_move(cart: Synthesized) -> None:
    for stack in cart.regional:
        images = stack.the("aws_ecr_repository")
        assert images["image_tag_mutability"] == "IMMUTABLE"
        assert images["image_scanning_configuration"] == {"scan_on_push": True}
        assert only(images["encryption_configuration"]) == {"encryption_type": "KMS", "kms_key": "key/key.arn"}
        assert images["force_delete"] is False


def test_rollback_images_stay(cart: Synthesized) -> None:
    for stack in cart.regional:
        rules = stack.the("aws_ecr_lifecycle_policy").parsed("policy")["rules"]
        kept = [rule["selection"] for rule in rules if rule["selection"]["tagStatus"] == "any"]
        assert only(kept) == {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 50}
