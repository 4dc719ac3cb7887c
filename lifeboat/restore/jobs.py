"""Restore jobs: started once however often the command runs, followed until they end."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifeboat.failure import Failure
from lifeboat.restore.points import Point
from lifeboat.restore.targets import Standby, Target

if TYPE_CHECKING:
    from mypy_boto3_backup import BackupClient
    from mypy_boto3_backup.type_defs import RestoreJobsListMemberTypeDef

RUNNING, DONE = ("PENDING", "RUNNING"), "COMPLETED"
KEPT = {"Engine", "Port", "StorageType", "Iops", "LicenseModel", "DBName", "OptionGroupName"}
"""What a restored instance takes over from the backup. All else belongs to the region that is gone: zones, groups."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A restore job.

    Attributes:
        id: What AWS Backup calls it.
        target: What it restores.
        is_new: Whether this run started it; else an earlier one did.
    """

    id: str
    target: Target
    is_new: bool


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a job is.

    Attributes:
        status: `PENDING`, `RUNNING`, `COMPLETED`, `ABORTED` or `FAILED`.
        percent: As AWS Backup writes it. Empty: it does not say.
        created: ARN of what was restored. Empty: not yet.
        message: Why it failed. Empty: it did not.
    """

    status: str
    percent: str = ""
    created: str = ""
    message: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.status not in RUNNING


def of_target(backup: BackupClient, target: Target, point: Point) -> list[RestoreJobsListMemberTypeDef]:
    """List the jobs that restore, or restored, a target from a recovery point or under its name."""
    pages = backup.get_paginator("list_restore_jobs").paginate(ByResourceType=target.kind)
    jobs = [job for page in pages for job in page["RestoreJobs"]]
    return [
        job
        for job in jobs
        if job.get("RecoveryPointArn") == point.arn or _name_of(job.get("CreatedResourceArn", "")) == target.name
    ]


def start(backup: BackupClient, standby: Standby, target: Target, point: Point) -> Job:
    """Start a restore, or find the one that an earlier run started and that has not ended."""
    known = of_target(backup, target, point)
    for job in known:
        if job.get("Status") in RUNNING:
            return Job(id=job["RestoreJobId"], target=target, is_new=False)
    failed = sum(job.get("Status") not in {*RUNNING, DONE} for job in known)
    answer = backup.start_restore_job(
        RecoveryPointArn=point.arn,
        Metadata=_metadata(backup, standby, target, point),
        IamRoleArn=standby.role,
        ResourceType=target.kind,
        # Two people who run this at once start one restore, and a failed one can be tried again.
        IdempotencyToken=_token(point.arn, target.name, str(failed)),
    )
    return Job(id=answer["RestoreJobId"], target=target, is_new=True)


def follow(
    backup: BackupClient, jobs: Mapping[str, Job], *, timeout: float, pause: float, say: Callable[[str], None]
) -> Iterator[tuple[Job, Progress]]:
    """Yield every job with its end, in the order in which they end; tell of each change on the way.

    Raises:
        Failure: A job has not ended when the time is up. It goes on; running the command again follows it.
    """
    waiting, seen = dict(jobs), dict.fromkeys(jobs, "")
    deadline = time.monotonic() + timeout
    while waiting:
        for tier, job in list(waiting.items()):
            progress = ask(backup, job.id)
            shown = f"{progress.status.lower()} {progress.percent}".strip()
            if shown != seen[tier]:
                say(f"  {tier}: {shown}")
                seen[tier] = shown
            if progress.has_ended:
                del waiting[tier]
                yield job, progress
        if waiting and time.monotonic() >= deadline:
            left = ", ".join(f"{tier} (job {job.id})" for tier, job in waiting.items())
            raise Failure(f"not restored within {timeout:.0f} s: {left}; the jobs go on: run this again to follow them")
        if waiting:
            time.sleep(pause)


def ask(backup: BackupClient, job_id: str) -> Progress:
    """Ask how far a job is."""
    answer = backup.describe_restore_job(RestoreJobId=job_id)
    return Progress(
        status=answer["Status"],
        percent=answer.get("PercentDone", ""),
        created=answer.get("CreatedResourceArn", ""),
        message=answer.get("StatusMessage", ""),
    )


def _metadata(backup: BackupClient, standby: Standby, target: Target, point: Point) -> dict[str, str]:
    if target.kind != "RDS":
        return dict(target.settings)
    answer = backup.get_recovery_point_restore_metadata(BackupVaultName=standby.vault, RecoveryPointArn=point.arn)
    kept = {name: value for name, value in answer.get("RestoreMetadata", {}).items() if name in KEPT}
    return {**kept, **target.settings}


def _token(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]


def _name_of(arn: str) -> str:
    """Return the last word of an ARN, which is the name of an instance, a table or a bucket."""
    return arn.replace("/", ":").rsplit(":", maxsplit=1)[-1]
