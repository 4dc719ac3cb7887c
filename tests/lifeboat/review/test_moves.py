from __future__ import annotations

from typing import Any

from lifeboat.report.model import Action, Severity
from lifeboat.review.build import findings, report
from lifeboat.review.comparison import What, compare
from tests.lifeboat.review.stacks import NAME, compared, found, stack

Json = Any

BUCKET = {"bucket": "media"}
BEFORE = {
    "aws_s3_bucket.old": BUCKET,
    "aws_s3_bucket_versioning.old": {"bucket": "${aws_s3_bucket.old.bucket}", "versioning_configuration": {}},
    "aws_ssm_parameter.name": {"name": "n", "insecure_value": "${aws_s3_bucket.old.bucket}"},
}
AFTER = {
    "aws_s3_bucket.new": BUCKET,
    "aws_s3_bucket_versioning.new": {"bucket": "${aws_s3_bucket.new.bucket}", "versioning_configuration": {}},
    "aws_ssm_parameter.name": {"name": "n", "insecure_value": "${aws_s3_bucket.new.bucket}"},
}


def test_the_same_content_at_another_address_moved_and_what_refers_to_it_did_not_change() -> None:
    (changed,) = compared(BEFORE, AFTER).stacks
    assert {(each.block.address, each.previous, each.what) for each in changed.changes} == {
        ("aws_s3_bucket.new", "aws_s3_bucket.old", What.MOVED),
        ("aws_s3_bucket_versioning.new", "aws_s3_bucket_versioning.old", What.MOVED),
    }
    assert all(each.differences == () for each in changed.changes)


def test_a_move_that_nobody_declares_loses_what_the_resource_holds() -> None:
    told = {finding.address: (finding.rule, finding.severity) for finding in found(BEFORE, AFTER)}
    assert told == {
        "aws_s3_bucket.new": ("data-loss", Severity.GUARDED),
        "aws_s3_bucket_versioning.new": ("replacement", Severity.LOW),
    }


def test_a_declared_move_loses_nothing() -> None:
    moved = [{"from": address.replace("new", "old"), "to": address} for address in AFTER if address.endswith("new")]
    comparison = compare({NAME: stack(BEFORE)}, {NAME: stack(AFTER, moved=moved)})
    assert [each.is_declared for each in comparison.stacks[0].changes] == [True, True]
    assert list(findings(comparison)) == []


def test_a_declared_move_may_change_more_than_the_address() -> None:
    moved = {"from": "aws_s3_bucket.old", "to": "aws_s3_bucket.new"}
    head = stack({"aws_s3_bucket.new": {**BUCKET, "force_destroy": True}}, moved=moved)
    comparison = compare({NAME: stack({"aws_s3_bucket.old": BUCKET})}, {NAME: head})
    assert [finding.rule for finding in findings(comparison)] == ["deletion-protection-lowered"]
    (change,) = report("t", comparison, {}, ()).sections[0].changes
    assert (change.action, change.previous_address) == (Action.UPDATE, "aws_s3_bucket.old")
    assert [each.path for each in change.differences] == ["force_destroy"]


def test_of_several_with_the_same_content_the_closest_name_is_the_one() -> None:
    before: Json = {"aws_vpc.a_one": {"tags": {}}, "aws_vpc.b_two": {"tags": {}}}
    after: Json = {"aws_vpc.b_two_x": {"tags": {}}, "aws_vpc.a_one_x": {"tags": {}}}
    (changed,) = compared(before, after).stacks
    assert {each.block.address: each.previous for each in changed.changes} == {
        "aws_vpc.a_one_x": "aws_vpc.a_one",
        "aws_vpc.b_two_x": "aws_vpc.b_two",
    }


def test_another_content_at_another_address_is_removed_and_added() -> None:
    (changed,) = compared(
        {"aws_vpc.a": {"cidr_block": "10.0.0.0/16"}}, {"aws_vpc.b": {"cidr_block": "10.9.0.0/16"}}
    ).stacks
    assert [each.what for each in changed.changes] == [What.REMOVED, What.ADDED]


def test_what_is_forgotten_is_not_destroyed() -> None:
    removed = [{"from": "aws_s3_bucket.old", "lifecycle": {"destroy": False}}]
    comparison = compare({NAME: stack({"aws_s3_bucket.old": BUCKET})}, {NAME: stack({}, removed=removed)})
    assert list(findings(comparison)) == []
    assert [each.action for each in report("t", comparison, {}, ()).sections[0].changes] == [Action.FORGET]
