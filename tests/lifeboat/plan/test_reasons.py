from __future__ import annotations

from typing import Any

import pytest

from tests.lifeboat.plan.plans import REPLACE, alone, entry, only

CANNOT = "replace_because_cannot_update"


def reasons(before: dict[str, Any], after: dict[str, Any], paths: list[list[Any]], **unknown: bool) -> tuple[str, ...]:
    found = alone(
        entry("aws_x.x", REPLACE, before, after, replace_paths=paths, after_unknown=unknown, action_reason=CANNOT)
    )
    return only(found.sections[0].changes).reasons


@pytest.mark.parametrize(
    ("before", "after", "unknown", "told"),
    [
        ({"a": 1, "arn": None}, {"a": 2}, {"arn": True}, "a"),  # only absent from the state: no reason
        ({"a": 1}, {"a": 2}, {"arn": True}, "a"),
        ({"a": 1, "arn": "x"}, {"a": 2}, {"arn": True}, "a, arn"),  # known, and to be another one
        ({"a": 1, "arn": None}, {"a": 2, "arn": "x"}, {}, "a, arn"),  # newly asked for
        ({"a": 1, "arn": "x"}, {"a": 2, "arn": "x"}, {}, "a"),
    ],
)
def test_only_arguments_that_truly_differ_are_named(
    before: dict[str, Any], after: dict[str, Any], unknown: dict[str, bool], told: str
) -> None:
    assert reasons(before, after, [["a"], ["arn"], ["a"]], **unknown) == (f"cannot be changed in place: {told}",)


def test_paths_are_written_as_people_write_them() -> None:
    before = {"rule": [{"port": 1, "a b": 1}]}
    after = {"rule": [{"port": 2, "a b": 2}]}
    assert reasons(before, after, [["rule", 0, "port"], ["rule", 0, "a b"]]) == (
        'cannot be changed in place: rule[0].port, rule[0]["a b"]',
    )


def test_where_no_listed_argument_differs_that_is_said() -> None:
    assert reasons({"a": 1}, {"a": 1}, [["a"]]) == (
        "the provider cannot change it in place and names no argument whose value differs",
    )


def test_a_reason_that_is_not_known_here_is_passed_on() -> None:
    found = alone(entry("aws_x.x", ["delete"], {"a": 1}, action_reason="delete_because_of_the_moon"))
    assert only(found.sections[0].changes).reasons == ("Terraform's reason: delete_because_of_the_moon",)


def test_what_is_put_off_says_why() -> None:
    inside = entry("aws_x.x", ["create"], None, {"a": 1})
    found = alone(deferred_changes=[{"reason": "instance_count_unknown", "resource_change": inside}], complete=False)
    assert only(found.sections[0].deferred).reasons == ("put off: its count or for_each is not known yet",)
    assert found.sections[0].notes == (
        "after this apply another plan is needed: Terraform could not plan everything at once",
    )
    assert found.exit_code == 2


def test_what_is_forgotten_in_favour_of_a_new_one_stays() -> None:
    found = alone(entry("aws_x.x", ["create", "forget"], {"a": 1}, {"a": 2}))
    assert only(found.sections[0].changes).reasons == ("the old one stays and is no longer managed",)


def test_modules_and_keys_lead_to_the_same_configuration() -> None:
    configuration = {
        "root_module": {
            "module_calls": {
                "part": {
                    "module": {
                        "resources": [
                            {"address": "aws_x.x", "expressions": {"y": {"references": ['aws_y.y["k"].id', "aws_y.y"]}}}
                        ]
                    }
                }
            }
        }
    }
    replaced = entry(
        "module.part[0].aws_x.x[1]", REPLACE, {"y": "1"}, {}, replace_paths=[["y"]], after_unknown={"y": True}
    )
    other = entry('module.part[0].aws_y.y["k"]', REPLACE, {"id": "1"}, {})
    first, _ = alone(replaced, other, configuration=configuration).sections[0].changes
    assert first.reasons == ("cannot be changed in place: y", "y: module.part.aws_y.y is replaced")
