"""One scenario on a system: its steps are taken one by one while clients work, and everything is noted."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from deployments.failover.relay import OLDER_END_SECONDS
from deployments.system import System
from lifeboat.drill import stores
from lifeboat.drill.ledger import TROUBLE, Ledger
from lifeboat.drill.record import READ, ROW, WRITE, Moment, Run, Story
from lifeboat.drill.recovery import Recovery, await_
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
    Replication,
    Scenario,
    Step,
    Stop,
    Work,
)
from lifeboat.drill.shopper import Log, Shopper, stock
from lifeboat.drill.surroundings import Surroundings
from lifeboat.drill.terraform import Terraform
from lifeboat.failover.clients import Clients
from lifeboat.failure import Failure

GLOBAL = "global"
SUCCEEDED = "SUCCEEDED"
SERVES_SECONDS = 60.0
"""How long clients may need to be served again once everything is lit: health checks and DNS turn slowly."""
AGREE_SECONDS = 60.0
STEADY_SECONDS = OLDER_END_SECONDS + 1.0
"""How long regions must agree before it counts, once one was dark: it hears all messages at once, and the last word comes
last."""
Say = Callable[[str], None]


@dataclass
class Pending:
    """A failover that was ordered."""

    arn: str
    mode: str
    ordered: float


@dataclass
class Stage:
    """Where a scenario is played.

    Attributes:
        system: What is drilled.
        surroundings: The world around it.
        clients: Clients that look, with a key of the drill's own.
        recovery: The machines, called with an operator's key.
        terraform: None: the system was not deployed by Terraform, and steps that need it are refused.
        patience_seconds: The longest that a failover may take.
        say: Tells the person who waits.
    """

    system: System
    surroundings: Surroundings
    clients: Clients
    recovery: Recovery
    terraform: Terraform | None
    patience_seconds: float
    say: Say
    log: Log = field(default_factory=Log)
    ledger: Ledger | None = None
    _pending: dict[str, Pending] = field(default_factory=dict)
    _dark: set[str] = field(default_factory=set)
    _was_dark: bool = False

    def play(self, scenario: Scenario) -> Story:
        """Play a scenario to its end, and put everything back; what went wrong is part of the story."""
        primary = self._primary(scenario)
        standby = next(plan.name for plan in self.system.regions if plan.name != primary)
        story = Story(began=time.time(), primary=primary, standby=standby)
        self._pending, self._dark, self._was_dark, self.log = {}, set(), False, Log()
        calls_before = len(self.surroundings.dark_calls())
        workers = self._workers(primary)
        try:
            for step in scenario.steps:
                self._take(step, story)
        except (Failure, BotoCoreError, ClientError) as error:
            story.trouble = str(error)
            self._moment(story, "people", f"the drill could not go on: {error}", bad=True)
        finally:
            story.calls = self.surroundings.dark_calls()[calls_before:]
            self._restore(story)
            for worker in workers:
                worker.stop()
            self._close(story)
        return story

    # The beginning -------------------------------------------------------------------------------------------------

    def _primary(self, scenario: Scenario) -> str:
        """Return who takes writes now, after failing back where the scenario asks for the described primary."""
        described = self.system.primary.name
        now = stores.open_region(self.clients, self.system, described)
        if scenario.from_described_primary and now != described:
            self.say(f"  failing back to {described} first")
            arn = self.recovery.order(described, "planned")
            found = self.recovery.finish(arn, within=self.patience_seconds)
            if found["status"] != SUCCEEDED:
                raise Failure(f"{described} could not take over again before the scenario: {found.get('cause')}")
            now = described
            self._await_agreement(described, AGREE_SECONDS)
        self._await_service(now)
        return now

    def _workers(self, primary: str) -> list[Shopper]:
        host = self.system.hostname
        self.log = Log()
        stock(self.surroundings, host)
        workers = [Shopper(self.surroundings, host, self.log, kind=kind) for kind in (WRITE, READ)]
        self.ledger = self._new_ledger(primary)
        for worker in workers:
            worker.start()
        if self.ledger:
            self.ledger.start()
        return workers

    def _new_ledger(self, region: str) -> Ledger | None:
        certificate = getattr(self.surroundings, "certificate", None)
        if not (self.surroundings.databases and certificate and self.system.has_global_database):
            return None
        try:
            return Ledger(self.clients, self.system, self.log, region=region, certificate=Path(certificate))
        except TROUBLE as error:
            raise Failure(f"the database of {region} cannot be written to before the drill: {error}") from None

    # The steps -----------------------------------------------------------------------------------------------------

    def _take(self, step: Step, story: Story) -> None:
        """Take one step."""
        takes: dict[type[Any], Callable[[Any, Story], None]] = {
            Work: lambda each, _: time.sleep(each.seconds),
            Decide: self._decide,
            Dark: self._darken,
            Light: self._lighten,
            Replication: self._hold,
            Notice: self._notice,
            Failover: self._order,
            Await: self._await,
            Reach: lambda each, _: self.recovery.reach(
                self._pending[each.name].arn, each.state, within=each.within_seconds
            ),
            Stop: self._stop,
            Deploy: self._deploy,
            Deployed: self._deployed,
            Plan: self._plan,
            Agree: self._agree,
        }
        takes[type(step)](step, story)

    def _where(self, where: str, story: Story) -> str:
        return {"primary": story.primary, "standby": story.standby}.get(where, where)

    def _decide(self, step: Decide, story: Story) -> None:
        at = time.time()
        time.sleep(step.seconds)
        self._moment(story, "people", "people decide (simulated)", at=at, until=time.time())

    def _darken(self, step: Dark, story: Story) -> None:
        where = self._where(step.where, story)
        what = f"{step.service} of {where}" if step.service else _called(where)
        self._moment(story, "world", f"{what} goes dark", bad=True)
        self.surroundings.darken(where, step.service)
        self._was_dark = True
        if not step.service:
            self._dark.add(where)

    def _lighten(self, step: Light, story: Story) -> None:
        where = None if step.where == "everything" else self._where(step.where, story)
        self.surroundings.lighten(where, step.service)
        what = "everything" if where is None else f"{step.service} of {where}" if step.service else _called(where)
        self._moment(story, "world", f"{what} is back")
        self._dark = set() if where is None else self._dark - ({where} if not step.service else set())

    def _hold(self, step: Replication, story: Story) -> None:
        where, held = self._where(step.where, story), step.do == "hold-replication"
        self.surroundings.hold_replication(where, held=held)
        what = f"replication from and to {where} stands still" if held else f"replication of {where} goes on"
        self._moment(story, "world", what, bad=held)

    def _notice(self, step: Notice, story: Story) -> None:
        host = self.system.hostname
        await_(
            lambda: self.surroundings.resolve(host).region != story.primary,
            step.within_seconds,
            f"DNS still sends clients to {story.primary}",
        )
        self._moment(story, "health", "DNS sends clients to the standby")

    def _order(self, step: Failover, story: Story) -> None:
        to = self._where(step.to, story)
        ordered = time.time()
        self._moment(story, "people", f"{step.mode} failover to {to} is ordered", at=ordered)
        arn = self.recovery.order(to, step.mode)
        self._pending[step.name] = Pending(arn=arn, mode=step.mode, ordered=ordered)
        if step.wait:
            self._finish(step.name, step.expect, story)

    def _await(self, step: Await, story: Story) -> None:
        self._finish(step.name, step.expect, story)

    def _stop(self, step: Stop, story: Story) -> None:
        self.recovery.stop(self._pending[step.name].arn)
        self._moment(story, "people", f"the {self._pending[step.name].mode} failover is given up")

    def _finish(self, name: str, expect: str, story: Story) -> None:
        """Wait for the end of a failover, read what it did, and look at once what it lost."""
        pending = self._pending[name]
        found = self.recovery.finish(pending.arn, within=self.patience_seconds)
        run = self.recovery.read(pending.arn, name=name, mode=pending.mode, ordered=pending.ordered, found=found)
        story.runs.append(self._with_losses(run) if run.outcome == SUCCEEDED else run)
        worked = run.outcome == SUCCEEDED
        what = f"failover to {run.to} succeeded" if worked else f"failover to {run.to} ended: {run.outcome}"
        self._moment(story, "machine", what, at=run.ended, bad=not worked)
        if run.outcome != expect:
            cause = found.get("cause", "")
            raise Failure(f"the failover {name!r} ended with {run.outcome} instead of {expect}: {cause}")

    def _with_losses(self, run: Run) -> Run:
        from msgspec import structs  # noqa: PLC0415 only here

        orders = self.log.acknowledged(WRITE)
        before = [key for key, attempt in orders.items() if attempt.until < run.began]
        missing = stores.missing_orders(self.clients, self.system, run.to, before)
        rows = self._missing_rows([key for key, each in self.log.acknowledged(ROW).items() if each.until < run.began])
        return structs.replace(run, missing_orders=missing, missing_rows=rows)

    def _missing_rows(self, keys: list[str]) -> tuple[str, ...]:
        if self.ledger is None:
            return ()
        try:
            return self.ledger.missing(keys)
        except TROUBLE as error:
            raise Failure(f"the new writer cannot be asked for its rows: {error}") from None

    def _deploy(self, step: Deploy, story: Story) -> None:
        where = self._where(step.where, story)
        self._terraform().begin_apply(where)
        self._moment(story, "people", f"Terraform applies the stack of {where}")

    def _deployed(self, step: Deployed, story: Story) -> None:
        worked = self._terraform().finish_apply()
        self._moment(story, "people", f"the apply {'succeeded' if worked else 'failed'}", bad=not worked)
        if worked != (step.expect == "succeeded"):
            raise Failure(f"the apply {'succeeded' if worked else 'failed'}; it should have {step.expect}")

    def _plan(self, _: Plan, story: Story) -> None:
        if self.terraform is None:
            self.say("  not deployed by Terraform: no plans")
            return
        self.say("  planning every stack")
        plans = self.terraform.plan()
        story.plans += plans
        harm = sum(len(each.harm) for each in plans)
        self._moment(story, "people", f"plans of {len(plans)} stacks: {harm or 'no'} harm", bad=bool(harm))

    def _agree(self, step: Agree, story: Story) -> None:
        target = story.runs[-1].to if story.runs and story.runs[-1].outcome == SUCCEEDED else story.primary
        self._await_agreement(target, step.within_seconds)
        self._moment(story, "machine", f"every region takes {target} for open")

    def _terraform(self) -> Terraform:
        if self.terraform is None:
            raise Failure("this scenario needs a system that Terraform deployed")
        return self.terraform

    # The end -------------------------------------------------------------------------------------------------------

    def _restore(self, story: Story) -> None:
        """Light everything, wait until all agree and clients are served again."""
        self.surroundings.lighten(None, None)
        if self._dark:
            self._moment(story, "world", "everything is back")
        expected = self._expected_open(story)
        with suppress(Failure):
            self._await_agreement(expected, AGREE_SECONDS)
        story.open_in_the_end = self._agreed()
        if story.open_in_the_end:
            story.serves_in_the_end = self._serves(story.open_in_the_end)

    def _expected_open(self, story: Story) -> str:
        done = [run for run in story.runs if run.outcome == SUCCEEDED]
        return done[-1].to if done else story.primary

    def _close(self, story: Story) -> None:
        """Look at everything once clients are quiet."""
        story.moments += [turn for turn in self.surroundings.turns() if turn.at >= story.began]
        story.moments.sort(key=lambda each: each.at)
        orders = list(self.log.acknowledged(WRITE))
        home = story.open_in_the_end or story.primary
        story.missing_in_the_end = tuple(
            sorted(
                {
                    order
                    for plan in self.system.regions
                    for order in stores.missing_orders(self.clients, self.system, plan.name, orders)
                }
            )
        )
        story.writer_in_the_end = stores.writer(self.clients, self.system, home)
        holders = {plan.name: stores.lock_holder(self.clients, self.system, plan.name) for plan in self.system.regions}
        story.locks_in_the_end = tuple(region for region, holder in holders.items() if holder)
        if self.ledger:
            self.ledger.stop(remove=True)
        story.attempts = sorted(self.log.taken(), key=lambda each: each.at)
        stores.remove_orders(self.clients, self.system, home, orders)
        story.ended = time.time()

    def _agreed(self) -> str:
        """Return whom all regions take for open. Empty: they do not agree."""
        said = {stores.open_region(self.clients, self.system, plan.name) for plan in self.system.regions}
        return said.pop() if len(said) == 1 else ""

    def _await_agreement(self, target: str, within: float) -> None:
        lit = [plan.name for plan in self.system.regions if plan.name not in self._dark]

        since: list[float] = []

        def agreed() -> bool:
            if not all(stores.open_region(self.clients, self.system, region) == target for region in lit):
                since.clear()
                return False
            since.append(time.monotonic())
            return since[-1] - since[0] >= (STEADY_SECONDS if self._was_dark else 0.0)

        try:
            await_(agreed, within, f"the regions do not agree on {target}")
        except Failure as error:
            said = {region: stores.open_region(self.clients, self.system, region) for region in lit}
            told = ", ".join(f"{region} says {value}" for region, value in said.items())
            raise Failure(f"{error}: {told}") from None

    def _serves(self, region: str) -> bool:
        """Tell whether clients come to write in a region within the time that health checks and DNS need."""
        began, deadline = time.time(), time.monotonic() + SERVES_SECONDS
        while time.monotonic() < deadline:
            newest = [each for each in self.log.acknowledged(WRITE).values() if each.at > began]
            if any(each.placed_in == region for each in newest):
                return True
            time.sleep(0.2)
        return False

    def _await_service(self, region: str) -> None:
        host = self.system.hostname

        def led_here() -> bool:
            return self.surroundings.resolve(host).region == region

        await_(led_here, SERVES_SECONDS, f"DNS does not send clients to {region}, who takes writes")

    def _moment(
        self, story: Story, lane: str, what: str, *, at: float = 0.0, until: float = 0.0, bad: bool = False
    ) -> None:
        story.moments.append(Moment(at=at or time.time(), lane=lane, what=what, until=until, bad=bad))
        self.say(f"  {(at or time.time()) - story.began:6.1f} s  {what}")


def _called(where: str) -> str:
    return "the global control planes" if where == GLOBAL else where
