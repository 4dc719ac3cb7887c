from __future__ import annotations

from typing import Any

import pytest

from lifeboat.failure import Exit
from lifeboat.report.model import Action, Report
from tests.lifeboat.plan.plans import UPDATE, alone, entry, only


def drifted(type_: str, before: dict[str, Any], after: dict[str, Any] | None, *changes: Any, **top: Any) -> Report:  # noqa: ANN401 whatever JSON can hold
    found = entry(f"{type_}.x", UPDATE if after is not None else ["delete"], before, after)
    return alone(*changes, resource_drift=[found], **top)


NOISE: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "nothing for nothing": (
        "aws_x",
        {"tags": None, "a": [], "b": "", "c": None},
        {"tags": {}, "a": None, "b": None, "c": False},
    ),
    "nothing for nothing inside a block": (
        "aws_x",
        {"block": [{"a": 1, "b": None, "inner": [{"c": None}]}], "map": {}},
        {"block": [{"a": 1, "b": {}, "inner": [{"c": []}]}], "map": {"d": None}},
    ),
    "an attribute that a newer provider adds": ("aws_x", {"a": 1}, {"a": 1, "added": None}),
    "a time stamp": ("aws_db_instance", {"latest_restorable_time": "1"}, {"latest_restorable_time": "2"}),
    "tags that only repeat tags": ("aws_x", {"tags_all": {}}, {"tags_all": {"a": "b"}}),
    "a policy that its own resource manages": ("aws_s3_bucket", {"policy": ""}, {"policy": "{}"}),
    "a number that cannot be 0": (
        "aws_cloudwatch_metric_alarm",
        {"metric_query": [{"id": "m0", "period": None, "metric": [{"period": 60}]}]},
        {"metric_query": [{"id": "m0", "period": 0, "metric": [{"period": 60}]}]},
    ),
    "a firewall that its own resource attaches": (
        "aws_api_gateway_stage",
        {"tags": None, "web_acl_arn": ""},
        {"tags": {}, "web_acl_arn": "arn:aws:wafv2:us-west-2:123456789012:regional/webacl/a/1"},
    ),
    "members that join by themselves": ("aws_rds_cluster", {"cluster_members": []}, {"cluster_members": ["a"]}),
}


@pytest.mark.parametrize("case", NOISE)
def test_drift_that_means_nothing_is_set_apart_and_is_no_change(case: str) -> None:
    found = drifted(*NOISE[case])
    assert found.exit_code is Exit.OK
    assert only(found.sections[0].noise).address.endswith(".x")
    assert found.sections[0].drift == ()


SIGNAL: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "a value": ("aws_lambda_function", {"memory_size": 128}, {"memory_size": 256}),
    "protection that was taken away": (
        "aws_db_instance",
        {"deletion_protection": True},
        {"deletion_protection": False},
    ),
    "a value beside nothing inside a block": (
        "aws_x",
        {"block": [{"a": 1, "b": None}]},
        {"block": [{"a": 2, "b": {}}]},
    ),
    "a number that cannot be 0 and is another": (
        "aws_cloudwatch_metric_alarm",
        {"metric_query": [{"period": 60}]},
        {"metric_query": [{"period": 0}]},
    ),
    "a number that is 0 elsewhere": ("aws_x", {"block": [{"period": None}]}, {"block": [{"period": 0}]}),
    "a block more": ("aws_x", {"block": [{"a": 1}]}, {"block": [{"a": 1}, {"a": None}]}),
    "a switch that was a number": ("aws_x", {"a": 1}, {"a": True}),
    "a number that becomes nothing": ("aws_x", {"a": 0}, {"a": None}),
    "a value beside noise": ("aws_s3_bucket", {"policy": "", "bucket": "a"}, {"policy": "{}", "bucket": "b"}),
}


@pytest.mark.parametrize("case", SIGNAL)
def test_drift_that_means_something_is_a_change(case: str) -> None:
    found = drifted(*SIGNAL[case])
    assert found.exit_code is Exit.CHANGES
    assert only(found.sections[0].drift).action is Action.UPDATE
    assert "1 drifted resource" in found.verdict


def test_noise_on_which_a_change_depends_is_no_noise() -> None:
    relevant = [{"resource": "aws_s3_bucket.x", "attribute": ["policy"]}]
    found = drifted("aws_s3_bucket", {"policy": ""}, {"policy": "{}"}, relevant_attributes=relevant)
    assert len(found.sections[0].drift) == 1


def test_what_the_plan_sets_right_again_is_said_and_no_noise() -> None:
    change = entry("aws_s3_bucket.x", UPDATE, {"policy": "{}"}, {"policy": ""})
    found = drifted("aws_s3_bucket", {"policy": ""}, {"policy": "{}"}, change)
    assert only(found.sections[0].drift).reasons == ("this plan sets it right",)


def test_data_that_somebody_destroyed_is_a_grave_finding() -> None:
    found = drifted("aws_db_instance", {"id": "x"}, None)
    assert only(found.sections[0].drift).reasons == ("it was destroyed outside of Terraform",)
    assert [finding.rule for finding in found.findings] == ["data-gone"]
    assert "1 grave finding" in found.verdict


def test_data_sources_and_moves_are_no_drift() -> None:
    read = entry("data.aws_vpc.x", UPDATE, {"a": 1}, {"a": 2})
    moved = entry("aws_vpc.new", ["no-op"], {"a": 1}, {"a": 1}, previous_address="aws_vpc.old")
    found = alone(resource_drift=[read, moved])
    assert (found.exit_code, found.sections[0].noise) == (Exit.OK, ())


GROUP = {"id": "sg-1", "ingress": []}
OPEN = {"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["10.0.0.0/8"], "self": False}
RULE = {"security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_ipv4": "10.0.0.0/8"}


def rule(**more: Any) -> dict[str, Any]:  # noqa: ANN401 whatever JSON can hold
    values = RULE | more
    return entry("aws_vpc_security_group_ingress_rule.r", ["no-op"], values, values)


def test_a_rule_that_a_resource_of_the_plan_grants_is_noise() -> None:
    assert drifted("aws_security_group", GROUP, GROUP | {"ingress": [OPEN]}, rule()).exit_code is Exit.OK


@pytest.mark.parametrize(
    "changed",
    [
        {"from_port": 22},
        {"to_port": 65535},
        {"cidr_ipv4": "10.1.0.0/16"},
        {"security_group_id": "sg-2"},
        {"ip_protocol": "-1"},
    ],
)
def test_a_rule_that_somebody_added_by_hand_is_drift(changed: dict[str, Any]) -> None:
    assert drifted("aws_security_group", GROUP, GROUP | {"ingress": [OPEN]}, rule(**changed)).exit_code is Exit.CHANGES


def test_every_protocol_is_every_port_whoever_writes_it() -> None:
    everything = OPEN | {"protocol": "-1", "from_port": 0, "to_port": 0}
    granted = rule(ip_protocol="-1", from_port=None, to_port=None)
    assert drifted("aws_security_group", GROUP, GROUP | {"ingress": [everything]}, granted).exit_code is Exit.OK


def test_a_rule_on_the_group_itself_is_compared_as_one() -> None:
    own = OPEN | {"cidr_blocks": [], "self": True}
    old = {"security_group_id": "sg-1", "protocol": "tcp", "from_port": 443, "to_port": 443, "self": True}
    granted = entry("aws_security_group_rule.r", ["no-op"], old, old)
    assert drifted("aws_security_group", GROUP, GROUP | {"ingress": [own]}, granted).exit_code is Exit.OK
    assert drifted("aws_security_group", GROUP, GROUP | {"ingress": [own]}).exit_code is Exit.CHANGES


def test_a_policy_that_somebody_attached_to_a_role_by_hand_is_drift() -> None:
    role = {"id": "r", "managed_policy_arns": [], "inline_policy": []}
    after = role | {"managed_policy_arns": ["arn:admin"], "inline_policy": [{"name": "own", "policy": "{}"}]}
    own = entry("aws_iam_role_policy.p", ["no-op"], {"role": "r", "name": "own"}, {"role": "r", "name": "own"})
    attached = {"role": "r", "policy_arn": "arn:admin"}
    both = entry("aws_iam_role_policy_attachment.a", ["no-op"], attached, attached)
    assert drifted("aws_iam_role", role, after, own).exit_code is Exit.CHANGES
    assert drifted("aws_iam_role", role, after, own, both).exit_code is Exit.OK


def test_a_secret_in_drift_is_masked() -> None:
    found = entry("aws_x.x", UPDATE, {"login": "correct-horse"}, {"login": "battery-staple"})
    found["change"] |= {"before_sensitive": {"login": True}, "after_sensitive": {"login": True}}
    report = alone(resource_drift=[found])
    (difference,) = only(report.sections[0].drift).differences
    assert (difference.before.text, difference.after.text) == ("", "")
    assert (difference.before.known, difference.after.known) == ("secret", "secret")
