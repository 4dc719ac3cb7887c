from __future__ import annotations

import json
from typing import Any

import pytest

from lifeboat.report.model import Known
from lifeboat.report.secrets import Scrubber
from lifeboat.report.values import MISSING, Comparison, Side, joined


def found(before: Any, after: Any) -> dict[str, tuple[str, str]]:  # noqa: ANN401 whatever JSON can hold
    return {
        each.path: (each.before.text or each.before.known, each.after.text or each.after.known)
        for each in Comparison().differences("p", Side(before), Side(after))
    }


@pytest.mark.parametrize(
    ("before", "after", "differences"),
    [
        (1, 1, {}),
        (None, MISSING, {}),
        (1, True, {"p": ("1", "true")}),
        ({"a": 1}, {"a": 2, "b": None}, {"p.a": ("1", "2")}),
        ({"a b": 1}, {"a b": 2}, {'p["a b"]': ("1", "2")}),
        (["a", "b"], ["b", "a"], {"p": ('["a", "b"]', '["b", "a"]')}),
        (["a", "b"], ["b", "c", "d"], {"p[]": ("absent", '"d"')}),
        (["a"], ["b"], {"p[0]": ('"a"', '"b"')}),
        (["a", "a"], ["a"], {"p[]": ('"a"', "absent")}),
        (
            [{"id": "x", "v": 1}, {"id": "y", "v": 1}],
            [{"id": "y", "v": 2}, {"id": "x", "v": 1}],
            {'p["y"].v': ("1", "2")},
        ),
        ([{"v": 1}, {"v": 2}], [{"v": 1}, {"v": 3}], {"p[0].v": ("2", "3")}),
        ('{"a": [1]}', '{"a":[1]}', {}),
        ('{"a": 1}', '{"a": 2}', {"p.a": ("1", "2")}),
        ("{not json}", "{nor this}", {"p": ('"{not json}"', '"{nor this}"')}),
        ({"a": 1}, "text", {"p": ('{"a": 1}', '"text"')}),
    ],
)
def test_values_are_compared_as_what_they_mean(before: Any, after: Any, differences: dict[str, Any]) -> None:  # noqa: ANN401 JSON
    assert found(before, after) == differences


def test_a_statement_more_at_the_top_is_one_difference() -> None:
    old = [{"Sid": str(number), "Effect": "Allow"} for number in range(20)]
    new = [{"Sid": "New", "Effect": "Deny"}, *old]
    assert list(found(json.dumps({"Statement": old}), json.dumps({"Statement": new}))) == ['p.Statement["New"]']


def test_what_is_partly_unknown_shows_what_is_known() -> None:
    after = Side({"a": 1}, unknown={"b": True})
    (difference,) = Comparison().differences("p", Side({"a": 1, "b": 2}), after)
    assert (difference.path, difference.after.known) == ("p.b", Known.UNKNOWN)
    (new,) = Comparison().differences("p", Side(), Side([{"a": 1}], unknown=[{"b": True}]))
    assert json.loads(new.after.text) == [{"a": 1, "b": "(known after apply)"}]


def test_secrets_that_are_equal_are_no_difference() -> None:
    assert list(Comparison().differences("p", Side("x", secret=True), Side("x", secret=True))) == []


@pytest.mark.parametrize(("key", "path"), [("a", "p.a"), ("a-b_c", "p.a-b_c"), ("a.b", 'p["a.b"]'), ("", 'p[""]')])
def test_keys_that_are_no_words_are_quoted(key: str, path: str) -> None:
    assert joined("p", key) == path


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("the hunter22 is here", "the (sensitive) is here"),
        ("xhunter22y", "x(sensitive)y"),
        ("hunter22hunter22", "(sensitive)(sensitive)"),
        ("hunter2", "hunter2"),
        ("a postgresql database", "a postgresql database"),
        ("login to postgres!", "login to (sensitive)!"),
        ("hunter22-longer", "(sensitive)"),
    ],
)
def test_known_secrets_are_taken_out_of_texts_the_longest_first(text: str, shown: str) -> None:
    assert Scrubber(["hunter22", "hunter22-longer", "postgres", "abc"])(text) == shown


@pytest.mark.parametrize(
    ("value", "marks"),
    [
        ([{"b": "x"}], [{"b": True}, {}]),
        ([{"b": "x"}], {"b": True}),
        ({"b": "x"}, [True]),
        ({"b": {"c": "x"}}, {"b": [True]}),
    ],
)
def test_marks_that_do_not_fit_hide_too_much_and_not_too_little(value: Any, marks: Any) -> None:  # noqa: ANN401 JSON
    shown = [each.after for each in Comparison().differences("p", Side(), Side(value, secret=marks))]
    assert not any('"x"' in each.text for each in shown)
    assert shown
