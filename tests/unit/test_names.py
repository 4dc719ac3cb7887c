"""Names: the suffix in every physical name and tag, nothing over AWS's limits, no two suffixes in each other's way."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployments.naming import LIMITS, Kind, Names
from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Resource, Synthesized

NAME_OF: dict[str, tuple[str, Kind]] = {
    "aws_api_gateway_rest_api": ("name", "rest api"),
    "aws_backup_plan": ("name", "backup plan"),
    "aws_backup_selection": ("name", "backup plan"),
    "aws_backup_vault": ("name", "backup vault"),
    "aws_cloudwatch_dashboard": ("dashboard_name", "dashboard"),
    "aws_cloudwatch_event_bus": ("name", "event bus"),
    "aws_cloudwatch_event_rule": ("name", "event rule"),
    "aws_cloudwatch_log_group": ("name", "log group"),
    "aws_cloudtrail": ("name", "trail"),
    "aws_cloudwatch_log_metric_filter": ("name", "metric filter"),
    "aws_cloudwatch_metric_alarm": ("alarm_name", "alarm"),
    "aws_db_instance": ("identifier", "database instance"),
    "aws_db_parameter_group": ("name", "database parameter group"),
    "aws_db_subnet_group": ("name", "subnet group"),
    "aws_dynamodb_table": ("name", "table"),
    "aws_elasticache_parameter_group": ("name", "cache parameter group"),
    "aws_elasticache_replication_group": ("replication_group_id", "cache"),
    "aws_elasticache_subnet_group": ("name", "cache subnet group"),
    "aws_elasticache_user": ("user_id", "cache user"),
    "aws_elasticache_user_group": ("user_group_id", "cache user"),
    "aws_iam_role": ("name", "role"),
    "aws_kms_alias": ("name", "key alias"),
    "aws_lambda_function": ("function_name", "function"),
    "aws_lb": ("name", "load balancer"),
    "aws_lb_target_group": ("name", "target group"),
    "aws_rds_cluster": ("cluster_identifier", "database cluster"),
    "aws_rds_cluster_instance": ("identifier", "database instance"),
    "aws_rds_cluster_parameter_group": ("name", "database parameter group"),
    "aws_rds_global_cluster": ("global_cluster_identifier", "global cluster"),
    "aws_s3_bucket": ("bucket", "bucket"),
    "aws_secretsmanager_secret": ("name", "secret"),
    "aws_security_group": ("name", "security group"),
    "aws_sfn_state_machine": ("name", "state machine"),
    "aws_sns_topic": ("name", "topic"),
    "aws_sqs_queue": ("name", "queue"),
    "aws_ssm_parameter": ("name", "parameter"),
}
"""The argument that holds a resource's physical name, and what kind of name it is."""

NAMELESS = re.compile(
    r"aws_(acm_certificate(_validation)?|api_gateway_(?!rest_api)\w+|cloudwatch_event_target"
    r"|backup_(restore_testing_\w+|vault_lock_configuration)|default_security_group|eip|flow_log"
    r"|iam_role_policy(_attachment)?|internet_gateway|kms_key|lambda_permission|lb_listener"
    r"|lb_target_group_attachment|nat_gateway|route(_table|_table_association)?|route53_(record|health_check)"
    r"|s3_bucket_\w+|secretsmanager_secret_version|sns_topic_(policy|subscription)|subnet|vpc\w*)"
)
"""Types that AWS gives an id to, or that are part of something that has a name."""

SUFFIXES = ("dev", "pr123", "prod")
ACCOUNT = "123456789012"
GLOBAL_NAMES = {"aws_cloudtrail", "aws_iam_role", "aws_s3_bucket", "aws_cloudwatch_dashboard"}
"""Types whose names AWS keeps in one namespace for all regions."""


def physical_names(deployed: Synthesized) -> dict[Resource, str]:
    return {
        resource: str(resource[NAME_OF[resource.type][0]]).replace("${account.account_id}", ACCOUNT)
        for resource in deployed.everywhere
        if resource.type in NAME_OF
    }


@pytest.mark.parametrize("name", ["dev", "nat-per-zone", "three-regions", "healthcare-dev"])
def test_every_resource_type_is_known_to_have_a_name_or_not(synthesized: Synthesize, name: str) -> None:
    unknown = {
        resource.type
        for resource in synthesized(name).everywhere
        if resource.type not in NAME_OF and not NAMELESS.fullmatch(resource.type)
    }
    assert unknown == set()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_physical_name_carries_system_and_suffix(synthesized: Synthesize, suffix: str) -> None:
    names = physical_names(synthesized(suffix))
    assert len(names) > 90
    for resource, name in names.items():
        assert f"ecommerce-{suffix}" in re.split(r"/", name)[-1] or f"/ecommerce-{suffix}" in name, resource


def test_every_name_of_another_system_carries_its_own_system_and_suffix(synthesized: Synthesize) -> None:
    for resource, name in physical_names(synthesized("healthcare-dev")).items():
        assert "healthcare-dev" in name, resource
        assert len(name) <= LIMITS[NAME_OF[resource.type][1]], resource
    plans = synthesized("healthcare-dev").all("aws_backup_restore_testing_plan")
    assert {plan["name"] for plan in plans} == {"healthcare_dev_test"}  # AWS takes no hyphens here


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_no_physical_name_exceeds_awss_limit(synthesized: Synthesize, suffix: str) -> None:
    for resource, name in physical_names(synthesized(suffix)).items():
        assert len(name) <= LIMITS[NAME_OF[resource.type][1]], resource


def test_two_suffixes_share_no_name(synthesized: Synthesize) -> None:
    by_suffix = [set(physical_names(synthesized(suffix)).values()) for suffix in SUFFIXES]
    assert all(one & other == set() for one in by_suffix for other in by_suffix if one is not other)


def test_no_name_is_given_twice_in_a_region(synthesized: Synthesize) -> None:
    for name in ("dev", "three-regions", "healthcare-dev"):
        given_names = [
            (resource.type, "" if resource.type in GLOBAL_NAMES else resource.region, physical)
            for resource, physical in physical_names(synthesized(name)).items()
        ]
        assert len(given_names) == len(set(given_names))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_provider_tags_what_it_makes_with_the_suffix(synthesized: Synthesize, suffix: str) -> None:
    for stack in synthesized(suffix).stacks.values():
        for provider in stack.providers.values():
            tags = provider["default_tags"][0]["tags"]
            assert tags == {"Deployment": "ecommerce", "EnvironmentSuffix": suffix, "ManagedBy": "lifeboat"}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_name_tags_carry_the_suffix_too(synthesized: Synthesize, suffix: str) -> None:
    tagged = [each["tags"]["Name"] for each in synthesized(suffix).everywhere if "tags" in each]
    assert len(tagged) > 30
    assert [tag for tag in tagged if not tag.startswith(f"ecommerce-{suffix}-")] == []


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_stacks_and_their_state_are_told_apart_by_suffix(synthesized: Synthesize, suffix: str) -> None:
    for place, stack in synthesized(suffix).stacks.items():
        assert stack.file.parent.name == f"ecommerce-{suffix}-{place}"
        assert stack.json["terraform"]["backend"]["s3"]["key"] == f"ecommerce-{suffix}/{place}.tfstate"


label = st.from_regex(r"[a-z][a-z0-9]{0,9}", fullmatch=True)
part = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,60}[a-z0-9])?", fullmatch=True)
kinds = st.sampled_from(sorted(set(LIMITS) - {"bucket"}))


@given(system=label, suffix=label, kind=kinds, parts=st.lists(part, max_size=3))
def test_a_name_never_exceeds_its_limit_and_always_starts_with_the_prefix(
    system: str, suffix: str, kind: Kind, parts: list[str]
) -> None:
    names = Names(system=system, suffix=suffix)
    name = names.of(kind, *parts)
    assert len(name) <= LIMITS[kind]
    assert name.startswith(names.prefix)
    assert not name.endswith("-")


@given(kind=kinds, one=part, other=part)
def test_different_parts_give_different_names_even_when_shortened(kind: Kind, one: str, other: str) -> None:
    names = Names(system="ecommerce", suffix="dev")
    assert (names.of(kind, one) == names.of(kind, other)) is (one == other)


@given(purpose=part)
def test_a_bucket_name_ends_in_the_whole_account_id(purpose: str) -> None:
    name = Names(system="ecommerce", suffix="dev").bucket(purpose, "ap-southeast-1", ACCOUNT)
    assert name.endswith(f"-{ACCOUNT}")
    assert len(name) <= LIMITS["bucket"]


@pytest.mark.parametrize(
    ("build", "name"),
    [
        (lambda names: names.of("dashboard"), "ecommerce-dev"),
        (lambda names: names.of("topic", "alarms"), "ecommerce-dev-alarms"),
        (lambda names: names.of("role", "orders", region="us-east-1"), "ecommerce-dev-orders-us-east-1"),
        (lambda names: names.bucket("assets", "us-east-1", ACCOUNT), f"ecommerce-dev-assets-us-east-1-{ACCOUNT}"),
        (lambda names: names.path("database", "master"), "/ecommerce-dev/database/master"),
        (lambda names: names.stack("global"), "ecommerce-dev-global"),
        (
            lambda names: names.of("load balancer", "a-purpose-that-is-far-too-long"),
            "ecommerce-dev-a-purpose-t-" + "0" * 6,
        ),
    ],
)
def test_names_read_from_general_to_special(build: Callable[[Names], str], name: str) -> None:
    built = build(Names(system="ecommerce", suffix="dev"))
    assert re.sub(r"-[0-9a-f]{6}$", "-000000", built) == name if name.endswith("000000") else built == name


def test_a_shortened_name_is_the_same_on_every_machine() -> None:
    names = Names(system="ecommerce", suffix="dev")
    assert names.of("load balancer", "a-purpose-that-is-far-too-long") == "ecommerce-dev-a-purpose-t-288251"


@pytest.mark.parametrize(
    ("system", "suffix", "kinds_without_room"),
    [
        ("ecommerce", "dev", []),
        ("a" * 12, "b" * 12, []),
        ("a" * 13, "b" * 12, ["load balancer", "target group"]),
        ("a" * 16, "b" * 20, ["cache", "cache user", "load balancer", "target group"]),
        (
            "a" * 22,
            "b" * 21,
            ["backup plan", "backup vault", "bucket", "cache", "cache user", "load balancer", "target group"],
        ),
    ],
)
def test_a_prefix_that_leaves_no_room_is_told_for_every_kind(
    system: str, suffix: str, kinds_without_room: list[str]
) -> None:
    problems = Names(system=system, suffix=suffix).problems("a file", "name")
    told = [re.findall(r"names of a (.+) would not fit into AWS's limit of (\d+)", each.what)[0] for each in problems]
    assert sorted(kind for kind, _limit in told) == kinds_without_room
    for kind, limit in told:
        assert int(limit) in {LIMITS[each] for each in LIMITS if each == kind}
