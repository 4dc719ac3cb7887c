from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from lifeboat.failure import Exit
from lifeboat.plan.allowances import Allowance, Guards
from lifeboat.plan.types import DATA
from lifeboat.report.model import Severity
from tests.lifeboat.plan.plans import (
    CREATE,
    DESTROY,
    REPLACE,
    TODAY,
    UPDATE,
    alone,
    entry,
    in_region,
    planned,
    report,
    rules,
)

BUCKET = entry("aws_s3_bucket.media", DESTROY, {"bucket": "media"}, action_reason="delete_because_no_resource_config")
EAST, WEST = "shop-prod-us-east-1", "shop-prod-us-west-2"
KEPT = entry("aws_rds_cluster.other", ["no-op"], {"id": "x"}, {"id": "x"})


def allowing(address: str, rule: str = "data-loss", stack: str = "", expires: date = TODAY) -> Guards:
    allowance = Allowance(address=address, rule=rule, stack=stack, reason="moved to another one", expires=expires)
    return Guards(allowances=(allowance,), file="lifeboat-guard.toml")


@pytest.mark.parametrize("type_", sorted(DATA))
@pytest.mark.parametrize("actions", [DESTROY, REPLACE, ["create", "delete"]])
def test_nothing_that_holds_data_is_destroyed_or_replaced(type_: str, actions: list[str]) -> None:
    found = alone(entry(f"{type_}.x", actions, {"id": "x"}, None if actions == DESTROY else {"id": "x"}))
    assert found.exit_code is Exit.GUARDED
    assert ("data-loss", f"{type_}.x") in rules(found)
    assert found.verdict.startswith("GUARDED, ")


def test_everything_that_the_list_of_data_must_hold_is_in_it() -> None:
    assert {
        *("aws_rds_cluster", "aws_db_instance", "aws_rds_global_cluster", "aws_dynamodb_table", "aws_s3_bucket"),
        *("aws_efs_file_system", "aws_elasticache_replication_group", "aws_kms_key", "aws_secretsmanager_secret"),
        *("aws_backup_vault", "aws_route53_zone", "aws_cloudwatch_log_group", "aws_ecr_repository"),
    } <= set(DATA)


@pytest.mark.parametrize("actions", [CREATE, UPDATE])
def test_data_may_be_created_and_changed_in_place(actions: list[str]) -> None:
    before = None if actions == CREATE else {"id": "x", "tags": {}}
    assert alone(entry("aws_s3_bucket.x", actions, before, {"id": "x", "tags": {"a": "b"}})).exit_code is Exit.CHANGES


def test_the_object_that_a_failed_replacement_left_behind_is_data_too() -> None:
    found = alone(entry("aws_db_instance.x", DESTROY, {"id": "x"}, deposed="abcdef01"))
    assert rules(found) == [("data-loss", "aws_db_instance.x")]
    assert found.guarded[0].title.startswith("the deposed object of aws_db_instance.x would be destroyed")


def test_types_that_the_guard_file_names_hold_data_too() -> None:
    gone = entry("acme_archive.x", DESTROY, {"id": "x"})
    assert alone(gone).exit_code is Exit.CHANGES
    assert rules(alone(gone, guards=Guards(data_types=frozenset({"acme_archive"})))) == [
        ("data-loss", "acme_archive.x")
    ]


def test_data_that_is_forgotten_is_told_and_not_guarded() -> None:
    found = alone(entry("aws_s3_bucket.x", ["forget"], {"id": "x"}))
    assert found.exit_code is Exit.CHANGES
    assert [(each.severity, each.rule) for each in found.findings] == [(Severity.MEDIUM, "data-unmanaged")]


def test_an_allowance_lets_exactly_one_resource_pass_and_is_shown() -> None:
    other = entry("aws_s3_bucket.other", DESTROY, {"bucket": "other"})
    found = alone(BUCKET, other, guards=allowing("aws_s3_bucket.media"))
    assert rules(found) == [("data-loss", "aws_s3_bucket.other")]
    (allowed,) = [each for each in found.findings if each.allowed]
    assert (allowed.address, allowed.allowed) == ("aws_s3_bucket.media", "until 2026-11-20: moved to another one")
    assert alone(BUCKET, guards=allowing("aws_s3_bucket.media")).exit_code is Exit.CHANGES


@pytest.mark.parametrize(
    "guards",
    [
        allowing("aws_s3_bucket.media", stack="another"),
        allowing("aws_s3_bucket.media", rule="standby-copy"),
        allowing("aws_s3_bucket.*"),
        allowing("aws_s3_bucket"),
    ],
)
def test_an_allowance_of_something_else_lets_nothing_pass(guards: Guards) -> None:
    found = alone(BUCKET, guards=guards)
    assert rules(found) == [("data-loss", "aws_s3_bucket.media")]
    assert [each.rule for each in found.findings if each.severity is Severity.NOTE] == ["allowance-unused"]


def two_regions(*west: dict[str, Any], east: tuple[dict[str, Any], ...] = (KEPT,), guards: Guards | None = None) -> Any:  # noqa: ANN401 a report
    return report(
        planned(EAST, *east, configuration=in_region("us-east-1")),
        planned(WEST, *west, configuration=in_region("us-west-2")),
        guards=guards,
    )


LAST = entry("aws_rds_cluster.db", DESTROY, {"id": "db"})


def test_a_standby_keeps_its_only_copy() -> None:
    assert ("standby-copy", "aws_rds_cluster.db") in rules(two_regions(LAST))
    assert ("standby-copy", "aws_rds_cluster.db") not in rules(two_regions(LAST, KEPT))


def test_a_standby_keeps_the_last_instance_that_serves_its_copy() -> None:
    last = entry("aws_rds_cluster_instance.one", DESTROY, {"id": "one"})
    more = entry("aws_rds_cluster_instance.two", ["no-op"], {"id": "two"}, {"id": "two"})
    assert rules(two_regions(last)) == [("standby-copy", "aws_rds_cluster_instance.one")]
    assert two_regions(last, more).guarded == ()


def test_one_that_is_only_just_created_is_no_copy() -> None:
    new = entry("aws_rds_cluster.new", CREATE, None, {"id": "new"})
    assert ("standby-copy", "aws_rds_cluster.db") in rules(two_regions(LAST, new))


def test_the_primary_is_no_standby() -> None:
    assert rules(two_regions(KEPT, east=(LAST,))) == [("data-loss", "aws_rds_cluster.db")]


CHANGED = entry("aws_lambda_function.f", UPDATE, {"memory": 1}, {"memory": 2})
ONE_AT_A_TIME = Guards(one_region_at_a_time=True)


def test_two_regions_change_in_one_go_only_where_the_file_does_not_forbid_it() -> None:
    assert two_regions(CHANGED, east=(CHANGED,)).exit_code is Exit.CHANGES
    found = two_regions(CHANGED, east=(CHANGED,), guards=ONE_AT_A_TIME)
    assert [(each.rule, each.stack) for each in found.guarded] == [("regions-together", WEST)]
    assert two_regions(CHANGED, guards=ONE_AT_A_TIME).exit_code is Exit.CHANGES


def test_two_systems_may_change_in_one_go() -> None:
    found = report(
        planned("a-us-east-1", CHANGED, configuration=in_region("us-east-1")),
        planned("b-us-west-2", CHANGED, configuration=in_region("us-west-2")),
        guards=ONE_AT_A_TIME,
    )
    assert found.guarded == ()


@pytest.mark.parametrize(
    "harmless", [entry("aws_lambda_function.f", CREATE, None, {}), entry("aws_iam_role.r", UPDATE, {"a": 1}, {"a": 2})]
)
def test_what_is_new_or_in_no_region_does_not_count(harmless: dict[str, Any]) -> None:
    assert two_regions(harmless, east=(CHANGED,), guards=ONE_AT_A_TIME).guarded == ()


def test_a_stack_in_several_regions_counts_for_each_of_them() -> None:
    configuration = {
        "provider_config": {
            "aws": {"expressions": {"region": {"constant_value": "us-east-1"}}},
            "aws.west": {"expressions": {"region": {"constant_value": "us-west-2"}}},
        },
        "root_module": {
            "resources": [
                {"address": "aws_lambda_function.f", "provider_config_key": "aws"},
                {"address": "aws_lambda_function.w", "provider_config_key": "aws.west"},
            ]
        },
    }
    west = entry("aws_lambda_function.w", UPDATE, {"memory": 1}, {"memory": 2})
    found = report(planned("shop-prod-global", CHANGED, west, configuration=configuration), guards=ONE_AT_A_TIME)
    assert [each.title for each in found.guarded] == ["us-west-2 would change in the same go as us-east-1"]
    assert [each.region for each in found.sections[0].changes] == ["us-east-1", "us-west-2"]


def test_a_region_may_be_allowed_by_its_stack() -> None:
    allowance = Allowance(address=WEST, rule="regions-together", reason="a new certificate", expires=TODAY)
    found = two_regions(
        CHANGED, east=(CHANGED,), guards=Guards(one_region_at_a_time=True, allowances=(allowance,), file="g.toml")
    )
    assert found.exit_code is Exit.CHANGES
