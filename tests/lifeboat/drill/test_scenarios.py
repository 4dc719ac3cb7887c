"""Scenarios played for real: what holds on a sound system, and what a broken machine makes of them."""

from __future__ import annotations

from lifeboat.drill.direct import Play
from lifeboat.drill.scenario import load_scenarios
from tests.lifeboat.drill.conftest import Build, stage_of


def test_a_region_is_lost_and_clients_are_served_by_the_other_one(build: Build) -> None:
    play = Play(stage=stage_of(build()), target="local", say=print)
    evidence = play.perform(load_scenarios(["region-dark"]))
    act = evidence.acts[0]
    assert [verdict for verdict in act.verdicts if not verdict.holds] == []
