"""The steps of a scenario: each function takes one on a stage, and notes what happened."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec import structs

from lifeboat.drill import stores
from lifeboat.drill.pending import Pending
from lifeboat.drill.postgres import TROUBLE
from lifeboat.drill.record import ROW, WRITE, Run, Story
from lifeboat.drill.recovery import SUCCEEDED, await_
from lifeboat.drill.scenario import (
    Agree,
    Await,
    Dark,
    Decide,
    Deploy,
    Deployed,
    Failover,
    Light,
    Notice,
    Plan,
    Reach,
    ReplicateFiles,
    Replication,
    Step,
    Stop,
    Work,
)
from lifeboat.failure import Failure

if TYPE_CHECKING:
    from lifeboat.drill.stage import Stage
    from lifeboat.drill.terraform import Terraform

GLOBAL = "global"


def take(stage: Stage, step: Step, story: Story) -> None:
    """Take one step."""
    TAKES[type(step)](stage, step, story)


def _where(where: str, story: Story) -> str:
    return {"primary": story.primary, "standby": story.standby}.get(where, where)


def _decide(stage: Stage, step: Decide, story: Story) -> None:
    at = time.time()
    time.sleep(step.seconds)
    stage.moment(story, "people", "people decide (simulated)", at=at, until=time.time())


def _darken(stage: Stage, step: Dark, story: Story) -> None:
    where = _where(step.where, story)
    what = f"{step.service} of {where}" if step.service else _called(where)
    stage.moment(story, "world", f"{what} goes dark", bad=True)
    stage.surroundings.darken(where, step.service)
    stage.was_dark = True
    if not step.service:
        stage.dark.add(where)


def _lighten(stage: Stage, step: Light, story: Story) -> None:
    where = None if step.where == "everything" else _where(step.where, story)
    at = time.time()
    stage.surroundings.lighten(where, step.service)
    what = "everything" if where is None else f"{step.service} of {where}" if step.service else _called(where)
    stage.moment(story, "world", f"{what} is back", at=at)
    stage.dark = set() if where is None else stage.dark - ({where} if not step.service else set())


def _hold(stage: Stage, step: Replication, story: Story) -> None:
    where, held = _where(step.where, story), step.do == "hold-replication"
    stage.surroundings.hold_replication(where, held=held)
    what = f"replication from and to {where} stands still" if held else f"replication of {where} goes on"
    stage.moment(story, "world", what, bad=held)


def _notice(stage: Stage, step: Notice, story: Story) -> None:
    host = stage.system.hostname
    await_(
        lambda: stage.surroundings.resolve(host).region != story.primary,
        step.within_seconds,
        f"DNS still sends clients to {story.primary}",
    )
    stage.moment(story, "health", "DNS sends clients to the standby")


def _order(stage: Stage, step: Failover, story: Story) -> None:
    to = _where(step.to, story)
    ordered = time.time()
    stage.moment(story, "people", f"{step.mode} failover to {to} is ordered", at=ordered)
    arn = stage.recovery.order(to, step.mode)
    stage.pending[step.name] = Pending(arn=arn, mode=step.mode, ordered=ordered)
    if step.wait:
        _finish(stage, step.name, step.expect, story)


def _await(stage: Stage, step: Await, story: Story) -> None:
    _finish(stage, step.name, step.expect, story)


def _stop(stage: Stage, step: Stop, story: Story) -> None:
    stage.recovery.stop(stage.pending[step.name].arn)
    stage.moment(story, "people", f"the {stage.pending[step.name].mode} failover is given up")


def _finish(stage: Stage, name: str, expect: str, story: Story) -> None:
    """Wait for the end of a failover, read what it did, and look at once what it lost."""
    pending = stage.pending[name]
    found = stage.recovery.finish(pending.arn, within=stage.patience_seconds)
    run = stage.recovery.read(pending.arn, name=name, mode=pending.mode, ordered=pending.ordered, found=found)
    story.runs.append(_with_losses(stage, run) if run.outcome == SUCCEEDED else run)
    worked = run.outcome == SUCCEEDED
    what = f"failover to {run.to} succeeded" if worked else f"failover to {run.to} ended: {run.outcome}"
    stage.moment(story, "machine", what, at=run.ended, bad=not worked)
    if run.outcome != expect:
        cause = found.get("cause", "")
        raise Failure(f"the failover {name!r} ended with {run.outcome} instead of {expect}: {cause}")


def _with_losses(stage: Stage, run: Run) -> Run:
    orders = stage.log.acknowledged(WRITE)
    before = [key for key, attempt in orders.items() if attempt.until < run.began]
    missing = stage.orders.missing(run.to, before)
    rows = _missing_rows(stage, [key for key, each in stage.log.acknowledged(ROW).items() if each.until < run.began])
    return structs.replace(run, missing_orders=missing, missing_rows=rows)


def _missing_rows(stage: Stage, keys: list[str]) -> tuple[str, ...]:
    if stage.ledger is None:
        return ()
    try:
        return stage.ledger.missing(keys)
    except TROUBLE as error:
        raise Failure(f"the new writer cannot be asked for its rows: {error}") from None


def _deploy(stage: Stage, step: Deploy, story: Story) -> None:
    where = _where(step.where, story)
    _terraform(stage).begin_apply(where)
    stage.moment(story, "people", f"Terraform applies the stack of {where}")


def _deployed(stage: Stage, step: Deployed, story: Story) -> None:
    worked = _terraform(stage).finish_apply()
    stage.moment(story, "people", f"the apply {'succeeded' if worked else 'failed'}", bad=not worked)
    if worked != (step.expect == "succeeded"):
        raise Failure(f"the apply {'succeeded' if worked else 'failed'}; it should have {step.expect}")


def _plan(stage: Stage, _: Plan, story: Story) -> None:
    if stage.terraform is None:
        stage.say("  not deployed by Terraform: no plans")
        return
    stage.say("  planning every stack")
    plans = stage.terraform.plan()
    story.plans += plans
    harm = sum(len(each.harm) for each in plans)
    stage.moment(story, "people", f"plans of {len(plans)} stacks: {harm or 'no'} harm", bad=bool(harm))


def _replicate_files(stage: Stage, _: ReplicateFiles, story: Story) -> None:
    stage.replicate_files(story, stores.open_region(stage.clients, stage.system, stage.system.primary.name))


def _agree(stage: Stage, step: Agree, story: Story) -> None:
    target = story.runs[-1].to if story.runs and story.runs[-1].outcome == SUCCEEDED else story.primary
    stage.await_agreement(target, step.within_seconds)
    stage.moment(story, "machine", f"every region takes {target} for open")


def _terraform(stage: Stage) -> Terraform:
    if stage.terraform is None:
        raise Failure("this scenario needs a system that Terraform deployed")
    return stage.terraform


def _called(where: str) -> str:
    return "the global control planes" if where == GLOBAL else where


def _work(_stage: Stage, step: Work, _story: Story) -> None:
    time.sleep(step.seconds)


def _reach(stage: Stage, step: Reach, _story: Story) -> None:
    stage.recovery.reach(stage.pending[step.name].arn, step.state, within=step.within_seconds)


TAKES: dict[type[Any], Callable[[Stage, Any, Story], None]] = {
    Work: _work,
    Decide: _decide,
    Dark: _darken,
    Light: _lighten,
    Replication: _hold,
    Notice: _notice,
    Failover: _order,
    Await: _await,
    Reach: _reach,
    Stop: _stop,
    Deploy: _deploy,
    Deployed: _deployed,
    Plan: _plan,
    ReplicateFiles: _replicate_files,
    Agree: _agree,
}
