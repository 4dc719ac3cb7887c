from __future__ import annotations

import json
from typing import Any

import pytest

from lifeboat.review.comparison import What, compare
from lifeboat.review.content import readable
from lifeboat.review.differences import ABSENT, differences
from lifeboat.review.unordered import sets_of, table
from tests.lifeboat.review.stacks import compared, policy, stack

Json = Any


def places(before: Json, after: Json, sets: frozenset[str] = frozenset()) -> dict[str, tuple[Json, Json]]:
    found = differences(readable(before), readable(after), sets)
    return {each.place: (each.before, each.after) for each in found}


def test_a_value_is_shown_at_its_path() -> None:
    assert places({"a": {"b": 1, "c": 2}}, {"a": {"b": 3, "c": 2}}) == {"a.b": (1, 3)}


@pytest.mark.parametrize(("one", "other"), [(1, "1"), (True, "true"), (0.5, "0.5"), (1.0, 1), ([], [])])
def test_what_terraform_converts_is_no_difference(one: Json, other: Json) -> None:
    assert places({"a": one}, {"a": other}) == {}


def test_a_single_block_may_be_written_with_or_without_a_list() -> None:
    assert places({"rule": {"a": 1}}, {"rule": [{"a": 1}]}) == {}
    assert places({"rule": [{"a": 1}]}, {"rule": {"a": 2}}) == {"rule.a": (1, 2)}


def test_null_is_no_value() -> None:
    assert places({"a": None}, {}) == {}
    assert places({"a": None}, {"a": 1}) == {"a": (ABSENT, 1)}


def test_the_order_of_a_set_is_no_difference_and_that_of_a_list_is() -> None:
    assert places({"ids": ["a", "b"]}, {"ids": ["b", "a"]}, frozenset({"ids"})) == {}
    assert list(places({"ids": ["a", "b"]}, {"ids": ["b", "a"]})) == ["ids[order]"]


def test_one_more_element_of_a_set_is_that_element_alone() -> None:
    found = places({"ids": ["a", "b"]}, {"ids": ["c", "b", "a"]}, frozenset({"ids"}))
    assert found == {"ids": (ABSENT, "c")}


def test_one_more_element_at_the_front_of_a_list_is_that_element_alone() -> None:
    assert places({"a": ["y", "z"]}, {"a": ["x", "y", "z"]}) == {"a[0]": (ABSENT, "x")}


def test_blocks_are_matched_by_what_names_them() -> None:
    before = {"rule": [{"id": "a", "days": 1}, {"id": "b", "days": 2}]}
    after = {"rule": [{"id": "new", "days": 9}, {"id": "a", "days": 1}, {"id": "b", "days": 3}]}
    assert places(before, after) == {
        'rule["b"].days': (2, 3),
        'rule["new"]': (ABSENT, {"id": "new", "days": 9}),
    }


def test_blocks_of_a_set_without_names_are_matched_by_likeness() -> None:
    before = {"ingress": [{"from_port": 1, "to_port": 1, "protocol": "tcp"}, {"from_port": 2, "to_port": 2}]}
    after = {"ingress": [{"from_port": 2, "to_port": 2}, {"from_port": 1, "to_port": 3, "protocol": "tcp"}]}
    assert places(before, after, sets_of("aws_security_group")) == {"ingress[].to_port": (1, 3)}


def test_documents_in_texts_are_structures() -> None:
    before = {"definition": json.dumps({"States": {"Wait": {"Seconds": 10}}})}
    after = {"definition": json.dumps({"States": {"Wait": {"Seconds": 20}}})}
    assert places(before, after) == {"definition.States.Wait.Seconds": (10, 20)}


def test_widgets_are_matched_by_their_titles() -> None:
    def dashboard(*titles: str) -> Json:
        widgets = [{"x": 0, "y": 6 * n, "properties": {"title": title}} for n, title in enumerate(titles)]
        return {"dashboard_body": json.dumps({"widgets": widgets})}

    found = places(dashboard("Lag"), dashboard("Errors", "Lag"))
    assert sorted(found) == ['dashboard_body.widgets["Errors"]', 'dashboard_body.widgets["Lag"].y']


def test_a_policys_statements_are_matched_by_sid_and_compared_as_sets() -> None:
    one = {"Sid": "Read", "Effect": "Allow", "Action": ["a", "b"], "Resource": "r"}
    two = {"Sid": "Write", "Effect": "Allow", "Action": "c", "Resource": ["r"]}
    assert places({"policy": policy(one, two)}, {"policy": policy(two, {**one, "Action": ["b", "a"]})}) == {}
    assert places({"policy": policy(one, two)}, {"policy": policy(two, {**one, "Action": ["a", "b", "x"]})}) == {
        'policy.Statement["Read"].Action': (ABSENT, "x")
    }


def test_statements_without_a_sid_are_matched_by_likeness() -> None:
    one = {"Effect": "Allow", "Action": ["a"], "Resource": "r", "Principal": "*"}
    other = {"Effect": "Deny", "Action": ["z"], "Resource": "q"}
    found = places({"policy": policy(one)}, {"policy": policy(other, {**one, "Resource": "s"})})
    assert found['policy.Statement["0"].Resource'] == ("r", ABSENT) or (ABSENT, "s") in found.values()
    assert 'policy.Statement["1"]' in found


def test_everybody_is_written_in_two_ways_and_means_one() -> None:
    one = {"Sid": "A", "Effect": "Allow", "Principal": "*", "Action": "a"}
    assert places({"p": policy(one)}, {"p": policy({**one, "Principal": {"AWS": "*"}})}) == {}


def test_a_text_that_only_looks_like_json_stays_a_text() -> None:
    assert places({"a": "{not json"}, {"a": "{still not"}) == {"a": ("{not json", "{still not")}


def test_packed_code_is_one_difference_and_its_hash_stays_out_of_the_rest() -> None:
    def function(hash_: str, folder: str) -> Json:
        name = f"assets/code_1/{folder * 64}/orders-{folder * 16}.zip"
        return {"aws_lambda_function.it": {"filename": name, "source_code_hash": hash_}}

    (change,) = compared(function("one=", "a"), function("two=", "b")).stacks[0].changes
    assert [(each.place, each.before, each.after) for each in change.differences] == [("code", "one=", "two=")]


def test_a_snapshot_and_the_stack_that_it_shows_are_equal() -> None:
    written = {"policy": json.dumps(policy({"Sid": "A", "Effect": "Allow", "Action": "a", "Resource": "r"}))}
    shown = {"policy": policy({"Sid": "A", "Effect": "Allow", "Action": "a", "Resource": "r"})}
    assert compared({"aws_iam_role_policy.it": written}, {"aws_iam_role_policy.it": shown}).stacks[0].changes == ()


def test_outputs_providers_and_ephemeral_values_are_compared_too() -> None:
    base = stack({}, output={"a": {"value": 1}}, ephemeral={"aws_secret": {"it": {"id": "x"}}})
    head = stack({}, region="us-west-2", output={"a": {"value": 2}}, ephemeral={"aws_secret": {"it": {"id": "y"}}})
    (found,) = compare({"s": base}, {"s": head}).stacks
    assert {change.block.address: change.what for change in found.changes} == dict.fromkeys(
        ["output.a", "provider.aws", "ephemeral.aws_secret.it"], What.CHANGED
    )


def test_the_table_of_sets_comes_from_the_providers_schema() -> None:
    block = {
        "attributes": {"ids": {"type": ["set", "string"], "optional": True}, "out": {"type": ["set", "string"]}},
        "block_types": {"rule": {"nesting_mode": "set", "block": {"attributes": {}, "block_types": {}}}},
    }
    schema = {"provider_schemas": {"aws": {"resource_schemas": {"aws_x": {"block": block}}}}}
    assert table(schema) == {"aws_x": ["ids", "rule"]}
    assert {"ingress", "egress"} <= sets_of("aws_security_group")
    assert sets_of("no_such_type") == frozenset()
