"""A restore from beginning to end: what there is, what is missing, the jobs, and what came of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lifeboat.failure import Exit, Failure
from lifeboat.restore import jobs
from lifeboat.restore.checks import Connect, Seen, look
from lifeboat.restore.points import Found, find
from lifeboat.restore.targets import Standby, Target

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What came of one target.

    Attributes:
        found: What it was restored from.
        seen: What is there now.
        job: The restore job. Empty: an earlier run finished it.
    """

    found: Found
    seen: Seen
    job: str


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long jobs are waited for.

    Attributes:
        timeout: Seconds for all of them; the RTO.
        pause: Seconds between two questions.
    """

    timeout: float
    pause: float


def survey(connect: Connect, standby: Standby, wanted: Sequence[Target], failed_at: datetime, say: Say) -> list[Found]:
    """Find what there is to restore from, and tell how old it is.

    Raises:
        Failure: A target has no recovery point, or is of a kind that is not restored here: all of them at once.
    """
    found = find(connect, standby, wanted, failed_at)
    say(f"newest recovery points in vault {standby.vault} of {standby.region}:")
    for each in found:
        say(f"  {each.target.tier}: {described(each)}")
    problems = [
        f"{each.target.tier}: the vault has no recovery point of {each.target.name} from before {failed_at:%F %T %Z}"
        for each in found
        if each.point is None and each.target.can_be_restored
    ]
    problems += [
        f"{each.target.tier}: an Aurora cluster is restored into the region's own stack: docs/strategies.md"
        for each in found
        if not each.target.can_be_restored
    ]
    if problems:
        raise Failure("\nerror: ".join(problems))
    return found


def described(found: Found) -> str:
    """Say how old a recovery point is, and whether the RPO is kept."""
    if found.point is None or found.loss_seconds is None:
        return "none"
    rpo = found.target.rpo_seconds
    verdict = "kept" if found.keeps_rpo else "NOT kept"
    loss = timedelta(seconds=found.loss_seconds)
    return f"{found.point.created:%F %T %Z}, loses {loss} of writes, RPO {rpo} s {verdict}"


def check_loss(found: Sequence[Found], *, accepted: bool) -> None:
    """See that no more is lost than was promised, unless that is accepted.

    Raises:
        Failure: It is more (exit code 3).
    """
    late = [
        f"{each.target.tier} ({each.loss_seconds} s, RPO {each.target.rpo_seconds} s)"
        for each in found
        if not each.keeps_rpo
    ]
    if late and not accepted:
        raise Failure(
            f"more would be lost than the RPO allows: {', '.join(late)}; --accept-loss restores all the same",
            Exit.GUARDED,
        )


def already_there(connect: Connect, standby: Standby, found: Sequence[Found]) -> dict[str, Seen]:
    """Return by tier what an earlier run has restored.

    Raises:
        Failure: A name is taken by something that no restore made.
    """
    there: dict[str, Seen] = {}
    taken = []
    for each in found:
        seen = look(connect, standby, each.target)
        if seen is None or each.point is None:
            continue
        known = jobs.of_target(connect("backup"), each.target, each.point)
        if any(job.get("CreatedResourceArn") == seen.arn for job in known if job.get("Status") == jobs.DONE):
            there[each.target.tier] = seen
        elif not any(job.get("Status") in jobs.RUNNING for job in known):
            taken.append(f"{each.target.tier}: {seen.arn} exists and was not restored from a backup")
    if taken:
        raise Failure("\nerror: ".join([*taken, "what is restored needs these names: rename or delete what has them"]))
    return there


def restore(connect: Connect, standby: Standby, found: Sequence[Found], patience: Patience, say: Say) -> list[Restored]:
    """Restore what is not there yet, side by side, and look at everything afterwards.

    Raises:
        Failure: A job failed, was not finished in time, or left something that cannot be used.
    """
    backup = connect("backup")
    there = already_there(connect, standby, found)
    for tier in there:
        say(f"  {tier}: an earlier run restored it")
    by_tier = {each.target.tier: each for each in found}
    started: dict[str, jobs.Job] = {}
    for tier, each in by_tier.items():
        if tier not in there and each.point:
            started[tier] = jobs.start(backup, standby, each.target, each.point)
            verb = "started" if started[tier].is_new else "found"
            say(f"  {tier}: {verb} restore job {started[tier].id}")
    problems = [
        f"{job.target.tier}: restore job {job.id} {progress.status.lower()}: {progress.message or 'no reason given'}"
        for job, progress in jobs.follow(backup, started, timeout=patience.timeout, pause=patience.pause, say=say)
        if progress.status != jobs.DONE
    ]
    if problems:
        raise Failure(
            "\nerror: ".join([*problems, "what was restored stays; run this again to try the rest once more"])
        )
    return [_verified(connect, standby, by_tier[tier], started.get(tier)) for tier in by_tier]


def _verified(connect: Connect, standby: Standby, found: Found, job: jobs.Job | None) -> Restored:
    seen = look(connect, standby, found.target)
    tier = found.target.tier
    if seen is None:
        raise Failure(f"{tier}: the job has ended, and there is no {found.target.name} in {standby.region}")
    if seen.faults:
        raise Failure("\nerror: ".join(f"{tier}: {found.target.name} {fault}" for fault in seen.faults))
    return Restored(found=found, seen=seen, job=job.id if job else "")
