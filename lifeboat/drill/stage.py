"""One scenario on a system: its steps are taken one by one while clients work, and everything is noted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from deployments.failover.facts import NOBODY
from deployments.failover.relay import OLDER_SECONDS
from deployments.system import System
from lifeboat.drill import stores
from lifeboat.drill.files import Files
from lifeboat.drill.home import AGREE_SECONDS, fail_back
from lifeboat.drill.ledger import Ledger
from lifeboat.drill.moves import take
from lifeboat.drill.orders import NoOrders, Orders, orders_of
from lifeboat.drill.pending import Pending
from lifeboat.drill.postgres import TROUBLE
from lifeboat.drill.record import READ, WRITE, Moment, Story
from lifeboat.drill.recovery import POLL_SECONDS, SUCCEEDED, Recovery, await_
from lifeboat.drill.scenario import Scenario
from lifeboat.drill.shopper import Log, Shopper, stock
from lifeboat.drill.surroundings import Surroundings
from lifeboat.drill.terraform import Terraform
from lifeboat.failover.clients import Clients
from lifeboat.failure import Failure

SERVES_SECONDS = 60.0
"""How long clients may need to be served again once everything is lit: health checks and DNS turn slowly."""
CATCH_UP_SECONDS = 30.0
"""How long replicas may need until they have what the open region has, once everything is lit and clients are quiet."""
STEADY_SECONDS = OLDER_SECONDS + 1.0
"""How long regions must agree before it counts, once one was dark: it hears all messages at once."""
Say = Callable[[str], None]


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
    orders: Orders = field(default_factory=NoOrders)
    pending: dict[str, Pending] = field(default_factory=dict)
    dark: set[str] = field(default_factory=set)
    was_dark: bool = False

    def play(self, scenario: Scenario) -> Story:
        """Play a scenario to its end, and put everything back; what went wrong is part of the story."""
        described = self.system.primary.name
        story = Story(began=time.time(), primary=described, standby=self._other(described))
        self.pending, self.dark, self.was_dark, self.log = {}, set(), False, Log()
        calls_before = len(self.surroundings.dark_calls())
        workers: list[Shopper] = []
        try:
            story.primary = self._primary(scenario)
            story.standby = self._other(story.primary)
            story.began = time.time()
            workers = self._workers(story.primary)
            for step in scenario.steps:
                take(self, step, story)
        except (Failure, BotoCoreError, ClientError) as error:
            story.trouble = str(error)
            self.moment(story, "people", f"the drill could not go on: {error}", bad=True)
        finally:
            story.calls = self.surroundings.dark_calls()[calls_before:]
            self._end(story, workers)
        return story

    # The beginning -------------------------------------------------------------------------------------------------

    def _other(self, region: str) -> str:
        return next(plan.name for plan in self.system.regions if plan.name != region)

    def _primary(self, scenario: Scenario) -> str:
        """Return who takes writes now; fail back first where that is asked for, or nobody does."""
        described = self.system.primary.name
        now = stores.open_region(self.clients, self.system, described)
        if now != described and (scenario.from_described_primary or now == NOBODY):
            self.say(f"  failing back to {described} first")
            fail_back(self)
            now = described
        self.recovery.rest(within=AGREE_SECONDS)
        self._await_service(now)
        return now

    def _workers(self, primary: str) -> list[Shopper]:
        host = self.system.hostname
        self.log = Log()
        self.orders = orders_of(self.system, self.clients, self.surroundings)
        stock(self.surroundings, host)
        workers = [Shopper(self.surroundings, host, self.log, kind=kind) for kind in (WRITE, READ)]
        self.ledger = self._new_ledger(primary)
        for worker in workers:
            worker.start()
        if self.ledger:
            self.ledger.start()
        return workers

    def _new_ledger(self, region: str) -> Ledger | None:
        certificate = self.surroundings.certificate
        if not (self.surroundings.databases and certificate and self.system.has_global_database):
            return None
        try:
            return Ledger(self.clients, self.system, self.log, region=region, certificate=Path(certificate))
        except TROUBLE as error:
            raise Failure(f"the database of {region} cannot be written to before the drill: {error}") from None

    # The end -------------------------------------------------------------------------------------------------------

    def _end(self, story: Story, workers: list[Shopper]) -> None:
        """Put everything back and look at it; a system that cannot be asked is part of the story, too."""
        with self._told(story):
            self._restore(story)
        for worker in workers:
            worker.stop()
        with self._told(story):
            self._close(story)
        story.ended = time.time()

    @contextmanager
    def _told(self, story: Story) -> Iterator[None]:
        try:
            yield
        except (Failure, BotoCoreError, ClientError) as error:
            story.trouble = story.trouble or f"the system could not be looked at in the end: {error}"

    def _restore(self, story: Story) -> None:
        """Light everything, wait until all agree and clients are served again."""
        at = time.time()
        self.surroundings.lighten(None, None)
        losses = [each for each in story.moments if each.lane == "world"]
        if losses and losses[-1].bad:
            self.moment(story, "world", "everything is back", at=at)
        self.dark = set()
        expected = self._expected_open(story)
        with suppress(Failure):
            self.await_agreement(expected, AGREE_SECONDS)
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
        for plan in self.system.regions:
            story.switched += stores.switched(self.clients, self.system, plan.name, since=story.began)
        orders = list(self.log.acknowledged(WRITE))
        home = self._home(story)
        story.orders_come_back = self.orders.come_back
        story.missing_in_the_end = self._missing_in_the_end(story, home, orders)
        story.writer_in_the_end = stores.writer(self.clients, self.system, home)
        holders = {plan.name: stores.lock_holder(self.clients, self.system, plan.name) for plan in self.system.regions}
        story.locks_in_the_end = tuple(region for region, holder in holders.items() if holder)
        if self.ledger:
            self.ledger.stop(remove=True)
        story.attempts = sorted(self.log.taken(), key=lambda each: each.at)
        self._tidy(story, home, orders)

    def _home(self, story: Story) -> str:
        """Return the region to ask in the end; the one that began while nobody, or everybody, is open."""
        ends_in = story.open_in_the_end
        return ends_in if ends_in in {plan.name for plan in self.system.regions} else story.primary

    def _missing_in_the_end(self, story: Story, home: str, orders: list[str]) -> tuple[str, ...]:
        """Return what any region lacks once it has caught up with the open one. Nobody answers: everything."""
        try:
            missing = set(self.orders.missing(home, orders))
            for plan in self.system.regions:
                missing |= self._caught_up(plan.name, orders, missing)
        except Failure as error:
            self.moment(story, "people", str(error), bad=True)
            return tuple(sorted(orders))
        return tuple(sorted(missing))

    def _caught_up(self, region: str, orders: list[str], known: set[str]) -> set[str]:
        deadline = time.monotonic() + CATCH_UP_SECONDS
        while True:
            missing = set(self.orders.missing(region, orders))
            if missing <= known or time.monotonic() > deadline:
                return missing
            time.sleep(POLL_SECONDS)

    def _tidy(self, story: Story, home: str, orders: list[str]) -> None:
        """Take the drill's orders out, and leave the files as the next failover should find them."""
        try:
            self.orders.remove(home, orders)
            self.replicate_files(story, home)
        except (Failure, BotoCoreError, ClientError) as error:
            story.trouble = story.trouble or f"the system could not be put back: {error}"
            self.moment(story, "people", f"the system could not be put back: {error}", bad=True)

    def replicate_files(self, story: Story, source: str) -> None:
        """Do a person's part after a failover: have files replicated again, from who takes writes now.

        Raises:
            Failure: They are not replicated after it.
        """
        if self.system.spec.file_system is None:
            return
        files = Files(clients=self.clients, system=self.system)
        if files.are_replicated_from(source):
            return
        if self.terraform is None:
            self.say("  not deployed by Terraform: files are not replicated again")
            return
        began = time.time()
        files.replicate_from(source, self.terraform)
        self.moment(story, "people", f"files are replicated from {source} again", at=began, until=time.time())

    def _agreed(self) -> str:
        """Return whom all regions take for open. Empty: they do not agree."""
        said = {stores.open_region(self.clients, self.system, plan.name) for plan in self.system.regions}
        return said.pop() if len(said) == 1 else ""

    def await_agreement(self, target: str, within: float) -> None:
        """Wait until all regions that are lit take one for open.

        Raises:
            Failure: They do not in time; the message tells what each says.
        """
        lit = [plan.name for plan in self.system.regions if plan.name not in self.dark]

        since: list[float] = []

        def agreed() -> bool:
            if not all(stores.open_region(self.clients, self.system, region) == target for region in lit):
                since.clear()
                return False
            since.append(time.monotonic())
            return since[-1] - since[0] >= (STEADY_SECONDS if self.was_dark else 0.0)

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

    def moment(
        self, story: Story, lane: str, what: str, *, at: float = 0.0, until: float = 0.0, bad: bool = False
    ) -> None:
        """Note that something happened, and tell the person who waits."""
        story.moments.append(Moment(at=at or time.time(), lane=lane, what=what, until=until, bad=bad))
        self.say(f"  {(at or time.time()) - story.began:6.1f} s  {what}")
