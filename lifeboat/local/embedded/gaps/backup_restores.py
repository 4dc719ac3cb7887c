"""AWS Backup: restore jobs that really bring back what a recovery point holds."""

from __future__ import annotations

from collections.abc import Mapping

from moto.backup.exceptions import ResourceNotFoundException
from moto.backup.models import BackupBackend, backup_backends
from moto.backup.responses import BackupResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import unix_time
from moto.moto_api._internal import mock_random

from lifeboat.local.embedded.backup_content import REFUSALS, Content, NoContent, Place, take
from lifeboat.local.embedded.gap import Gap
from lifeboat.local.embedded.gaps.backup import Params, Settings, call, keep, vault_named

ON_THE_WAY = ("PENDING", "RUNNING")
"""What a job says the first times that it is asked, so that whoever waits for it really waits."""


def place_of(backend: BackupBackend) -> Place:
    """Return where a backend is."""
    return Place(account=backend.account_id, region=backend.region_name, partition=backend.partition)


def _hold(backend: BackupBackend, point_arn: str, content: Content) -> str:
    """Put content behind a recovery point, which takes the content's ARN where it has one; return the point's ARN."""
    arn = content.arn or point_arn
    point = backend.recovery_points.pop(point_arn)
    point["RecoveryPointArn"] = arn
    backend.recovery_points[arn] = point
    backend.contents[arn] = content
    return arn


def _contents() -> None:
    keep(contents=dict)
    plain_start, plain_copy = BackupResponse.start_backup_job, BackupResponse.start_copy_job
    plain_delete = BackupResponse.delete_recovery_point

    def start_backup_job(self: BackupResponse) -> ActionResult:
        backend = self.backup_backend
        content = take(place_of(backend), call(self)["ResourceArn"])
        job = plain_start(self).result
        job["RecoveryPointArn"] = _hold(backend, str(job["RecoveryPointArn"]), content)
        backend.backup_jobs[job["BackupJobId"]] = job
        return ActionResult(job)

    def start_copy_job(self: BackupResponse) -> ActionResult:
        params, backend = call(self), self.backup_backend
        held: Content = backend.contents.get(params["RecoveryPointArn"], NoContent())
        job = plain_copy(self).result
        region, account = str(job["DestinationBackupVaultArn"]).split(":")[3:5]
        there = backup_backends[account][region]
        key = vault_named(there, str(job["DestinationBackupVaultArn"])).encryption_key_arn
        copied = held.copy_to(place_of(there), key)
        job["DestinationRecoveryPointArn"] = _hold(there, str(job["DestinationRecoveryPointArn"]), copied)
        return ActionResult(job)

    def delete_recovery_point(self: BackupResponse) -> EmptyResult:
        arn = call(self)["RecoveryPointArn"]
        answer = plain_delete(self)
        content = self.backup_backend.contents.pop(arn, None)
        if content:
            content.drop()
        return answer

    BackupResponse.start_backup_job = start_backup_job
    BackupResponse.start_copy_job = start_copy_job
    BackupResponse.delete_recovery_point = delete_recovery_point


def _content(backend: BackupBackend, point_arn: str) -> Content:
    """Return what a recovery point of this region holds.

    Raises:
        ResourceNotFoundException: This region has no such recovery point.
    """
    if point_arn not in backend.recovery_points:
        raise ResourceNotFoundException(f"Recovery point {point_arn} not found")
    content: Content = backend.contents[point_arn]
    return content


def _metadata() -> None:
    def get_recovery_point_restore_metadata(self: BackupResponse) -> ActionResult:
        params, backend = call(self), self.backup_backend
        content = _content(backend, params["RecoveryPointArn"])
        point = backend.recovery_points[params["RecoveryPointArn"]]
        shown = {name: point[name] for name in ("BackupVaultArn", "RecoveryPointArn", "ResourceType")}
        return ActionResult(shown | {"RestoreMetadata": content.metadata})

    BackupResponse.get_recovery_point_restore_metadata = get_recovery_point_restore_metadata


def _start(backend: BackupBackend, params: Params) -> Settings:
    """Restore at once; the job tells of it bit by bit."""
    arn = params["RecoveryPointArn"]
    content, point = _content(backend, arn), backend.recovery_points[arn]
    job: Settings = {
        "RestoreJobId": str(mock_random.uuid4()),
        "AccountId": backend.account_id,
        "RecoveryPointArn": arn,
        "BackupVaultArn": point["BackupVaultArn"],
        "ResourceType": point["ResourceType"],
        "IamRoleArn": params.get("IamRoleArn"),
        "CreationDate": unix_time(),
        "BackupSizeInBytes": point["BackupSizeInBytes"],
        "asked": 0,
    }
    try:
        job["CreatedResourceArn"] = content.restore(place_of(backend), params["Metadata"])
    except REFUSALS as error:
        job |= {"end": "FAILED", "StatusMessage": getattr(error, "message", None) or str(error)}
    else:
        job["end"] = "COMPLETED"
    return job


def _shown(job: Settings, *, asked: bool) -> Settings:
    """Tell how far a job is; being asked takes it one step further."""
    steps = (*ON_THE_WAY, str(job["end"]))
    seen = job["asked"]
    place = min(seen if isinstance(seen, int) else 0, len(steps) - 1)
    if asked:
        job["asked"] = place + 1
    shown = {name: value for name, value in job.items() if name not in {"asked", "end"}}
    shown |= {"Status": steps[place], "PercentDone": f"{100 * place / (len(steps) - 1):.2f}%"}
    if steps[place] in ON_THE_WAY:
        return {name: value for name, value in shown.items() if name not in {"CreatedResourceArn", "StatusMessage"}}
    return shown | {"CompletionDate": job["CreationDate"]}


def _restore_jobs() -> None:
    keep(restore_jobs=dict, restore_tokens=dict)

    def start_restore_job(self: BackupResponse) -> ActionResult:
        params, backend = call(self), self.backup_backend
        token = params.get("IdempotencyToken")
        known = backend.restore_tokens.get(token) if token else None
        if known is None:
            job = _start(backend, params)
            known = job["RestoreJobId"]
            backend.restore_jobs[known] = job
            backend.restore_tokens |= {token: known} if token else {}
        return ActionResult({"RestoreJobId": known})

    def describe_restore_job(self: BackupResponse) -> ActionResult:
        job_id = call(self)["RestoreJobId"]
        if job_id not in self.backup_backend.restore_jobs:
            raise ResourceNotFoundException(f"Job {job_id} not found")
        return ActionResult(_shown(self.backup_backend.restore_jobs[job_id], asked=True))

    def list_restore_jobs(self: BackupResponse) -> ActionResult:
        wanted = {"ResourceType": call(self).get("ByResourceType"), "Status": call(self).get("ByStatus")}
        asked = {name: value for name, value in wanted.items() if value}
        jobs = [_shown(job, asked=False) for job in self.backup_backend.restore_jobs.values()]
        return ActionResult({"RestoreJobs": [job for job in jobs if _has(job, asked)]})

    BackupResponse.start_restore_job = start_restore_job
    BackupResponse.describe_restore_job = describe_restore_job
    BackupResponse.list_restore_jobs = list_restore_jobs


def _has(job: Mapping[str, object], asked: Mapping[str, object]) -> bool:
    return all(job.get(name) == value for name, value in asked.items())


GAPS = (
    Gap(
        name="backup.contents",
        missing="A recovery point holds nothing.",
        matters="There would be nothing to restore, and nobody would notice before a disaster.",
        fill=_contents,
    ),
    Gap(
        name="backup.restore_metadata",
        missing="GetRecoveryPointRestoreMetadata is not implemented.",
        matters="A restore could not start from what the resource was like.",
        fill=_metadata,
    ),
    Gap(
        name="backup.restore_jobs",
        missing="Restore jobs are not implemented.",
        matters="A recovery from backups could not be rehearsed.",
        fill=_restore_jobs,
    ),
)
