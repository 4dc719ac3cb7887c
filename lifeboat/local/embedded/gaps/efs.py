"""EFS: replication between file systems, backup policies, and the protection that a replica gives up."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

from moto.efs import urls
from moto.efs.exceptions import BadRequest, EFSError, FileSystemNotFound
from moto.efs.models import EFSBackend, FileSystem, efs_backends
from moto.efs.responses import EFSResponse

from lifeboat.local.embedded.gap import Gap

Answer = tuple[str, dict[str, str]]
Replication = dict[str, Any]

JSON = {"Content-Type": "application/json"}
ROOT = "/2015-02-01/file-systems"
ENABLED, DISABLED, REPLICATING = "ENABLED", "DISABLED", "REPLICATING"
ONLY_HERE = "LOCAL_CONFIGURATION_ONLY"


class ReplicationNotFoundError(EFSError):  # type: ignore[misc] # moto publishes no types
    """The file system is neither source nor destination of a replication."""

    code = 404

    def __init__(self, file_system: str) -> None:
        super().__init__("ReplicationNotFound", f"File system '{file_system}' is not in a replication.")


class ReplicationConflictError(EFSError):  # type: ignore[misc] # moto publishes no types
    """The file system replicates already, or is protected from being overwritten."""

    code = 409

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(kind, message)


def answer(body: object, status: int = 200) -> Answer:
    """Answer a request; moto takes the status from the headers."""
    return json.dumps(body), {**JSON, "status": str(status)}


def file_system(backend: EFSBackend, name: str) -> FileSystem:
    """Return a file system by its id or ARN.

    Raises:
        FileSystemNotFound: There is none.
    """
    found = backend.file_systems_by_id.get(name.rsplit("/", 1)[-1])
    if found is None:
        raise FileSystemNotFound(name)
    return found


def protection(fs: FileSystem) -> str:
    """Return whether replication may overwrite a file system."""
    return str(getattr(fs, "_overwrite_protection", ENABLED))


def _show_protection() -> None:
    shown = FileSystem.info_json

    def info_json(self: FileSystem) -> dict[str, Any]:
        return {**shown(self), "FileSystemProtection": {"ReplicationOverwriteProtection": protection(self)}}

    def update_file_system_protection(self: EFSResponse) -> Answer:
        fs = file_system(self.efs_backend, self._get_param("FileSystemId"))
        if protection(fs) == REPLICATING:
            message = "ReplicationOverwriteProtection cannot be changed while it is a replication destination."
            raise ReplicationConflictError("ReplicationAlreadyExists", message)
        fs._overwrite_protection = self._get_param("ReplicationOverwriteProtection")
        return answer({"ReplicationOverwriteProtection": protection(fs)})

    FileSystem.info_json = info_json
    EFSResponse.update_file_system_protection = update_file_system_protection
    urls.url_paths[f"{ROOT}/<file_system_id>/protection"] = EFSResponse.dispatch


def _backup_policies() -> None:
    plain = EFSResponse.describe_backup_policy

    def put_backup_policy(self: EFSResponse) -> Answer:
        fs = file_system(self.efs_backend, self._get_param("FileSystemId"))
        fs._backup = self._get_param("BackupPolicy")["Status"] in {ENABLED, "ENABLING"}
        fs._has_backup_policy = True
        return answer({"BackupPolicy": {"Status": ENABLED if fs._backup else DISABLED}})

    def describe_backup_policy(self: EFSResponse) -> Answer:
        fs = file_system(self.efs_backend, self._get_param("FileSystemId"))
        if getattr(fs, "_has_backup_policy", False) and not fs._backup:
            return answer({"BackupPolicy": {"Status": DISABLED}})
        shown: Answer = plain(self)
        return shown

    def delete_file_system_policy(self: EFSResponse) -> Answer:
        file_system(self.efs_backend, self._get_param("FileSystemId")).file_system_policy = None
        return answer({})

    EFSResponse.put_backup_policy = put_backup_policy
    EFSResponse.describe_backup_policy = describe_backup_policy
    EFSResponse.delete_file_system_policy = delete_file_system_policy


def every_replication(account: str) -> Iterator[tuple[EFSBackend, str, Replication]]:
    """Yield each replication of an account, with where its configuration is kept and under which id."""
    for (owner, _region), backend in [((a, r), b) for a, r, b in efs_backends.iter_backends()]:
        if owner == account:
            for source, replication in list(getattr(backend, "replications", {}).items()):
                yield backend, source, replication


def involving(account: str, name: str) -> tuple[EFSBackend, str, Replication]:
    """Return the replication that a file system is source or destination of.

    Raises:
        ReplicationNotFoundError: There is none.
    """
    for backend, source, replication in every_replication(account):
        if name in {source, replication["Destinations"][0]["FileSystemId"]}:
            return backend, source, replication
    raise ReplicationNotFoundError(name)


def begin(backend: EFSBackend, source: FileSystem, wanted: Mapping[str, str]) -> Replication:
    """Begin to replicate, to a file system that exists and may be overwritten, or to a new one.

    https://docs.aws.amazon.com/efs/latest/ug/API_CreateReplicationConfiguration.html
    """
    region = wanted.get("Region") or backend.region_name
    there = efs_backends[backend.account_id][region]
    if name := wanted.get("FileSystemId"):
        target = file_system(there, name)
        if target is source:
            raise BadRequest("A file system cannot be replicated to itself.")
        if protection(target) != DISABLED:
            message = f"Replication overwrite protection of {name} is {protection(target)}."
            raise ReplicationConflictError("ConflictException", message)
    else:
        target = _new_target(there, source, wanted)
    target._overwrite_protection = REPLICATING
    return {
        "SourceFileSystemId": source.file_system_id,
        "SourceFileSystemRegion": backend.region_name,
        "SourceFileSystemArn": source.file_system_arn,
        "OriginalSourceFileSystemArn": source.file_system_arn,
        "SourceFileSystemOwnerId": backend.account_id,
        "CreationTime": time.time(),
        "Destinations": [
            {
                "Status": ENABLED,
                "FileSystemId": target.file_system_id,
                "Region": region,
                "OwnerId": backend.account_id,
                "LastReplicatedTimestamp": time.time(),
            }
        ],
    }


def _new_target(there: EFSBackend, source: FileSystem, wanted: Mapping[str, str]) -> FileSystem:
    return there.create_file_system(
        creation_token=f"replica-of-{source.file_system_id}",
        performance_mode=source.performance_mode,
        encrypted=True,
        kms_key_id=wanted.get("KmsKeyId", ""),
        throughput_mode="elastic",
        provisioned_throughput_in_mibps=0,
        availability_zone_name=wanted.get("AvailabilityZoneName", ""),
        backup=False,
        tags=[],
    )


def _replication() -> None:
    plain = EFSBackend.__init__

    def init(self: EFSBackend, region_name: str, account_id: str) -> None:
        plain(self, region_name, account_id)
        self.replications = {}

    def create_replication_configuration(self: EFSResponse) -> Answer:
        backend, name = self.efs_backend, self._get_param("SourceFileSystemId")
        source = file_system(backend, name)
        if any(name == each for _, each, _ in every_replication(self.current_account)):
            raise ReplicationConflictError("ReplicationAlreadyExists", f"{name} is replicated already.")
        backend.replications[name] = begin(backend, source, self._get_param("Destinations")[0])
        return answer(backend.replications[name])

    def describe_replication_configurations(self: EFSResponse) -> Answer:
        name = self._get_param("FileSystemId")
        if name:
            return answer({"Replications": [involving(self.current_account, name)[2]]})
        return answer({"Replications": [each for _, _, each in every_replication(self.current_account)]})

    def delete_replication_configuration(self: EFSResponse) -> Answer:
        """End a replication; its destination takes writes, and is protected again."""
        backend, source, replication = involving(self.current_account, self._get_param("SourceFileSystemId"))
        target = replication["Destinations"][0]
        backend.replications.pop(source)
        there = efs_backends[self.current_account][target["Region"]].file_systems_by_id.get(target["FileSystemId"])
        if there:
            there._overwrite_protection = ENABLED
        return answer({}, 204)

    EFSBackend.__init__ = init
    EFSResponse.create_replication_configuration = create_replication_configuration
    EFSResponse.describe_replication_configurations = describe_replication_configurations
    EFSResponse.delete_replication_configuration = delete_replication_configuration
    urls.url_paths[f"{ROOT}/<file_system_id>/replication-configuration"] = EFSResponse.dispatch
    urls.url_paths[f"{ROOT}/replication-configurations"] = EFSResponse.dispatch


GAPS = (
    Gap(
        name="efs.protection",
        missing="Nobody can say whether replication may overwrite a file system.",
        matters="A standby's file system could not be prepared for replication.",
        fill=_show_protection,
    ),
    Gap(
        name="efs.policies",
        missing="Backup policies cannot be written, and policies of file systems cannot be deleted.",
        matters="A file system whose backups are decided could be neither applied nor destroyed.",
        fill=_backup_policies,
    ),
    Gap(
        name="efs.replication",
        missing="Replication is not implemented.",
        matters="A file system that survives its region could not be deployed.",
        fill=_replication,
    ),
)
