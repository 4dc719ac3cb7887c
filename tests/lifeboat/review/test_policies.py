from __future__ import annotations

from typing import Any

import pytest

from lifeboat.review.policies import (
    from_data_source,
    granted,
    matches,
    no_longer_denied,
    normalised,
    overlap,
    statements,
)
from tests.lifeboat.review.stacks import policy

Json = Any

ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:a"}


def allowed(before: Json, after: Json) -> list[str]:
    """Say what is newly allowed."""
    return [str(each) for each in granted(*(statements(normalised(policy(each))) for each in (before, after)))]


def lost(before: Json, after: Json) -> list[str]:
    """Say what is no longer denied."""
    return [str(each) for each in no_longer_denied(*(statements(normalised(policy(each))) for each in (before, after)))]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"Action": "s3:*"}, {"Action": "s3:GetObject"}, []),
        ({"Action": "S3:getobject"}, {"Action": "s3:GetObject"}, []),
        ({"Action": "s3:Get*"}, {"Action": ["s3:GetObject", "s3:GetBucketAcl"]}, []),
        ({"Action": "s3:Get?bject"}, {"Action": "s3:GetObject"}, []),
        ({"Action": "s3:Get*"}, {"Action": "s3:*"}, ["Allow s3:* on arn:a"]),
        ({"Resource": "arn:a/*"}, {"Resource": "arn:a/b"}, []),
        ({"Resource": "arn:a/b"}, {"Resource": ["arn:a/b", "arn:c"]}, ["Allow s3:GetObject on arn:c"]),
        ({"Resource": "arn:a.c"}, {"Resource": "arn:abc"}, ["Allow s3:GetObject on arn:abc"]),
    ],
)
def test_patterns_cover_what_they_mean(before: Json, after: Json, expected: list[str]) -> None:
    assert allowed({**ALLOW, **before}, {**ALLOW, **after}) == expected


@pytest.mark.parametrize(
    ("before", "after", "grows"),
    [
        ({"NotAction": ["iam:*"]}, {"NotAction": ["iam:*", "sts:*"]}, False),
        ({"NotAction": ["iam:*", "sts:*"]}, {"NotAction": ["iam:*"]}, True),
        ({"NotAction": ["iam:*"]}, {"Action": ["s3:GetObject"]}, False),
        ({"NotAction": ["iam:*"]}, {"Action": ["iam:PassRole"]}, True),
        ({"Action": ["s3:*"]}, {"NotAction": ["iam:*"]}, True),
    ],
)
def test_everything_but_is_compared_by_what_it_leaves_out(before: Json, after: Json, *, grows: bool) -> None:
    base = {"Effect": "Allow", "Resource": "*"}
    assert bool(allowed({**base, **before}, {**base, **after})) is grows


@pytest.mark.parametrize(
    ("before", "after", "grows"),
    [
        ({"Bool": {"aws:SecureTransport": "true"}}, {}, True),
        ({}, {"Bool": {"aws:SecureTransport": True}}, False),
        ({"StringEquals": {"aws:SourceAccount": ["1", "2"]}}, {"StringEquals": {"aws:SourceAccount": "1"}}, False),
        ({"StringEquals": {"aws:SourceAccount": "1"}}, {"StringEquals": {"aws:SourceAccount": ["1", "2"]}}, True),
        ({"StringNotEquals": {"aws:SourceVpc": ["1", "2"]}}, {"StringNotEquals": {"aws:SourceVpc": ["1"]}}, True),
        ({"StringNotEquals": {"aws:SourceVpc": "1"}}, {"StringNotEquals": {"aws:SourceVpc": ["1", "2"]}}, False),
    ],
)
def test_conditions_narrow_and_negative_ones_the_other_way(before: Json, after: Json, *, grows: bool) -> None:
    assert bool(allowed({**ALLOW, "Condition": before}, {**ALLOW, "Condition": after})) is grows


def test_a_denial_with_one_more_condition_denies_less() -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    narrow = {**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    assert lost(deny, narrow) == ["Deny s3:* to AWS:* on *"]
    assert lost(narrow, deny) == []
    assert lost({**deny, "Action": ["s3:Get*", "s3:Put*"]}, {**deny, "Action": "s3:Get*"}) == [
        "Deny s3:Put* to AWS:* on *"
    ]


def test_all_principals_but_some_are_everybody() -> None:
    (one,) = statements(normalised(policy({**ALLOW, "NotPrincipal": {"AWS": "arn:me"}})))
    (none,) = statements(normalised(policy(ALLOW)))
    assert (one.is_for_everybody, none.is_for_everybody) == (True, False)
    assert str(one) == "Allow s3:GetObject to everything but AWS:arn:me on arn:a"


def test_a_statement_tells_its_conditions() -> None:
    (one,) = statements(normalised(policy({**ALLOW, "Condition": {"Bool": {"aws:SecureTransport": "true"}}})))
    assert str(one) == "Allow s3:GetObject on arn:a if aws:SecureTransport Bool true"


def test_a_data_source_renders_the_document_that_aws_gets() -> None:
    arguments = {
        "statement": [
            {
                "sid": "Read",
                "effect": "Deny",
                "not_actions": ["s3:Get*"],
                "resources": ["arn:b", "arn:a"],
                "principals": [{"type": "*", "identifiers": ["*"]}, {"type": "Service", "identifiers": ["x.com"]}],
                "condition": [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]}],
            }
        ]
    }
    assert from_data_source(arguments)["Statement"] == [
        {
            "Sid": "Read",
            "Effect": "Deny",
            "NotAction": ["s3:Get*"],
            "Resource": ["arn:a", "arn:b"],
            "Principal": {"AWS": ["*"], "Service": ["x.com"]},
            "Condition": {"Bool": {"aws:SecureTransport": ["false"]}},
        }
    ]


def test_patterns_take_nothing_but_stars_and_question_marks_for_special() -> None:
    assert matches("a.b[c]*", "a.b[c]d")
    assert not matches("a.b", "axb")
    assert overlap("s3:Get*", "s3:GetObject")
    assert overlap("s3:GetObject", "s3:*")
    assert not overlap("s3:Get*", "sqs:*")
