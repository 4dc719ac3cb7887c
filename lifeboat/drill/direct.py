"""A whole drill: scenario after scenario on one deployed copy, each judged, all of it kept as evidence."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from deployments.failover.plan import has_failover, has_global_database
from deployments.system import System
from lifeboat.drill.home import go_home
from lifeboat.drill.judge import Verdict, judge
from lifeboat.drill.measure import Measured, measure
from lifeboat.drill.orders import keeps_orders, keeps_orders_in_database
from lifeboat.drill.record import FORMAT, READ, ROW, WRITE, Moment, PlanResult, Run, Story
from lifeboat.drill.scenario import Deploy, Scenario
from lifeboat.drill.stage import Stage

PASSED, FAILED = "passed", "failed"


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One scenario that was played: what the report shows and the trend compares."""

    name: str
    title: str
    about: str
    simulated: tuple[str, ...]
    began: float
    ended: float
    primary: str
    standby: str
    measured: Measured
    verdicts: tuple[Verdict, ...]
    moments: tuple[Moment, ...]
    runs: tuple[Run, ...]
    plans: tuple[PlanResult, ...]
    writes: tuple[tuple[float, float, str, bool], ...]
    """Begin, end, region and whether it was acknowledged, of each write; reads likewise. Seconds from `began`."""
    reads: tuple[tuple[float, float, str, bool], ...]
    rows: tuple[tuple[float, float, str, bool], ...]

    @property
    def passed(self) -> bool:
        """Whether everything held."""
        return all(verdict.holds for verdict in self.verdicts)


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One drill, as it is kept."""

    format: int = FORMAT
    system: str
    at: str
    target: str
    verdict: str
    rto_seconds: int
    rpo_seconds: int
    factor: float
    simulated: tuple[str, ...]
    acts: tuple[Act, ...]
    skipped: dict[str, str]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether every scenario passed."""
        return self.verdict == PASSED


@dataclass(frozen=True, kw_only=True)
class Play:
    """What one drill consists of."""

    stage: Stage
    target: str
    say: Callable[[str], None]

    def perform(self, scenarios: Sequence[Scenario]) -> Evidence:
        """Play every scenario that the system can have; judge each."""
        began = time.time()
        stage, system = self.stage, self.stage.system
        acts: list[Act] = []
        skipped: dict[str, str] = {}
        stage.surroundings.begin()
        try:
            for scenario in ordered(scenarios):
                lacking = lack(
                    system,
                    scenario,
                    deployed=stage.terraform is not None,
                    databases=stage.surroundings.databases,
                )
                if lacking:
                    skipped[scenario.name] = lacking
                    self.say(f"{scenario.name}: left out: {lacking}")
                    continue
                acts.append(self._act(scenario))
            trouble = go_home(stage)
        finally:
            stage.surroundings.end()
        if trouble:
            self.say(f"NOT SO: the system is as it was: {trouble}")
        objectives = system.spec.objectives
        good = bool(acts) and all(act.passed for act in acts) and not trouble
        return Evidence(
            system=system.names.prefix,
            at=datetime.fromtimestamp(began, UTC).isoformat(timespec="seconds"),
            target=self.target,
            verdict=PASSED if good else FAILED,
            rto_seconds=objectives.rto_seconds,
            rpo_seconds=objectives.rpo_seconds,
            factor=stage.surroundings.detection_factor,
            simulated=stage.surroundings.simulated,
            acts=tuple(acts),
            skipped=skipped,
            seconds=round(time.time() - began, 1),
        )

    def _act(self, scenario: Scenario) -> Act:
        self.say(f"{scenario.name}: {scenario.title}")
        story = self.stage.play(scenario)
        act = act_of(scenario, self.stage.system, story, self.stage.surroundings.detection_factor)
        for verdict in act.verdicts:
            if not verdict.holds:
                self.say(f"  NOT SO: {verdict.name}: expected {verdict.expected}; found {verdict.found}")
        rto = act.measured.rto
        told = f", RTO {rto:g} s, RPO {act.measured.rpo:g} s" if rto is not None else ""
        self.say(f"  {PASSED if act.passed else FAILED} in {act.ended - act.began:.0f} s{told}")
        return act


def act_of(scenario: Scenario, system: System, story: Story, factor: float) -> Act:
    """Measure and judge a story."""
    found = measure(story, factor=factor)
    return Act(
        name=scenario.name,
        title=scenario.title,
        about=scenario.about,
        simulated=scenario.simulated,
        began=story.began,
        ended=story.ended,
        primary=story.primary,
        standby=story.standby,
        measured=found,
        verdicts=tuple(judge(scenario, system, story, found)),
        moments=tuple(story.moments),
        runs=tuple(story.runs),
        plans=tuple(story.plans),
        writes=_marks(story, WRITE),
        reads=_marks(story, READ),
        rows=_marks(story, ROW),
    )


def ordered(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """Put those that begin with the described primary where the fewest failbacks are needed before them."""
    waiting = list(scenarios)
    at_home, order = True, []
    while waiting:
        chosen = next((each for each in waiting if each.from_described_primary == at_home), waiting[0])
        waiting.remove(chosen)
        order.append(chosen)
        at_home = (at_home or chosen.from_described_primary) == (chosen.expect.open == "primary")
    return order


def lack(system: System, scenario: Scenario, *, deployed: bool, databases: bool) -> str:
    """Say what a system lacks for a scenario. Empty: nothing.

    Args:
        system: What is drilled.
        scenario: What would be played.
        deployed: Whether Terraform deployed the system.
        databases: Whether its databases can be asked from here.
    """
    spec = system.spec
    if not has_failover(spec):
        return f"a system with strategy {spec.strategy} and {len(spec.regions)} regions has no failover"
    has = {
        "service": spec.service is not None or spec.container is not None,
        "function": spec.service is not None,
        "container": spec.container is not None,
        "orders": keeps_orders(system),
        "database": has_global_database(spec),
        "tables": bool(spec.tables),
        "buckets": bool(spec.buckets),
    }
    missing = [tier for tier in scenario.tiers if not has[tier]]
    if missing:
        return f"the system has no {' and no '.join(missing)}"
    if keeps_orders_in_database(system) and not databases:
        return "the system keeps orders in a database that cannot be asked from here"
    if not deployed and any(isinstance(step, Deploy) for step in scenario.steps):
        return "the system was not deployed by Terraform"
    return ""


def _marks(story: Story, kind: str) -> tuple[tuple[float, float, str, bool], ...]:
    return tuple(
        (
            round(each.at - story.began, 2),
            round(each.until - story.began, 2),
            (each.placed_in if kind == WRITE else "") or each.region,
            each.is_acknowledged,
        )
        for each in story.attempts
        if each.kind == kind
    )
