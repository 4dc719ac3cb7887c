"""Stacks of a few blocks, and what a review says of a change to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lifeboat.report.model import Finding
from lifeboat.review.build import findings
from lifeboat.review.comparison import Comparison, compare
from lifeboat.review.content import Stack, read_stack

Json = Any
NAME = "shop-dev-us-east-1"


def stack(resources: Mapping[str, Json], *, name: str = NAME, region: str = "us-east-1", **sections: Json) -> Stack:
    """Return a stack of resources, given as address to arguments."""
    content: dict[str, Json] = {"provider": {"aws": [{"region": region}]}, "resource": {}, **sections}
    for address, arguments in resources.items():
        type_, _, block = address.partition(".")
        content["resource"].setdefault(type_, {})[block] = arguments
    return read_stack(name, f"{name}.json", content, {})


def compared(before: Mapping[str, Json], after: Mapping[str, Json]) -> Comparison:
    """Compare two stacks of resources."""
    return compare({NAME: stack(before)}, {NAME: stack(after)})


def found(before: Mapping[str, Json], after: Mapping[str, Json]) -> list[Finding]:
    """Return what a review finds when resources change."""
    return list(findings(compared(before, after)))


def rules(before: Mapping[str, Json], after: Mapping[str, Json]) -> list[str]:
    """Return the names of the rules that find something."""
    return [finding.rule for finding in found(before, after)]


def policy(*statements: Json) -> Json:
    """Return a policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}
