"""The values that a plan marks as sensitive, so that they are recognized where the mark got lost.

Terraform forgets marks: an attribute that a provider computes from a secret carries none, nor does an output that
another stack reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Raw

from lifeboat.plan.configuration import Configuration
from lifeboat.plan.format import Plan, decode, marks
from lifeboat.report.values import Marks, any_mark

PARAMETER = "aws_ssm_parameter"
"""The provider marks the value of every parameter, whatever its type, and with it host names and ARNs."""


def marked_values(plan: Plan, configuration: Configuration) -> set[str]:
    """Return every text that a plan marks as sensitive."""
    found: set[str] = set()
    for entry in (*plan.resource_changes, *plan.resource_drift):
        for values, sensitive in (
            (entry.change.before, entry.change.before_sensitive),
            (entry.change.after, entry.change.after_sensitive),
        ):
            if entry.type != PARAMETER or not _is_plain(values):
                found.update(_marked(values, sensitive))
    for change in plan.output_changes.values():
        found.update(_marked(change.before, change.before_sensitive))
        found.update(_marked(change.after, change.after_sensitive))
    if plan.variables:
        for name in configuration.sensitive_variables & set(plan.variables):
            found.update(_texts(plan.variables[name].value, True))
    return found


def _is_plain(values: Raw) -> bool:
    """Whether a parameter is one that is not encrypted. Its value is masked where it stands, and not looked for."""
    found = decode(values)
    return isinstance(found, dict) and found.get("type") in {"String", "StringList"}


def _marked(values: Raw, sensitive: Raw) -> Iterator[str]:
    mark = marks(sensitive)
    if mark:
        yield from _texts(decode(values), mark)


def _texts(value: Any, mark: Marks) -> Iterator[str]:  # noqa: ANN401 whatever JSON can hold
    """Yield the texts that are marked. The marks lead the way: most of a value has none."""
    if mark is True:
        yield from _all(value)
    elif isinstance(mark, dict) and isinstance(value, dict):
        for key, each in mark.items():
            if each and key in value:
                yield from _texts(value[key], each)
    elif isinstance(mark, list) and isinstance(value, list) and len(mark) == len(value):
        for one, each in zip(value, mark, strict=True):
            if each:
                yield from _texts(one, each)
    elif any_mark(mark):
        yield from _all(value)


def _all(value: Any) -> Iterator[str]:  # noqa: ANN401 whatever JSON can hold
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _all(each)
