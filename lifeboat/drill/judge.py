"""What must hold after a scenario: what always must, and what the scenario says. Pure.

A verdict names what was expected and what was found, so that a person can disagree with it.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from deployments.failover.plan import has_global_database
from deployments.system import System
from lifeboat.drill.measure import Measured, foreign_writes
from lifeboat.drill.record import READ, WRITE, Run, StepTime, Story
from lifeboat.drill.recovery import RECOVER, SUCCEEDED
from lifeboat.drill.scenario import Scenario

OVERHEAD_SECONDS = 10.0
"""What the failover itself may add to the waits that its stores impose, on the embedded AWS."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One judgement.

    Attributes:
        name: What must hold.
        holds: Whether it does.
        expected: In words.
        found: In words.
    """

    name: str
    holds: bool
    expected: str
    found: str


def judge(scenario: Scenario, system: System, story: Story, found: Measured) -> list[Verdict]:
    """Judge a story."""
    return [
        *_told(story),
        *_always(story, found),
        *_in_the_end(story),
        *_clients(found),
        *_where(scenario, system, story),
        *_objectives(scenario, system, found),
        *_losses(scenario, system, story, found),
        *_fence(scenario, story),
        *_plans(story),
    ]


def _told(story: Story) -> Iterator[Verdict]:
    yield Verdict(
        name="every step could be taken",
        holds=not story.trouble,
        expected="no trouble",
        found=story.trouble or "no trouble",
    )


def _always(story: Story, found: Measured) -> Iterator[Verdict]:
    """Yield what holds in every scenario, whatever happened."""
    calls = sorted({f"{each.service} {each.action} in {each.region}" for each in found.recovery_calls})
    yield Verdict(
        name="the recovery called nothing dark",
        holds=not calls,
        expected="no call",
        found=", ".join(calls) or "no call",
    )
    yield Verdict(
        name="one region at a time took writes",
        holds=not found.conflicts,
        expected="no write while tiers were promoted, and none outside of the new primary afterwards that it or DNS "
        "could have kept away",
        found=f"{found.conflicts} such writes",
    )
    unaware = {each.attempt.key for each in foreign_writes(story) if each.is_unaware}
    gone = sorted(unaware & set(story.missing_in_the_end))
    yield Verdict(
        name="what an old primary took before it heard is kept",
        holds=not gone,
        expected=f"{len(unaware)} of {len(unaware)} in every region in the end",
        found=f"{len(unaware) - len(gone)} of {len(unaware)}",
    )
    early = [run.name for run in story.runs if run.opened and any(_ends_late(run, step) for step in run.steps)]
    yield Verdict(
        name="writes were opened after every tier was verified",
        holds=not early,
        expected="in every failover that succeeded",
        found=f"not in {', '.join(early)}" if early else "so",
    )


def _in_the_end(story: Story) -> Iterator[Verdict]:
    """Yield what holds once everything is lit again."""
    lost = set() if story.orders_come_back else {order for run in story.runs for order in run.missing_orders}
    yield Verdict(
        name="no acknowledged order is missing in the end",
        holds=set(story.missing_in_the_end) <= lost,
        expected=f"0 in any region once all are lit{f', beside the {len(lost)} counted as lost' if lost else ''}",
        found=str(len(story.missing_in_the_end)),
    )
    yield Verdict(
        name="clients are served in the end",
        holds=story.serves_in_the_end,
        expected="a new order, through the shared name, taken by the open region",
        found="taken" if story.serves_in_the_end else "none was",
    )
    yield Verdict(
        name="no lock is left behind",
        holds=not story.locks_in_the_end,
        expected="none",
        found=", ".join(story.locks_in_the_end) or "none",
    )


def _clients(found: Measured) -> Iterator[Verdict]:
    """Yield that there were clients: without them nothing was shown."""
    for kind in (WRITE, READ):
        tally = found.tallies[kind]
        yield Verdict(
            name=f"clients did {kind} during the drill",
            holds=tally.acknowledged > 0,
            expected="at least one that worked",
            found=f"{tally.acknowledged} of {tally.tried}",
        )


def _ends_late(run: Run, step: StepTime) -> bool:
    return step.name == RECOVER and step.at + step.seconds > run.opened


def _where(scenario: Scenario, system: System, story: Story) -> Iterator[Verdict]:
    expected = {"primary": story.primary, "standby": story.standby}.get(scenario.expect.open, scenario.expect.open)
    yield Verdict(
        name="every region agrees on who takes writes",
        holds=story.open_in_the_end == expected,
        expected=expected,
        found=story.open_in_the_end or "they disagree",
    )
    if has_global_database(system.spec):
        yield Verdict(
            name="the database writes where the application does",
            holds=story.writer_in_the_end == story.open_in_the_end,
            expected=story.open_in_the_end or "agreement",
            found=story.writer_in_the_end or "nobody writes",
        )


def _objectives(scenario: Scenario, system: System, found: Measured) -> Iterator[Verdict]:
    objectives = system.spec.objectives
    if scenario.expect.rto == "none":
        refused = sum(found.tallies[WRITE].refused.values())
        yield Verdict(
            name="no write was refused",
            holds=not refused,
            expected="0 refused",
            found=f"{refused} refused",
        )
    elif found.rto is not None:
        measured = found.rto_on_aws or found.rto
        yield Verdict(
            name="the RTO is kept",
            holds=measured <= objectives.rto_seconds,
            expected=f"at most {objectives.rto_seconds} s",
            found=f"{found.rto:g} s, {measured:g} s with AWS's health check intervals",
        )
    if found.overhead is not None:
        yield Verdict(
            name="the failover's own overhead is small",
            holds=found.overhead <= OVERHEAD_SECONDS,
            expected=f"at most {OVERHEAD_SECONDS:g} s beyond its waits",
            found=f"{found.overhead:g} s",
        )


def _losses(scenario: Scenario, system: System, story: Story, found: Measured) -> Iterator[Verdict]:
    expect = scenario.expect
    yield _loss("orders were missing when writes opened", expect.lost_orders, found.lost_orders)
    yield _loss("rows were missing in PostgreSQL then", expect.lost_rows, found.lost_rows)
    if any(run.outcome == SUCCEEDED for run in story.runs):
        yield _rpo(scenario, scenario.expect.rpo_seconds or system.spec.objectives.rpo_seconds, found)


def _rpo(scenario: Scenario, seconds: int, found: Measured) -> Verdict:
    kept = found.rpo <= seconds
    return Verdict(
        name="the RPO is kept" if scenario.expect.rpo == "kept" else "the drill sees that the RPO is missed",
        holds=kept == (scenario.expect.rpo == "kept"),
        expected=f"{'at most' if scenario.expect.rpo == 'kept' else 'more than'} {seconds} s",
        found=f"{found.rpo:g} s",
    )


def _loss(name: str, expected: str, found: int) -> Verdict:
    holds = {"none": found == 0, "some": found > 0, "any": True}[expected]
    return Verdict(name=name, holds=holds, expected=expected, found=str(found))


def _fence(scenario: Scenario, story: Story) -> Iterator[Verdict]:
    if scenario.expect.fence == "any":
        return
    done = next((run for run in story.runs if run.outcome == SUCCEEDED), None)
    closed = done.fence.get(story.primary) if done else None
    words = {True: "confirmed", False: "unreachable", None: "nothing noted"}
    yield Verdict(
        name="the failover noted how the old primary was fenced",
        holds=words[closed] == scenario.expect.fence,
        expected=scenario.expect.fence,
        found=words[closed],
    )


def _plans(story: Story) -> Iterator[Verdict]:
    if not story.plans:
        return
    harm = [f"{plan.stack}: {each}" for plan in story.plans for each in plan.harm]
    yield Verdict(
        name="Terraform replaces, destroys and detaches nothing afterwards",
        holds=not harm,
        expected=f"no harm in {len(story.plans)} plans",
        found="; ".join(harm) or "none",
    )
