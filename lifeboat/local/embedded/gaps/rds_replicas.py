"""RDS: a read replica of an instance in another region, with a key, a zone and backups of its own."""

from __future__ import annotations

from collections.abc import MutableMapping
from contextlib import suppress

from moto.moto_api._internal import mock_random
from moto.rds.exceptions import InvalidParameterCombination
from moto.rds.models import DBInstance, RDSBackend

from lifeboat.local.embedded.gap import Gap


def _replicas_of_their_own() -> None:
    plain = RDSBackend.create_db_instance_read_replica

    def create_db_instance_read_replica(self: RDSBackend, settings: MutableMapping[str, object]) -> DBInstance:
        source = self.find_db_from_id(settings["source_db_instance_identifier"])
        abroad = source.region != self.region_name
        if abroad and source.storage_encrypted and not settings.get("kms_key_id"):
            raise InvalidParameterCombination(
                "Cannot create a cross region encrypted read replica without a KmsKeyId of its region"
            )
        replica = plain(self, settings)
        replica.dbi_resource_id = f"db-{mock_random.get_random_hex(26).upper()}"
        replica.backup_retention_period = settings.get("backup_retention_period") or 0
        replica.deletion_protection = bool(settings.get("deletion_protection"))
        if abroad:
            replica.availability_zone = settings.get("availability_zone") or f"{self.region_name}a"
        return replica

    def remove_replica(self: DBInstance, replica: DBInstance) -> None:
        for name in (replica.db_instance_identifier, replica.db_instance_arn):
            with suppress(ValueError):
                self.replicas.remove(name)

    RDSBackend.create_db_instance_read_replica = create_db_instance_read_replica
    DBInstance.remove_replica = remove_replica


GAPS = (
    Gap(
        name="rds.replicas",
        missing="A replica shares zone, backups and resource id with its source, and one abroad cannot be deleted.",
        matters="Destroying an instance with a replica in another region would fail.",
        fill=_replicas_of_their_own,
    ),
)
