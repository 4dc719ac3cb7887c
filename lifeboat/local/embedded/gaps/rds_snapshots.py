"""RDS: snapshots hold what a server held when they were taken, copies hold the same, and a restore brings it back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager

from moto.moto_api._internal import mock_random
from moto.rds.models import DBCluster, DBClusterSnapshot, DBInstance, DBSnapshot, RDSBackend

from lifeboat.local.embedded.gap import Gap
from lifeboat.local.embedded.gaps.rds_servers import from_image, key_of, server_of, told_to_caller
from lifeboat.local.embedded.postgres.fleet import FLEET

# What a restored cluster does not take over: it belongs to no Global Database and follows nobody.
STANDS_ALONE: Mapping[str, object] = {
    "global_cluster_identifier": None,
    "replication_source_identifier": None,
    "read_replica_identifiers": [],
    "is_writer": False,
}


def _hold_content() -> None:
    plain_instance, plain_cluster = RDSBackend.create_db_snapshot, RDSBackend.create_db_cluster_snapshot
    plain_init = DBClusterSnapshot.__init__

    def init(self: DBClusterSnapshot, *args: object, **given: object) -> None:
        plain_init(self, *args, **given)
        vars(self.cluster).update(STANDS_ALONE)

    def create_db_snapshot(self: RDSBackend, *args: object, **given: object) -> DBSnapshot:
        snapshot = plain_instance(self, *args, **given)
        with told_to_caller(lambda: self.database_snapshots.pop(snapshot.db_snapshot_identifier, None)):
            FLEET.back_up(key_of(snapshot.database), snapshot.arn)
        return snapshot

    def create_db_cluster_snapshot(self: RDSBackend, *args: object, **given: object) -> DBClusterSnapshot:
        snapshot = plain_cluster(self, *args, **given)
        with told_to_caller(lambda: self.cluster_snapshots.pop(snapshot.db_cluster_snapshot_identifier, None)):
            FLEET.back_up(key_of(snapshot.cluster), snapshot.arn)
        return snapshot

    DBClusterSnapshot.__init__ = init
    RDSBackend.create_db_snapshot = create_db_snapshot
    RDSBackend.create_db_cluster_snapshot = create_db_cluster_snapshot


def _copy_and_delete() -> None:
    plain_copy, plain_delete = RDSBackend.copy_db_snapshot, RDSBackend.delete_db_snapshot
    plain_copy_cluster = RDSBackend.copy_db_cluster_snapshot
    plain_delete_cluster = RDSBackend.delete_db_cluster_snapshot

    def copy_db_snapshot(
        self: RDSBackend, source_db_snapshot_identifier: str, *args: object, **given: object
    ) -> object:
        source = self.get_db_snapshot(source_db_snapshot_identifier)
        copied = plain_copy(self, source_db_snapshot_identifier, *args, **given)
        FLEET.images.share(source.arn, copied.arn)
        return copied

    def copy_db_cluster_snapshot(
        self: RDSBackend, source_db_cluster_snapshot_identifier: str, *args: object, **given: object
    ) -> object:
        source = self.get_db_cluster_snapshot(source_db_cluster_snapshot_identifier)
        copied = plain_copy_cluster(self, source_db_cluster_snapshot_identifier, *args, **given)
        FLEET.images.share(source.arn, copied.arn)
        return copied

    def delete_db_snapshot(self: RDSBackend, db_snapshot_identifier: str) -> DBSnapshot:
        return _dropped(plain_delete(self, db_snapshot_identifier))

    def delete_db_cluster_snapshot(self: RDSBackend, db_snapshot_identifier: str) -> DBClusterSnapshot:
        return _dropped(plain_delete_cluster(self, db_snapshot_identifier))

    RDSBackend.copy_db_snapshot, RDSBackend.delete_db_snapshot = copy_db_snapshot, delete_db_snapshot
    RDSBackend.copy_db_cluster_snapshot = copy_db_cluster_snapshot
    RDSBackend.delete_db_cluster_snapshot = delete_db_cluster_snapshot


def _dropped(snapshot: DBSnapshot | DBClusterSnapshot) -> DBSnapshot | DBClusterSnapshot:
    FLEET.images.drop(snapshot.arn)
    return snapshot


def _restore_snapshots() -> None:
    plain, plain_cluster = RDSBackend.restore_db_instance_from_db_snapshot, RDSBackend.restore_db_cluster_from_snapshot

    def restore_db_instance_from_db_snapshot(
        self: RDSBackend, from_snapshot_id: str, overrides: MutableMapping[str, object]
    ) -> DBInstance:
        snapshot = self.get_db_snapshot(from_snapshot_id)
        with from_image(FLEET.images.find(snapshot.arn)):
            return plain(self, from_snapshot_id, overrides)

    def restore_db_cluster_from_snapshot(
        self: RDSBackend, from_snapshot_id: str, overrides: MutableMapping[str, object]
    ) -> DBCluster:
        snapshot = self.get_db_cluster_snapshot(from_snapshot_id)
        with from_image(FLEET.images.find(snapshot.arn)):
            return plain_cluster(self, snapshot.db_cluster_snapshot_identifier, overrides)

    RDSBackend.restore_db_instance_from_db_snapshot = restore_db_instance_from_db_snapshot
    RDSBackend.restore_db_cluster_from_snapshot = restore_db_cluster_from_snapshot


@contextmanager
def _content_of(resource: DBCluster | DBInstance) -> Iterator[None]:
    """Have whatever is made inside take over what a running server holds now."""
    image = f"of-the-moment-{mock_random.uuid4()}"
    database = server_of(resource)
    if database is not None:
        with told_to_caller(lambda: None):
            FLEET.back_up(database.key, image)
    try:
        with from_image(FLEET.images.find(image)):
            yield
    finally:
        FLEET.images.drop(image)


def _restore_points_in_time() -> None:
    plain, plain_cluster = (
        RDSBackend.restore_db_instance_to_point_in_time,
        RDSBackend.restore_db_cluster_to_point_in_time,
    )

    def restore_db_instance_to_point_in_time(
        self: RDSBackend, source: str, target: str, overrides: MutableMapping[str, object]
    ) -> DBInstance:
        with _content_of(self.describe_db_instances(source)[0]):
            return plain(self, source, target, overrides)

    def restore_db_cluster_to_point_in_time(
        self: RDSBackend, db_cluster_identifier: str, source_db_cluster_identifier: str, **given: object
    ) -> DBCluster:
        with _content_of(self.describe_db_clusters(source_db_cluster_identifier)[0]):
            return plain_cluster(self, db_cluster_identifier, source_db_cluster_identifier, **{**given, **STANDS_ALONE})

    RDSBackend.restore_db_instance_to_point_in_time = restore_db_instance_to_point_in_time
    RDSBackend.restore_db_cluster_to_point_in_time = restore_db_cluster_to_point_in_time


def _keep_snapshots() -> None:
    _hold_content()
    _copy_and_delete()
    _restore_snapshots()


GAPS = (
    Gap(
        name="rds.snapshots",
        missing="Snapshots hold nothing, and a restored cluster claims to be in its old Global Database.",
        matters="A recovery from backups could not be shown to bring the data back.",
        fill=_keep_snapshots,
    ),
    Gap(
        name="rds.point_in_time",
        missing="What is restored to a point in time is empty, and a cluster claims its old Global Database.",
        matters="The repair of a database that was corrupted could not be rehearsed.",
        fill=_restore_points_in_time,
    ),
)
