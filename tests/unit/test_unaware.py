"""An old primary that did not answer: its successor says so until it has heard, and clients are led past it."""

from __future__ import annotations

from typing import Any

import pytest

from deployments.failover.facts import NOBODY
from deployments.failover.machine import machine
from deployments.failover.relay import relay
from tests.unit.conftest import Synthesize
from tests.unit.test_failover_machine import HERE, THERE, facts, facts_of_first_standby
from tests.unit.variants import variant

Json = dict[str, Any]


def holds(rule: Json, previous: str, closed: list[bool]) -> bool:
    """Tell whether a rule of the machine holds after a fence."""
    for word, combine in (("And", all), ("Or", any)):
        if word in rule:
            return combine(holds(each, previous, closed) for each in rule[word])
    if rule["Variable"] == "$.previous.region":
        return bool(rule["StringEquals"] == previous)
    index = int(rule["Variable"].removeprefix("$.fence[").removesuffix("].closed"))
    return closed[index] is rule["BooleanEquals"]


def remembered(definition: Json, previous: str, closed: list[bool]) -> str:
    """Return what the machine writes after it opened: the fence's results are its own region's and the others'."""
    choice = definition["States"]["Is anybody unaware"]
    chosen = next((rule["Next"] for rule in choice["Choices"] if holds(rule, previous, closed)), choice["Default"])
    written = definition["States"][chosen]
    assert written["Next"] == "Tell the other regions"
    assert [each["Next"] for each in written["Catch"]] == ["Tell the other regions"], "what is noted stops nobody"
    return str(written["Parameters"]["Value"])


@pytest.mark.parametrize(
    ("previous", "confirmed", "expected"),
    [
        (THERE, False, THERE),
        (THERE, True, NOBODY),
        # An earlier failover failed after it had closed: who was primary before it is not known any more.
        (NOBODY, False, THERE),
        (NOBODY, True, NOBODY),
    ],
)
def test_who_took_writes_and_did_not_confirm_is_remembered(previous: str, *, confirmed: bool, expected: str) -> None:
    definition = machine(facts())
    assert definition["States"]["Open writes"]["Next"] == "Is anybody unaware"
    assert remembered(definition, previous, [True, confirmed]) == expected


def test_a_standby_that_does_not_answer_is_no_reason_to_lead_clients_past_anybody() -> None:
    chosen = facts_of_first_standby("three-regions")
    definition = machine(chosen)
    primary, other = chosen.others
    assert remembered(definition, primary, [True, True, False]) == NOBODY
    assert remembered(definition, primary, [True, False, True]) == primary
    assert remembered(definition, other, [True, True, False]) == other


def test_a_region_says_that_it_heard_and_only_who_was_unaware_is_forgotten() -> None:
    states = relay(facts())["States"]
    (entry,) = states["Say that it was heard"]["Parameters"]["Entries"]
    assert entry["Detail"] == {
        "to.$": "$.detail.from",
        "from": HERE,
        "action": "heard",
        "epoch.$": "$.detail.epoch",
    }
    ways = {rule["StringEquals"]: rule["Next"] for rule in states["Is it void"]["Choices"] if "StringEquals" in rule}
    assert ways["heard"] == "Read who is unaware"
    choice = states["Is it this one"]
    assert choice["Default"] == "Answered"
    assert choice["Choices"] == [
        {"Variable": "$.unaware.region", "StringEqualsPath": "$.detail.from", "Next": "Nobody is unaware"}
    ]
    written = states["Nobody is unaware"]["Parameters"]
    assert (written["Name"], written["Value"]) == (facts().unaware, NOBODY)


def test_what_a_newer_failover_overtook_is_forgotten_by_nobody() -> None:
    first, *_ = relay(facts())["States"]["Is it void"]["Choices"]
    assert first["Next"] == "It is void"


@pytest.mark.parametrize("name", ["dev", "three-regions", "globecart-dev"])
def test_the_application_is_told_where_its_successor_is_remembered(synthesized: Synthesize, name: str) -> None:
    for stack in synthesized(name).regional:
        switch = stack.by_path("parameters/failover-unaware")
        assert (switch["insecure_value"], switch["lifecycle"]) == (NOBODY, {"ignore_changes": ["insecure_value"]})
        assert f'"{switch["name"]}"' in stack.file.read_text(encoding="utf-8").replace("\\", "")
        told = [
            each["environment"]["variables"]
            for each in stack.all("aws_lambda_function")
            if each.path == "service/function"
        ]
        tasks = [each.parsed("container_definitions")[0] for each in stack.all("aws_ecs_task_definition")]
        told += [{each["name"]: each["value"] for each in task["environment"]} for task in tasks]
        assert [each["UNAWARE_REGION_PARAMETER"] for each in told] == [switch["name"]]


@pytest.mark.parametrize("name", ["active-active", "backup-restore", "one-region"])
def test_where_no_region_replaces_another_nobody_is_unaware(synthesized: Synthesize, name: str) -> None:
    if name == "active-active":
        assert "unaware" not in str(relay(facts(name)))
        assert "unaware" not in str(machine(facts(name)))
    for stack in synthesized(name).regional:
        assert "unaware" not in stack.file.read_text(encoding="utf-8").lower(), variant(name)
