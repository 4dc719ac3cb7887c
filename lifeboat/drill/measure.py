"""Figures from a story: how long each phase took, what was refused, what was lost. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from deployments.failover.facts import FENCE_SETTLES_SECONDS
from deployments.objectives import ALIAS_TTL_SECONDS, CHECK_FAILURES, CHECK_INTERVAL_SECONDS
from lifeboat.drill.record import READ, ROW, WRITE, Attempt, Call, Run, Story
from lifeboat.drill.recovery import RECOVER, SUCCEEDED

DETECTION_SECONDS = CHECK_INTERVAL_SECONDS * CHECK_FAILURES
OBSERVERS = frozenset({"drill", "terraform"})
"""Access keys of those who do not recover anything: the drill itself, and Terraform in a scenario about it."""
FUNCTION = "function-"
"""Begins the access key of a function, followed by its region."""


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """How one kind of client fared.

    Attributes:
        tried: Attempts.
        acknowledged: Those that worked.
        outage_seconds: Longest time between the answers of two that worked with failures in between.
        refused: Those that failed, by what they were told.
    """

    tried: int
    acknowledged: int
    outage_seconds: float
    refused: dict[str, int]


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of one scenario; seconds, unless said otherwise. None: it did not happen.

    Attributes:
        detection: From the loss until DNS sent clients elsewhere.
        decision: From then (or from the loss) until the first failover was ordered.
        failover: What the machine that succeeded took.
        overhead: That without its waits.
        opening: From the order until writes were opened.
        rto: From the loss until a client's write was acknowledged by the new primary; planned: the outage of writes.
        rto_on_aws: The same with AWS's own health check intervals and DNS lifetimes.
        rpo: How old the oldest acknowledged write was that the new primary lacked, seen from the loss.
        lost_orders: Acknowledged orders that the new primary lacked.
        lost_rows: Acknowledged rows of PostgreSQL that it lacked.
        returned_orders: How many of those orders came back with the old region.
        conflicts: Writes that were taken although fencing should have refused them.
        unaware_writes: Writes that an old primary took which nobody could tell that it was replaced, from clients that
            had not asked DNS since it was back.
        recovery_calls: Calls of the recovery to what was dark.
        tallies: By kind of client.
    """

    detection: float | None
    decision: float | None
    failover: float | None
    overhead: float | None
    opening: float | None
    rto: float | None
    rto_on_aws: float | None
    rpo: float
    lost_orders: int
    lost_rows: int
    returned_orders: int
    conflicts: int
    recovery_calls: tuple[Call, ...]
    tallies: dict[str, Tally]
    unaware_writes: int = 0


def measure(story: Story, *, factor: float) -> Measured:
    """Work out the figures.

    Args:
        story: What happened.
        factor: How many times faster than on AWS health checks and DNS were.
    """
    lost = next((each.at for each in story.moments if each.lane == "world" and each.bad and "dark" in each.what), None)
    done = next((run for run in story.runs if run.outcome == SUCCEEDED), None)
    detected = _detected(story, lost)
    ordered = min((run.ordered for run in story.runs), default=None)
    rto = _rto(story, lost, done)
    missing = {key for run in story.runs for key in run.missing_orders}
    missing_rows = {key for run in story.runs for key in run.missing_rows}
    return Measured(
        detection=_between(lost, detected),
        decision=_between(detected or lost, ordered) if lost else None,
        failover=_between(done.began, done.ended) if done else None,
        overhead=_overhead(done) if done else None,
        opening=_between(done.ordered, done.opened) if done and done.opened else None,
        rto=rto,
        rto_on_aws=None if rto is None else round(rto + _stretch(lost, detected, factor), 1),
        rpo=_rpo(story, lost, missing | missing_rows),
        lost_orders=len(missing),
        lost_rows=len(missing_rows),
        returned_orders=len(missing - set(story.missing_in_the_end)),
        conflicts=sum(1 for each in foreign_writes(story) if not each.is_unaware),
        unaware_writes=sum(1 for each in foreign_writes(story) if each.is_unaware),
        recovery_calls=tuple(each for each in story.calls if _is_of_recovery(each)),
        tallies={kind: tally(story.attempts, kind) for kind in (WRITE, READ, ROW)},
    )


def tally(attempts: Sequence[Attempt], kind: str) -> Tally:
    """Count one kind of client."""
    own = sorted((each for each in attempts if each.kind == kind), key=lambda each: each.at)
    refused: dict[str, int] = {}
    for each in own:
        if not each.is_acknowledged:
            told = each.code or (f"HTTP {each.status}" if each.status else "no answer")
            refused[told] = refused.get(told, 0) + 1
    return Tally(
        tried=len(own),
        acknowledged=sum(each.is_acknowledged for each in own),
        outage_seconds=round(max(outages(own), default=0.0), 1),
        refused=dict(sorted(refused.items())),
    )


def outages(attempts: Sequence[Attempt]) -> Iterator[float]:
    """Yield how long nothing worked, from the last success (or the first attempt) to the next (or the last)."""
    since, failed, last = None, False, None
    for each in attempts:
        since = each.at if since is None else since
        last = each.until
        if not each.is_acknowledged:
            failed = True
            continue
        if failed:
            yield each.until - since
        since, failed = each.until, False
    if failed and since is not None and last is not None:
        yield last - since


class Foreign(msgspec.Struct, frozen=True, kw_only=True):
    """A write that somebody else than the new primary took, or that was taken while nobody was open.

    Attributes:
        attempt: The write.
        is_unaware: Whether who took it could not know of the new primary, nor the client of either.
    """

    attempt: Attempt
    is_unaware: bool


def foreign_writes(story: Story) -> Iterator[Foreign]:
    """Yield acknowledged writes that fencing is there to refuse.

    From the moment a failover begins to promote until it opens writes nobody may take one; and after that nobody but
    the new primary, until the next failover begins.
    """
    done = sorted((run for run in story.runs if run.outcome == SUCCEEDED and run.opened), key=lambda run: run.began)
    ends = [*(run.began for run in done[1:]), float("inf")]
    for run, end in zip(done, ends[: len(done)], strict=True):
        promoting = next((step.at for step in run.steps if step.name == RECOVER), run.opened)
        for each in story.attempts:
            if each.kind != WRITE or not each.is_acknowledged:
                continue
            if promoting <= each.at < run.opened and each.until < run.opened:
                yield Foreign(attempt=each, is_unaware=False)
            elif run.opened <= each.at < end and each.placed_in not in {"", run.to}:
                yield Foreign(attempt=each, is_unaware=_is_unaware(story, run, each))


def _is_unaware(story: Story, run: Run, write: Attempt) -> bool:
    """Tell whether a write is what no fence can refuse (docs/decisions/0009-failover.md, "What is left").

    Its region did not confirm that it is closed, since nobody reached it; it has not heard of its successor since, or
    only within the time in which an application may still act on what it read before; and the client goes by an answer
    of DNS from before that region was back: who asks later must be led past it.
    """
    back = [each.at for each in story.moments if each.lane == "world" and not each.bad and each.at > run.began]
    heard = [
        each.at
        for each in story.switched
        if each.region == write.placed_in and each.active != each.region and each.at > run.began
    ]
    return (
        run.fence.get(write.placed_in) is False
        and bool(back and heard)
        and write.at <= min(heard) + FENCE_SETTLES_SECONDS
        and 0 < write.resolved < min(back)
    )


def _is_of_recovery(call: Call) -> bool:
    return call.caller not in OBSERVERS and call.caller != f"{FUNCTION}{call.region}"


def _detected(story: Story, lost: float | None) -> float | None:
    """Return when clients or health checks first saw DNS lead elsewhere."""
    if lost is None:
        return None
    moved = [each.at for each in story.attempts if each.at > lost and each.region not in {"", story.primary}]
    moved += [each.at for each in story.moments if each.lane == "health" and each.at > lost and "standby" in each.what]
    return min(moved, default=None)


def _rto(story: Story, lost: float | None, done: Run | None) -> float | None:
    if done is None:
        return None
    if lost is None or lost > done.began:
        return tally(story.attempts, WRITE).outage_seconds
    served = [
        each.until
        for each in story.attempts
        if each.kind == WRITE and each.is_acknowledged and each.at > done.began and each.placed_in == done.to
    ]
    return _between(lost, min(served, default=None))


def _stretch(lost: float | None, detected: float | None, factor: float) -> float:
    """Return what detection and DNS would have taken longer on AWS, at the worst."""
    if factor == 1:
        return 0.0
    slower = 1 - 1 / factor
    detection = DETECTION_SECONDS * slower if lost is not None and detected is not None else 0.0
    return detection + ALIAS_TTL_SECONDS * slower


def _rpo(story: Story, lost: float | None, missing: set[str]) -> float:
    if lost is None or not missing:
        return 0.0
    oldest = min((each.until for each in story.attempts if each.key in missing), default=lost)
    return round(max(0.0, lost - oldest), 1)


def _overhead(run: Run) -> float:
    """Return what the machine took beyond waits: settling, and the answer of a region that is gone."""
    top = [step for step in run.steps if step.name in {"Fence", "Let the last writes end"}]
    return round(max(0.0, run.ended - run.began - sum(step.seconds for step in top)), 1)


def _between(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else round(max(0.0, end - start), 1)
