from __future__ import annotations

from typing import Any

import pytest

from lifeboat.report.model import Severity
from lifeboat.review.build import findings
from lifeboat.review.comparison import compare
from lifeboat.review.rules import RULES
from tests.lifeboat.review.stacks import NAME, found, policy, rules, stack
from tests.lifeboat.review.weakenings import REMOVED, WEAKENINGS

Json = Any
KEPT = {"aws_s3_bucket.kept": {"bucket": "kept"}, "aws_vpc.kept": {"cidr_block": "10.0.0.0/16"}}


def names(row: tuple[str, str, Json, Json]) -> str:
    return f"{row[0]}-{row[1]}-{'-'.join({**row[2], **row[3]})}"


@pytest.mark.parametrize("row", WEAKENINGS, ids=names)
def test_a_weakening_is_found_with_its_evidence(row: tuple[str, str, Json, Json]) -> None:
    rule, type_, before, after = row
    (finding,) = (each for each in found({f"{type_}.it": before}, {f"{type_}.it": after}) if each.rule == rule)
    assert (finding.stack, finding.address) == (NAME, f"{type_}.it")
    assert "→" in finding.evidence or "without source_arn" in finding.evidence
    assert finding.advice


@pytest.mark.parametrize("row", WEAKENINGS, ids=names)
def test_the_way_back_is_no_weakening(row: tuple[str, str, Json, Json]) -> None:
    rule, type_, before, after = row
    assert rule not in rules({f"{type_}.it": after}, {f"{type_}.it": before})


@pytest.mark.parametrize("row", WEAKENINGS, ids=names)
def test_what_does_not_change_is_not_found(row: tuple[str, str, Json, Json]) -> None:
    _, type_, before, after = row
    assert rules({f"{type_}.it": after}, {f"{type_}.it": after}) == []
    assert rules({f"{type_}.it": before}, {f"{type_}.it": {**before, "tags": {"a": "b"}}}) == []


@pytest.mark.parametrize(("rule", "type_", "arguments"), REMOVED)
def test_what_protects_or_holds_data_is_missed_when_it_goes(rule: str, type_: str, arguments: Json) -> None:
    assert rules({f"{type_}.it": arguments, **KEPT}, KEPT) == [rule]


def test_the_alarm_of_something_renamed_is_not_lost_and_a_second_one_is() -> None:
    def alarm(table: str) -> Json:
        return {"namespace": "AWS/DynamoDB", "metric_name": "SystemErrors", "dimensions": {"TableName": table}}

    before = {f"aws_cloudwatch_metric_alarm.{name}": alarm(name) for name in ("a", "b")}
    assert (
        rules(before, {"aws_cloudwatch_metric_alarm.c": alarm("c"), "aws_cloudwatch_metric_alarm.d": alarm("d")}) == []
    )
    assert rules(before, {"aws_cloudwatch_metric_alarm.c": alarm("c")}) == ["alarm-lost"]
    other = {**alarm("c"), "metric_name": "ReadThrottleEvents"}
    assert rules({"aws_cloudwatch_metric_alarm.a": alarm("a")}, {"aws_cloudwatch_metric_alarm.c": other}) == [
        "alarm-lost"
    ]


def test_what_goes_with_what_it_protected_is_not_missed() -> None:
    block = {"aws_s3_bucket_public_access_block.it": {"bucket": "${aws_s3_bucket.it.bucket}"}}
    assert rules({**block, "aws_s3_bucket.it": {"bucket": "media"}}, {}) == ["data-loss"]


def test_every_rule_has_a_case() -> None:
    told = {row[0] for row in WEAKENINGS} | {row[0] for row in REMOVED} | OTHERWISE
    assert {rule.id for rule in RULES} == told


OTHERWISE = {
    "access-broadened": "below",
    "denial-lost": "below",
    "administrator-attached": "below",
    "replacement": "below",
    "addresses-changed": "below",
    "regions-drift": "test_regions.py",
    "objective-broken": "test_objectives.py",
    "objective-lowered": "test_objectives.py",
    "state-moved": "below",
    "state-protection-lowered": "below",
    "version-changed": "below",
    "stack-gone": "test_comparison.py",
}.keys()


def with_policy(*statements: Json) -> dict[str, Json]:
    return {"aws_s3_bucket_policy.it": {"bucket": "media", "policy": policy(*statements)}}


READ = {
    "Sid": "Read",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:a"},
    "Action": "s3:GetObject",
    "Resource": "arn:m/*",
}
DENY = {
    "Sid": "Tls",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": "arn:m/*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


@pytest.mark.parametrize(
    ("change", "rule", "severity"),
    [
        ({"Action": ["s3:GetObject", "s3:PutObject"]}, "access-broadened", Severity.MEDIUM),
        ({"Resource": "arn:*"}, "access-broadened", Severity.MEDIUM),
        ({"Principal": {"AWS": ["arn:a", "arn:b"]}}, "access-broadened", Severity.HIGH),
        ({"Action": "*"}, "access-broadened", Severity.HIGH),
        ({"Principal": "*"}, "public-access", Severity.GUARDED),
        ({"Principal": {"AWS": ["*"]}}, "public-access", Severity.GUARDED),
    ],
)
def test_more_access_is_weighed(change: Json, rule: str, severity: Severity) -> None:
    (finding,) = found(with_policy(READ), with_policy({**READ, **change}))
    assert (finding.rule, finding.severity) == (rule, severity)
    assert "statement Read" in finding.evidence


@pytest.mark.parametrize(
    "after",
    [
        [{**READ, "Action": ["s3:GetObject"]}],
        [{**READ, "Resource": ["arn:m/a", "arn:m/b"]}],
        [{**READ, "Sid": "Renamed"}],
        [{**READ, "Resource": "arn:m/a*"}, {**READ, "Sid": "Two", "Resource": "arn:m/b*"}],
        [{**READ, "Condition": {"StringEquals": {"aws:SourceAccount": "1"}}}],
    ],
)
def test_as_much_or_less_access_in_other_words_is_not_more(after: list[Json]) -> None:
    assert rules(with_policy(READ), with_policy(*after)) == []


def test_everybody_with_a_condition_that_says_who_is_not_the_public() -> None:
    known = {**READ, "Principal": "*", "Condition": {"StringEquals": {"AWS:SourceAccount": "123456789012"}}}
    assert rules(with_policy(READ), with_policy(known)) == ["access-broadened"]


@pytest.mark.parametrize(
    "condition",
    [
        {"Bool": {"aws:SecureTransport": "true"}},
        {"StringNotEquals": {"aws:SourceAccount": "123456789012"}},
        {"StringEqualsIfExists": {"aws:SourceAccount": "123456789012"}},
        {"IpAddress": {"aws:SourceIp": ["0.0.0.0/0"]}},
        {"StringLike": {"aws:PrincipalOrgID": "*"}},
    ],
    ids=str,
)
def test_everybody_with_a_condition_that_says_nothing_is_the_public(condition: Json) -> None:
    public = {**READ, "Principal": "*", "Condition": condition}
    assert rules(with_policy(READ), with_policy(public)) == ["public-access"]


def test_something_new_that_is_public_is_told_and_something_new_that_is_not_is_not() -> None:
    def made(address: str, arguments: Json) -> list[str]:
        return rules({}, {address: arguments})

    assert made("aws_db_instance.it", {"publicly_accessible": True}) == ["public-access"]
    assert made("aws_lambda_function_url.it", {"authorization_type": "NONE"}) == ["public-access"]
    assert made("aws_lambda_function_url.it", {"authorization_type": "AWS_IAM"}) == []
    assert made("aws_db_instance.it", {"publicly_accessible": False, "skip_final_snapshot": True}) == []


def test_a_lost_condition_is_more_access() -> None:
    narrow = {**READ, "Condition": {"StringEquals": {"aws:SourceAccount": "1"}}}
    assert rules(with_policy(narrow), with_policy(READ)) == ["access-broadened"]


def test_a_lost_denial_says_what_it_denied() -> None:
    (finding,) = found(with_policy(READ, DENY), with_policy(READ))
    assert (finding.rule, finding.severity) == ("denial-lost", Severity.HIGH)
    assert finding.title == "requests without TLS are no longer denied"
    assert finding.evidence.startswith("policy, statement Tls: no longer Deny s3:* to everybody on arn:m/*")
    assert rules(with_policy(READ), with_policy(READ, DENY)) == []


def test_a_denial_that_covers_less_is_lost_in_part() -> None:
    (finding,) = found(with_policy(DENY), with_policy({**DENY, "Action": "s3:Get*"}))
    assert finding.rule == "denial-lost"


def test_a_new_role_may_do_what_is_named_and_not_everything() -> None:
    named = {
        "aws_iam_role_policy.it": {"policy": policy({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "a"})}
    }
    wild = {"aws_iam_role_policy.it": {"policy": policy({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})}}
    assert rules({}, named) == []
    (finding,) = found({}, wild)
    assert (finding.rule, finding.severity) == ("access-broadened", Severity.HIGH)


def test_the_policy_of_a_data_source_is_read_like_any() -> None:
    def side(actions: list[str]) -> Json:
        statement = {
            "sid": "Read",
            "actions": actions,
            "resources": ["arn:m"],
            "principals": [{"type": "AWS", "identifiers": ["arn:a"]}],
        }
        return {NAME: stack({}, data={"aws_iam_policy_document": {"it": {"statement": [statement]}}})}

    (finding,) = findings(compare(side(["s3:GetObject"]), side(["s3:GetObject", "s3:DeleteObject"])))
    assert finding.rule == "access-broadened"
    assert finding.evidence == "statement, statement Read: Allow s3:DeleteObject to AWS:arn:a on arn:m"


def test_a_policy_for_administrators_is_told() -> None:
    def attached(arn: str) -> Json:
        return {"aws_iam_role_policy_attachment.it": {"policy_arn": arn}}

    own = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    assert rules({}, attached("arn:aws:iam::aws:policy/AdministratorAccess")) == ["administrator-attached"]
    assert rules(attached(own), attached("arn:aws:iam::aws:policy/AmazonS3FullAccess")) == ["administrator-attached"]
    assert rules({}, attached(own)) == []


@pytest.mark.parametrize(
    ("before", "after", "title"),
    [
        ("10.0.0.0/20", "10.0.0.0/24", "the subnet shrinks to 251 usable addresses instead of 4091"),
        ("10.0.0.0/20", "10.1.0.0/24", "the subnet shrinks to 251 usable addresses instead of 4091, and moves"),
        ("10.0.0.0/20", "10.1.0.0/20", "the subnet moves to other addresses"),
        ("10.0.0.0/20", "10.0.0.0/19", "the subnet gets another, larger range"),
    ],
)
def test_a_subnets_addresses_are_counted(before: str, after: str, title: str) -> None:
    (finding,) = found({"aws_subnet.it": {"cidr_block": before}}, {"aws_subnet.it": {"cidr_block": after}})
    assert (finding.rule, finding.title) == ("addresses-changed", title)
    assert finding.evidence == f"cidr_block: {before} → {after}"


def test_a_range_that_nobody_knows_before_the_apply_is_left_alone() -> None:
    known = {"aws_vpc_security_group_ingress_rule.it": {"cidr_ipv4": "10.0.0.0/16", "ip_protocol": "-1"}}
    later = {"aws_vpc_security_group_ingress_rule.it": {"cidr_ipv4": "${aws_vpc.it.cidr_block}", "ip_protocol": "-1"}}
    assert rules(known, later) == []


def test_another_name_is_another_resource() -> None:
    def table(name: str, **more: Json) -> Json:
        return {"aws_dynamodb_table.it": {"name": name, "hash_key": "pk", **more}}

    (finding,) = found(table("orders"), table("purchases"))
    assert (finding.rule, finding.severity) == ("data-loss", Severity.GUARDED)
    assert finding.title == "AWS cannot rename it: a new, empty one takes its place and the data is lost"
    assert finding.evidence == "name: orders → purchases"
    assert rules(table("orders"), table("orders", billing_mode="PAY_PER_REQUEST")) == []
    function = {"aws_lambda_function.it": {"function_name": "a"}}
    assert rules(function, {"aws_lambda_function.it": {"function_name": "b"}}) == ["replacement"]


def test_a_table_that_is_called_and_addressed_otherwise_is_one_loss() -> None:
    before = {"aws_dynamodb_table.orders": {"name": "orders", "hash_key": "pk"}}
    after = {"aws_dynamodb_table.purchases": {"name": "purchases", "hash_key": "pk"}}
    (finding,) = found(before, after)
    assert finding.rule == "data-loss"
    assert finding.evidence == "aws_dynamodb_table.orders → aws_dynamodb_table.purchases"


def terraform_(**backend: Json) -> Json:
    return {NAME: stack({}, terraform={"required_version": ">= 1.11", "backend": {"s3": {"key": "a", **backend}}})}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"bucket": "one"}, {"bucket": "two"}, ["state-moved"]),
        ({"use_lockfile": True}, {"use_lockfile": False}, ["state-protection-lowered"]),
        ({"encrypt": True}, {}, ["state-protection-lowered"]),
        ({}, {"use_lockfile": True, "encrypt": True}, []),
    ],
)
def test_the_state_stays_where_it_is_and_locked(before: Json, after: Json, expected: list[str]) -> None:
    assert [each.rule for each in findings(compare(terraform_(**before), terraform_(**after)))] == expected


def test_another_version_of_a_provider_is_noted() -> None:
    def side(version: str) -> Json:
        return {NAME: stack({}, terraform={"required_providers": {"aws": {"version": version}}})}

    (finding,) = findings(compare(side("5.100.0"), side("6.0.0")))
    assert (finding.rule, finding.severity) == ("version-changed", Severity.LOW)
    assert finding.evidence == "required_providers.aws.version: 5.100.0 → 6.0.0"
