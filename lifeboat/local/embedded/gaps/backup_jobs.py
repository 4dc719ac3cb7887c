"""AWS Backup: jobs that really leave a recovery point, and copies of it in other regions."""

from __future__ import annotations

from collections.abc import Mapping

from moto.backup.exceptions import InvalidRequestException, ResourceNotFoundException
from moto.backup.models import BackupBackend, Vault, backup_backends
from moto.backup.responses import BackupResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import unix_time
from moto.moto_api._internal import mock_random

from lifeboat.local.embedded.gap import Gap
from lifeboat.local.embedded.gaps.backup import Settings, call, keep, vault_named

RESOURCE_TYPES = {"dynamodb": "DynamoDB", "ec2": "EBS", "elasticfilesystem": "EFS", "rds": "RDS", "s3": "S3"}
BYTES = 1024


def _resource_type(arn: str) -> str:
    service = arn.split(":")[2]
    return "Aurora" if service == "rds" and ":cluster:" in arn else RESOURCE_TYPES.get(service, service)


def _new_point(backend: BackupBackend, vault: Vault, **settings: object) -> Settings:
    """Put a completed recovery point into a vault, encrypted with the vault's key."""
    arn = f"arn:{backend.partition}:backup:{backend.region_name}:{backend.account_id}"
    point: Settings = {
        "RecoveryPointArn": f"{arn}:recovery-point:{mock_random.uuid4()}",
        "BackupVaultName": vault.backup_vault_name,
        "BackupVaultArn": vault.backup_vault_arn,
        "EncryptionKeyArn": vault.encryption_key_arn,
        "IsEncrypted": True,
        "Status": "COMPLETED",
        "BackupSizeInBytes": BYTES,
        "CreationDate": unix_time(),
        "CompletionDate": unix_time(),
        **{name: value for name, value in settings.items() if value is not None},
    }
    backend.recovery_points[point["RecoveryPointArn"]] = point
    vault.num_of_recovery_points += 1
    return point


def _point(backend: BackupBackend, params: Mapping[str, str]) -> Settings:
    point: Settings | None = backend.recovery_points.get(params["RecoveryPointArn"])
    vault = params.get("BackupVaultName", params.get("SourceBackupVaultName"))
    if point is None or point["BackupVaultName"] != vault:
        raise ResourceNotFoundException(f"Recovery point {params['RecoveryPointArn']} not found")
    return point


def _points_of_vaults() -> None:
    keep(recovery_points=dict)
    Vault.number_of_recovery_points = property(lambda self: self.num_of_recovery_points)
    plain_delete = BackupBackend.delete_backup_vault

    def list_recovery_points_by_backup_vault(self: BackupResponse) -> ActionResult:
        params = call(self)
        vault = vault_named(self.backup_backend, params["BackupVaultName"]).backup_vault_name
        wanted = {"BackupVaultName": vault, "ResourceArn": params.get("ByResourceArn")}
        return ActionResult({"RecoveryPoints": _matching(self.backup_backend, wanted)})

    def list_recovery_points_by_resource(self: BackupResponse) -> ActionResult:
        return ActionResult(
            {"RecoveryPoints": _matching(self.backup_backend, {"ResourceArn": call(self)["ResourceArn"]})}
        )

    def describe_recovery_point(self: BackupResponse) -> ActionResult:
        return ActionResult(_point(self.backup_backend, call(self)))

    def delete_recovery_point(self: BackupResponse) -> EmptyResult:
        point = _point(self.backup_backend, call(self))
        vault = vault_named(self.backup_backend, str(point["BackupVaultName"]))
        if vault.lock_date is not None and unix_time() >= vault.lock_date:
            raise InvalidRequestException("Recovery point cannot be deleted: the vault is locked")
        del self.backup_backend.recovery_points[point["RecoveryPointArn"]]
        vault.num_of_recovery_points -= 1
        return EmptyResult()

    def delete_backup_vault(self: BackupBackend, backup_vault_name: str) -> None:
        held = len(_matching(self, {"BackupVaultName": backup_vault_name}))
        if held:
            raise InvalidRequestException(f"Backup vault cannot be deleted (contains {held} recovery points)")
        plain_delete(self, backup_vault_name)

    BackupResponse.list_recovery_points_by_backup_vault = list_recovery_points_by_backup_vault
    BackupResponse.list_recovery_points_by_resource = list_recovery_points_by_resource
    BackupResponse.describe_recovery_point = describe_recovery_point
    BackupResponse.delete_recovery_point = delete_recovery_point
    BackupBackend.delete_backup_vault = delete_backup_vault


def _matching(backend: BackupBackend, wanted: Mapping[str, str | None]) -> list[Settings]:
    asked = {name: value for name, value in wanted.items() if value is not None}
    points: list[Settings] = list(backend.recovery_points.values())
    return [point for point in points if asked.items() <= {name: point.get(name) for name in asked}.items()]


def _backup_jobs() -> None:
    keep(backup_jobs=dict)

    def start_backup_job(self: BackupResponse) -> ActionResult:
        params = call(self)
        backend = self.backup_backend
        resource = {"ResourceArn": params["ResourceArn"], "ResourceType": _resource_type(params["ResourceArn"])}
        asked = {"IamRoleArn": params["IamRoleArn"], "Lifecycle": params.get("Lifecycle")}
        point = _new_point(backend, vault_named(backend, params["BackupVaultName"]), **resource, **asked)
        job = point | {"BackupJobId": str(mock_random.uuid4()), "State": "COMPLETED", "PercentDone": "100.0"}
        backend.backup_jobs[job["BackupJobId"]] = job
        return ActionResult(job)

    def describe_backup_job(self: BackupResponse) -> ActionResult:
        return ActionResult(_job(self.backup_backend.backup_jobs, call(self)["BackupJobId"]))

    def list_backup_jobs(self: BackupResponse) -> ActionResult:
        return ActionResult({"BackupJobs": list(self.backup_backend.backup_jobs.values())})

    BackupResponse.start_backup_job = start_backup_job
    BackupResponse.describe_backup_job = describe_backup_job
    BackupResponse.list_backup_jobs = list_backup_jobs


def _job(jobs: Mapping[str, Settings], job_id: str) -> Settings:
    if job_id not in jobs:
        raise ResourceNotFoundException(f"Job {job_id} not found")
    return jobs[job_id]


def _copy_jobs() -> None:
    keep(copy_jobs=dict)

    def start_copy_job(self: BackupResponse) -> ActionResult:
        params = call(self)
        backend = self.backup_backend
        point = _point(backend, params)
        arn = params["DestinationBackupVaultArn"]
        region, account = arn.split(":")[3:5]
        there = backup_backends[account][region]
        kept = {name: point[name] for name in ("ResourceArn", "ResourceType")}
        asked = {"IamRoleArn": params["IamRoleArn"], "Lifecycle": params.get("Lifecycle")}
        source = {"SourceBackupVaultArn": point["BackupVaultArn"]}
        copied = _new_point(there, vault_named(there, arn), **kept, **asked, **source)
        job = {
            **kept,
            **source,
            "CopyJobId": str(mock_random.uuid4()),
            "SourceRecoveryPointArn": point["RecoveryPointArn"],
            "DestinationBackupVaultArn": arn,
            "DestinationRecoveryPointArn": copied["RecoveryPointArn"],
            "State": "COMPLETED",
            "CreationDate": copied["CreationDate"],
            "CompletionDate": copied["CompletionDate"],
            "IamRoleArn": params["IamRoleArn"],
        }
        backend.copy_jobs[job["CopyJobId"]] = job
        return ActionResult(job)

    def describe_copy_job(self: BackupResponse) -> ActionResult:
        return ActionResult({"CopyJob": _job(self.backup_backend.copy_jobs, call(self)["CopyJobId"])})

    def list_copy_jobs(self: BackupResponse) -> ActionResult:
        return ActionResult({"CopyJobs": list(self.backup_backend.copy_jobs.values())})

    BackupResponse.start_copy_job = start_copy_job
    BackupResponse.describe_copy_job = describe_copy_job
    BackupResponse.list_copy_jobs = list_copy_jobs


GAPS = (
    Gap(
        name="backup.recovery_points",
        missing="Vaults hold no recovery points, and any vault can be deleted.",
        matters="Destroying a vault that still holds backups would pass.",
        fill=_points_of_vaults,
    ),
    Gap(
        name="backup.jobs",
        missing="Backup jobs are not implemented.",
        matters="A backup could not be rehearsed.",
        fill=_backup_jobs,
    ),
    Gap(
        name="backup.copy_jobs",
        missing="Copy jobs are not implemented.",
        matters="It could not be shown that a backup survives its region.",
        fill=_copy_jobs,
    ),
)
