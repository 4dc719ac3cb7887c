"""What a failover will do, read from the machine that is deployed, not from what this checkout would deploy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deployments.failover.longest import longest_path, own_seconds

QUIET = {"Choice", "Pass", "Succeed", "Fail"}
"""States that take no time and do nothing that a person would wait for."""


@dataclass(frozen=True, kw_only=True)
class PlannedStep:
    """One step.

    Attributes:
        depth: How deep inside side-by-side work it is.
        name: Its name.
        what: What it is for.
        seconds: The longest that it can take, retries included.
    """

    depth: int
    name: str
    what: str
    seconds: int


def planned_steps(machine: Mapping[str, Any], mode: str) -> list[PlannedStep]:
    """List the steps of the way that succeeds in a mode, in their order."""
    return list(_steps(for_mode(machine, mode), 0))


def for_mode(machine: Mapping[str, Any], mode: str) -> dict[str, Any]:
    """Leave out of a machine what a mode never takes, and where errors lead."""
    states = {}
    for name, state in machine["States"].items():
        kept = {key: value for key, value in state.items() if key != "Catch"}
        if state["Type"] == "Choice":
            kept["Choices"], kept["Default"] = _ways(state, mode)
        if "Branches" in state:
            kept["Branches"] = [for_mode(branch, mode) for branch in state["Branches"]]
        states[name] = kept
    return {**machine, "States": states}


def _ways(state: Mapping[str, Any], mode: str) -> tuple[list[Mapping[str, Any]], str]:
    kept: list[Mapping[str, Any]] = []
    for rule in state["Choices"]:
        holds = _holds(rule, mode)
        if holds is True:
            return kept, rule["Next"]
        if holds is None:
            kept.append(rule)
    return kept, state["Default"]


def _holds(rule: Mapping[str, Any], mode: str) -> bool | None:
    """Tell whether a rule holds in a mode. None: it depends on something else."""
    if "Not" in rule:
        inner = _holds(rule["Not"], mode)
        return None if inner is None else not inner
    if "And" in rule or "Or" in rule:
        parts = [_holds(part, mode) for part in rule.get("And", rule.get("Or", ()))]
        decisive = "Or" in rule  # one part that is so decides
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    if rule.get("Variable") != "$.mode":
        return None
    return True if "IsPresent" in rule else rule.get("StringEquals") == mode


def _steps(machine: Mapping[str, Any], depth: int) -> Iterator[PlannedStep]:
    for name in longest_path(machine).states:
        state = machine["States"][name]
        if state["Type"] in QUIET:
            continue
        yield PlannedStep(depth=depth, name=name, what=state.get("Comment", ""), seconds=own_seconds(state))
        for branch in state.get("Branches", ()):
            yield from _steps(branch, depth + 1)
