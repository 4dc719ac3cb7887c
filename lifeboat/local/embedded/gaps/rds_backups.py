"""RDS: automated backups of an instance that are replicated to another region."""

from __future__ import annotations

from moto.core.responses import ActionResult
from moto.moto_api._internal import mock_random
from moto.rds.exceptions import InvalidParameterValue, RDSClientError
from moto.rds.models import DBInstance, RDSBackend, rds_backends
from moto.rds.responses import RDSResponse

from lifeboat.local.embedded.gap import Gap

DAYS_KEPT = 7


def _instance(account: str, arn: str) -> DBInstance:
    region, name = arn.split(":")[3], arn.rsplit(":", maxsplit=1)[-1]
    return rds_backends[account][region].find_db_from_id(name)


def _replicate_backups() -> None:
    plain_init, plain_describe = RDSBackend.__init__, RDSResponse.describe_db_instance_automated_backups

    def init(self: RDSBackend, region_name: str, account_id: str) -> None:
        plain_init(self, region_name, account_id)
        self.replicated_backups = {}

    def describe(self: RDSResponse) -> ActionResult:
        arn = self.params.get("DBInstanceAutomatedBackupsArn")
        if not arn:
            return plain_describe(self)
        if arn not in self.backend.replicated_backups:
            raise RDSClientError("DBInstanceAutomatedBackupNotFound", f"Automated backup {arn} not found")
        return ActionResult({"DBInstanceAutomatedBackups": [self.backend.replicated_backups[arn]]})

    RDSBackend.__init__ = init
    RDSResponse.describe_db_instance_automated_backups = describe
    RDSResponse.start_db_instance_automated_backups_replication = _start
    RDSResponse.stop_db_instance_automated_backups_replication = _stop
    DBInstance.db_instance_automated_backups_replications = property(_replications_of)


def _start(self: RDSResponse) -> ActionResult:
    instance = _instance(self.current_account, self.params["SourceDBInstanceArn"])
    if instance.storage_encrypted and not self.params.get("KmsKeyId"):
        raise InvalidParameterValue("KmsKeyId is required to replicate the backups of an encrypted DB instance")
    here = f"arn:{self.partition}:rds:{self.region}:{self.current_account}"
    backup = {
        "DBInstanceAutomatedBackupsArn": f"{here}:auto-backup:ab-{mock_random.get_random_hex(40)}",
        "DBInstanceArn": instance.arn,
        "DBInstanceIdentifier": instance.db_instance_identifier,
        "DbiResourceId": instance.dbi_resource_id,
        "Region": instance.region,
        "Status": "replicating",
        "BackupRetentionPeriod": self.params.get("BackupRetentionPeriod") or DAYS_KEPT,
        "Encrypted": instance.storage_encrypted,
        "Engine": instance.engine,
        "EngineVersion": instance.engine_version,
    }
    if key := self.params.get("KmsKeyId"):
        backup["KmsKeyId"] = key
    self.backend.replicated_backups[backup["DBInstanceAutomatedBackupsArn"]] = backup
    return ActionResult({"DBInstanceAutomatedBackup": backup})


def _stop(self: RDSResponse) -> ActionResult:
    kept = self.backend.replicated_backups
    stopped = [arn for arn, one in kept.items() if one["DBInstanceArn"] == self.params["SourceDBInstanceArn"]]
    if not stopped:
        raise RDSClientError("DBInstanceNotFound", f"{self.params['SourceDBInstanceArn']} is not replicated here")
    return ActionResult({"DBInstanceAutomatedBackup": kept.pop(stopped[0])})


def _replications_of(instance: DBInstance) -> list[dict[str, str]]:
    """Return where the backups of an instance are replicated to, as its description shows them."""
    return [
        {"DBInstanceAutomatedBackupsArn": arn}
        for backend in rds_backends[instance.account_id].values()
        for arn, backup in backend.replicated_backups.items()
        if backup["DBInstanceArn"] == instance.arn
    ]


GAPS = (
    Gap(
        name="rds.replicated_backups",
        missing="Automated backups are never replicated to another region.",
        matters="The cheapest protection of an instance against the loss of its region could not be deployed.",
        fill=_replicate_backups,
    ),
)
