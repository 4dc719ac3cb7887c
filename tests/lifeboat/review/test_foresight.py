from __future__ import annotations

import json
from typing import Any

from lifeboat.plan.allowances import Guards
from lifeboat.report.model import Action, Report
from lifeboat.review.build import report
from lifeboat.review.foresight import foreseen
from lifeboat.review.preview import Preview
from tests.lifeboat.review.stacks import NAME, compared

Json = Any


def entry(address: str, actions: list[str], before: Json, after: Json, **more: Json) -> Json:
    """Return an entry of a plan."""
    change = {"actions": actions, "before": before, "after": after, "after_unknown": {}, **more}
    return {"address": address, "type": address.partition(".")[0], "mode": "managed", "change": change}


def plan(*entries: Json) -> bytes:
    """Return a plan as Terraform shows it."""
    return json.dumps({"format_version": "1.2", "planned_values": {}, "resource_changes": list(entries)}).encode()


def seen(before: Json, after: Json, *entries: Json, trouble: str = "") -> Report:
    """Return the report of a change with what a plan says of it."""
    preview = Preview(plans={NAME: plan(*entries)}, troubles={NAME: trouble} if trouble else {})
    return foreseen(report("t", compared(before, after), {}, ()), preview, {}, Guards())


FUNCTION = {"aws_lambda_function.it": {"description": "a"}}


def test_a_change_that_terraform_ignores_says_so() -> None:
    found = seen(FUNCTION, {"aws_lambda_function.it": {"description": "b"}})
    (change,) = found.sections[0].changes
    assert change.reasons == ("Terraform does nothing about it: the plan shows no change",)
    assert found.sections[0].notes == ("plan preview, on the embedded AWS: nothing to do",)


def test_an_update_in_place_stays_one() -> None:
    after = {"aws_lambda_function.it": {"description": "b"}}
    update = entry("aws_lambda_function.it", ["update"], {"description": "a"}, {"description": "b"})
    (change,) = seen(FUNCTION, after, update).sections[0].changes
    assert (change.action, change.reasons) == (Action.UPDATE, ())


def test_a_move_that_terraform_does_not_know_is_a_replacement() -> None:
    before, after = {"aws_sqs_queue.old": {"name": "jobs"}}, {"aws_sqs_queue.new": {"name": "jobs"}}
    gone = entry("aws_sqs_queue.old", ["delete"], {"name": "jobs"}, None)
    new = entry("aws_sqs_queue.new", ["create"], None, {"name": "jobs"})
    (change,) = seen(before, after, gone, new).sections[0].changes
    assert (change.action, change.previous_address) == (Action.REPLACE, "aws_sqs_queue.old")
    assert change.reasons[-1] == "Terraform destroys aws_sqs_queue.old and creates this"


def test_data_that_moves_undeclared_is_guarded_once() -> None:
    before, after = {"aws_s3_bucket.old": {"bucket": "media"}}, {"aws_s3_bucket.new": {"bucket": "media"}}
    gone = entry("aws_s3_bucket.old", ["delete"], {"bucket": "media"}, None)
    new = entry("aws_s3_bucket.new", ["create"], None, {"bucket": "media"})
    found = seen(before, after, gone, new)
    assert [(each.rule, each.address) for each in found.guarded] == [("data-loss", "aws_s3_bucket.new")]


def test_an_argument_that_forces_and_is_not_in_the_files_is_added() -> None:
    after = {"aws_lambda_function.it": {"description": "b"}}
    forced = entry(
        "aws_lambda_function.it",
        ["delete", "create"],
        {"description": "a", "package_type": "Zip"},
        {"description": "b", "package_type": "Image"},
        replace_paths=[["package_type"]],
    )
    (change,) = seen(FUNCTION, after, forced).sections[0].changes
    assert {each.path: each.forces_replacement for each in change.differences} == {
        "description": False,
        "package_type": True,
    }


def test_data_that_goes_with_something_else_is_guarded_by_the_guards_of_plans() -> None:
    bucket = entry(
        "aws_s3_bucket.other", ["delete", "create"], {"bucket": "a"}, {"bucket": "b"}, replace_paths=[["bucket"]]
    )
    found = seen(FUNCTION, FUNCTION, bucket)
    assert [(each.rule, each.address) for each in found.guarded] == [("data-loss", "aws_s3_bucket.other")]
    assert found.sections[0].unchanged == 0


def test_what_stood_in_the_way_of_a_plan_is_told() -> None:
    found = seen(FUNCTION, FUNCTION, trouble="it is planned, but cannot be applied:\n  No apply")
    assert found.sections[0].notes[:2] == (
        "plan preview: it is planned, but cannot be applied:",
        "plan preview:   No apply",
    )
    preview = Preview(troubles={NAME: "it cannot be planned"})
    without = foreseen(report("t", compared(FUNCTION, FUNCTION), {}, ()), preview, {}, Guards())
    assert without.sections[0].notes == ("plan preview: it cannot be planned",)
