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


def marked_values(plan: Plan, configuration: Configuration) -> set[str]:
    """Return every text that a plan marks as sensitive."""
    found: set[str] = set()
    for entry in (*plan.resource_changes, *plan.resource_drift):
        found.update(_marked(entry.change.before, entry.change.before_sensitive))
        found.update(_marked(entry.change.after, entry.change.after_sensitive))
    for change in plan.output_changes.values():
        found.update(_marked(change.before, change.before_sensitive))
        found.update(_marked(change.after, change.after_sensitive))
    if plan.variables:
        for name in configuration.sensitive_variables & set(plan.variables):
            found.update(_texts(plan.variables[name].value, True))
    return found


def _marked(values: Raw, sensitive: Raw) -> Iterator[str]:
    mark = marks(sensitive)
    if mark:
        yield from _texts(decode(values), mark)


def _texts(value: Any, mark: Marks) -> Iterator[str]:  # noqa: ANN401 whatever JSON can hold
    if isinstance(value, str):
        if any_mark(mark):
            yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _texts(each, mark.get(key, False) if isinstance(mark, dict) else mark)
    elif isinstance(value, list):
        fits = isinstance(mark, list) and len(mark) == len(value)
        for number, each in enumerate(value):
            yield from _texts(each, mark[number] if fits else any_mark(mark))
