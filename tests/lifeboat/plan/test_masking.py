from __future__ import annotations

from typing import Any

import pytest

from lifeboat.report.output import FORMATS, render
from tests.lifeboat.plan.plans import CREATE, UPDATE, alone, entry, only, planned, report

SECRET = "correct-horse-7"  # noqa: S105 the secret that must not be seen


def masked(before: Any, after: Any, **marks: Any) -> None:  # noqa: ANN401 whatever JSON can hold
    """See that the secret is in none of the outputs, and that the change is."""
    found = alone(entry("aws_x.x", UPDATE, {"a": before}, {"a": after}, **marks))
    assert only(found.sections[0].changes).differences
    for form in FORMATS:
        assert SECRET not in render(found, form, budget=0), form


@pytest.mark.parametrize(
    ("before", "after", "marks"),
    [
        (SECRET, "x", {"before_sensitive": {"a": True}}),
        ("x", SECRET, {"after_sensitive": {"a": True}}),
        ([{"b": SECRET}], [{"b": "x"}], {"before_sensitive": {"a": [{"b": True}]}}),
        ([{"b": SECRET}], [{"b": "x"}], {"before_sensitive": {"a": [{"b": True}, {}]}}),  # marks that do not fit
        ([{"b": SECRET}], [{"b": "x"}], {"before_sensitive": {"a": {"b": True}}}),
        ({"b": SECRET}, {"b": "x"}, {"before_sensitive": {"a": [True]}}),
        ({"b": {"c": [SECRET]}}, {"b": {"c": []}}, {"before_sensitive": {"a": {"b": {"c": [True]}}}}),
        ([{"name": SECRET, "v": 1}], [{"name": SECRET, "v": 2}], {"before_sensitive": {"a": [{"name": True}]}}),
        (SECRET, "x", {"before_sensitive": True}),
    ],
)
def test_what_terraform_marks_is_masked_however_deep(before: Any, after: Any, marks: dict[str, Any]) -> None:  # noqa: ANN401 JSON
    masked(before, after, **marks)


@pytest.mark.parametrize(
    "after",
    [
        {"password": SECRET},
        {"db": {"DB_PASSWORD": SECRET, "HOST": "h"}},
        [{"name": "API_TOKEN", "value": SECRET}],
        [{"Key": "clientSecret", "Value": SECRET}],
        f'{{"password": "{SECRET}"}}',
        f'[{{"name": "DB_PASSWORD", "value": "{SECRET}"}}]',
        f"postgres://root:{SECRET}@host/db",
        f"--verbose --password={SECRET}",
        f"Authorization: Bearer {SECRET}",
        f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\n-----END RSA PRIVATE KEY-----",
        {"user_data": SECRET},
        {"db.password": SECRET},
    ],
)
def test_what_is_called_like_a_secret_or_looks_like_one_is_masked(after: Any) -> None:  # noqa: ANN401 JSON
    masked(None, after)


def test_a_marked_value_is_masked_where_its_mark_got_lost() -> None:
    marked = entry("aws_a.a", CREATE, None, {"x": SECRET}, after_sensitive={"x": True})
    derived = entry("aws_b.b", CREATE, None, {"command": f"login root {SECRET} now"})
    found = alone(marked, derived)
    assert found.sections[0].changes[1].differences[0].after.text == '"login root (sensitive) now"'


def test_a_secret_of_one_stack_is_masked_in_the_next() -> None:
    first = planned("a", entry("aws_a.a", CREATE, None, {"x": SECRET}, after_sensitive={"x": True}))
    second = planned("b", entry("aws_b.b", CREATE, None, {"command": SECRET}))
    assert SECRET not in render(report(first, second), "json")


def test_a_sensitive_variable_is_masked_wherever_its_value_is() -> None:
    top: dict[str, Any] = {
        "variables": {"v": {"value": SECRET}},
        "configuration": {"root_module": {"variables": {"v": {"sensitive": True}}}},
    }
    assert SECRET not in render(alone(entry("aws_b.b", CREATE, None, {"command": SECRET}), **top), "json")


def test_a_plain_parameter_is_masked_where_it_stands_and_nowhere_else() -> None:
    plain = entry(
        "aws_ssm_parameter.p",
        CREATE,
        None,
        {"type": "String", "value": "shop.example.com"},
        after_sensitive={"value": True},
    )
    other = entry("aws_b.b", CREATE, None, {"host": "shop.example.com"})
    first, second = alone(plain, other).sections[0].changes
    assert [each.after.text for each in first.differences if each.path == "value"] == [""]
    assert second.differences[0].after.text == '"shop.example.com"'


def test_what_is_no_secret_is_shown() -> None:
    shown = {
        "secret_arn": "arn:aws:secretsmanager:us-east-1:1:secret:x",
        "password_length": 32,
        "manage_master_user_password": True,
        "kms_key_id": "k",
        "master_password_wo_version": 1,
        "token_validity_units": "hours",
        "public_key": "ssh-rsa",
    }
    (change,) = alone(entry("aws_x.x", CREATE, None, shown)).sections[0].changes
    assert {each.path for each in change.differences if each.after.text} == set(shown)
