"""Plans written by hand, for what no configuration of a small test makes Terraform say."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from lifeboat.plan.allowances import Guards
from lifeboat.plan.inspect import Planned, inspect
from lifeboat.plan.read import parse_plan
from lifeboat.report.model import Change, Report

TODAY = date(2026, 11, 20)
UPDATE, REPLACE, DESTROY, CREATE = ["update"], ["delete", "create"], ["delete"], ["create"]


def entry(address: str, actions: list[str], before: Any = None, after: Any = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401 whatever JSON can hold
    """Return an entry of `resource_changes`; what is not about the change itself goes beside it."""
    inside = {"after_unknown", "before_sensitive", "after_sensitive", "replace_paths", "importing"}
    return {
        "address": address,
        "mode": "data" if address.startswith("data.") else "managed",
        "type": address.split(".")[-2].removeprefix("data."),
        "change": {
            "actions": actions,
            "before": before,
            "after": after,
            **{key: value for key, value in more.items() if key in inside},
        },
        **{key: value for key, value in more.items() if key not in inside},
    }


def content(*entries: dict[str, Any], **top: Any) -> bytes:  # noqa: ANN401 whatever JSON can hold
    """Return a plan as Terraform writes it."""
    return json.dumps({"format_version": "1.2", "resource_changes": entries, "planned_values": {}, **top}).encode()


def in_region(region: str) -> dict[str, Any]:
    """Return a configuration whose provider works in a region."""
    return {"provider_config": {"aws": {"name": "aws", "expressions": {"region": {"constant_value": region}}}}}


def planned(stack: str, *entries: dict[str, Any], **top: Any) -> Planned:  # noqa: ANN401 whatever JSON can hold
    """Return a stack with a plan."""
    return Planned(stack=stack, plan=parse_plan(content(*entries, **top), stack))


def report(*stacks: Planned, guards: Guards | None = None) -> Report:
    """Return the report of stacks."""
    return inspect(stacks, guards or Guards())


def alone(*entries: dict[str, Any], guards: Guards | None = None, **top: Any) -> Report:  # noqa: ANN401 whatever JSON can hold
    """Return the report of one stack."""
    return report(planned("shop", *entries, **top), guards=guards)


def only(changes: tuple[Change, ...]) -> Change:
    """Return the one change."""
    assert len(changes) == 1
    return changes[0]


def rules(found: Report) -> list[tuple[str, str]]:
    """Return rule and address of what stands in the way."""
    return [(finding.rule, finding.address) for finding in found.guarded]
