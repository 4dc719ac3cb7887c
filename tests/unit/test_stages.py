"""Stages: `prod` cannot be lost by a command, a throw-away copy can be removed without leftovers."""

from __future__ import annotations

import pytest

from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Synthesized

PROTECTION = {
    "aws_rds_global_cluster": ("deletion_protection", "force_destroy"),
    "aws_rds_cluster": ("deletion_protection", "skip_final_snapshot"),
    "aws_dynamodb_table": ("deletion_protection_enabled", None),
    "aws_lb": ("enable_deletion_protection", None),
    "aws_s3_bucket": (None, "force_destroy"),
    "aws_backup_vault": (None, "force_destroy"),
}
"""By type: the argument that protects, and the one that lets go."""


@pytest.mark.parametrize("type_", PROTECTION)
def test_production_is_protected(prod: Synthesized, type_: str) -> None:
    keeps, lets_go = PROTECTION[type_]
    for resource in prod.all(type_):
        assert keeps is None or resource[keeps] is True, resource
        assert lets_go is None or resource[lets_go] is False, resource


@pytest.mark.parametrize("name", ["dev", "pr123"])
@pytest.mark.parametrize("type_", PROTECTION)
def test_throw_away_copies_can_be_destroyed_completely(synthesized: Synthesize, name: str, type_: str) -> None:
    keeps, lets_go = PROTECTION[type_]
    for resource in synthesized(name).all(type_):
        assert keeps is None or resource[keeps] is False, resource
        assert lets_go is None or resource[lets_go] is True, resource


def test_production_leaves_a_final_snapshot_in_every_region(prod: Synthesized, dev: Synthesized) -> None:
    for stack in prod.regional:
        assert stack.the("aws_rds_cluster")["final_snapshot_identifier"] == "ecommerce-prod-final"
    for stack in dev.regional:
        assert "final_snapshot_identifier" not in stack.the("aws_rds_cluster")


def test_productions_vaults_are_locked_for_good_and_throw_away_ones_can_be_unlocked(
    prod: Synthesized, dev: Synthesized
) -> None:
    locks = "aws_backup_vault_lock_configuration"
    assert [lock["changeable_for_days"] for lock in prod.all(locks)] == [3, 3]
    assert [lock for lock in dev.all(locks) if "changeable_for_days" in lock] == []


def test_production_has_time_to_take_back_a_deleted_key_or_secret(prod: Synthesized) -> None:
    assert {key["deletion_window_in_days"] for key in prod.all("aws_kms_key")} == {30}
    assert {secret["recovery_window_in_days"] for secret in prod.all("aws_secretsmanager_secret")} == {30}


def test_a_throw_away_copy_can_be_made_again_under_the_same_suffix_at_once(dev: Synthesized) -> None:
    assert {secret["recovery_window_in_days"] for secret in dev.all("aws_secretsmanager_secret")} == {0}
    assert dev.world.the("aws_secretsmanager_secret")["force_overwrite_replica_secret"] is True


def test_nothing_of_a_throw_away_copy_refuses_to_be_destroyed(dev: Synthesized) -> None:
    for resource in dev.everywhere:
        assert resource.get("lifecycle", {}).get("prevent_destroy", False) is False, resource
        assert resource.get("skip_destroy", False) is False, resource


def test_both_kinds_of_environment_have_the_same_resources(dev: Synthesized, prod: Synthesized) -> None:
    for place, stack in dev.stacks.items():
        twin = prod.stacks[place]
        assert [each.address for each in stack.resources] == [each.address for each in twin.resources]
