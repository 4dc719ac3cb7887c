"""Scenarios played for real: what holds on a sound system, and what a machine broken on purpose makes of them."""

from __future__ import annotations

import copy

import pytest

from lifeboat.drill.direct import Act, Play
from lifeboat.drill.scenario import Scenario, load_scenarios
from tests.lifeboat.drill.conftest import Build, stage_of
from tests.lifeboat.drill.town import Break, Definition, Town

BUCKET = "lifeboat-drill-somewhere"


def played(town: Town, scenario: Scenario) -> Act:
    said: list[str] = []
    evidence = Play(stage=stage_of(town, said.append), target="local", say=said.append).perform([scenario])
    (act,) = evidence.acts
    assert evidence.passed == act.passed, said  # else it did not go home
    return act


def shortened(name: str) -> Scenario:
    """Return a scenario whose clients work for a second or two where they would work longer."""
    (scenario,) = load_scenarios([name])
    table = scenario.model_dump(exclude_none=True)
    table["steps"] = [step | {"seconds": 2.0} if step["do"] == "work" else step for step in table["steps"]]
    return Scenario.model_validate(table)


def broken(act: Act) -> set[str]:
    return {verdict.name for verdict in act.verdicts if not verdict.holds}


def without_fence(definition: Definition) -> Definition:
    """Go from the question who is open straight to promoting."""
    changed = copy.deepcopy(definition)
    changed["States"]["Is it this region"]["Default"] = "Recover"
    return changed


def open_first(definition: Definition) -> Definition:
    """Open writes, then promote."""
    changed = copy.deepcopy(definition)
    states = changed["States"]
    for state in states.values():
        for rule in (*state.get("Choices", ()), *state.get("Catch", ())):
            rule["Next"] = "Open writes" if rule["Next"] == "Recover" else rule["Next"]
        for way in ("Next", "Default"):
            if state.get(way) == "Recover":
                state[way] = "Open writes"
    states["Open writes"]["Next"] = "Recover"
    states["Recover"]["Next"] = "Tell the other regions"
    return changed


def calling_the_other_region(definition: Definition) -> Definition:
    """Read something of the region that is lost before anything else is done."""
    changed = copy.deepcopy(definition)
    states = changed["States"]
    states["Look abroad"] = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
        "Parameters": {"Bucket": BUCKET, "Key": "any"},
        "TimeoutSeconds": 5,
        "ResultPath": None,
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "Take the lock"}],
        "Next": "Take the lock",
    }
    states["Note who runs"]["Next"] = "Look abroad"
    return changed


def test_a_planned_switchover_loses_nothing_and_clients_follow(build: Build) -> None:
    town = build()
    act = played(town, shortened("planned-switchover"))
    assert broken(act) == set()
    assert town.switch(town.primary) == town.primary  # the drill goes home
    assert (act.measured.lost_orders, act.measured.conflicts) == (0, 0)
    assert act.measured.tallies["write"].refused.keys() <= {"FENCED", "STORE_UNAVAILABLE", "no answer"}
    assert any(region == act.standby for _, _, region, worked in act.writes if worked)


def test_a_region_that_is_lost_is_replaced_and_hears_of_it_when_it_is_back(build: Build) -> None:
    act = played(build(), shortened("failover-twice"))
    assert broken(act) == set()
    assert {run.outcome for run in act.runs} == {"SUCCEEDED", "AnotherFailoverRuns"}
    assert act.measured.detection is None or act.measured.detection < 30
    assert act.measured.recovery_calls == ()


@pytest.mark.parametrize(
    ("mend", "scenario", "seen"),
    [
        (without_fence, "planned-switchover", "the failover noted how the old primary was fenced"),
        (open_first, "planned-switchover", "writes were opened after every tier was verified"),
        (calling_the_other_region, "failover-twice", "the recovery called nothing dark"),
    ],
    ids=["skip fencing", "wrong order", "a call to the dark region"],
)
def test_a_machine_that_is_broken_on_purpose_fails_its_scenario(
    build: Build, mend: Break, scenario: str, seen: str
) -> None:
    town = build(mend)
    town.aws("s3", town.primary).create_bucket(Bucket=BUCKET)
    act = played(town, shortened(scenario))
    town.aws("s3", town.primary).delete_bucket(Bucket=BUCKET)
    assert not act.passed
    assert seen in broken(act)
