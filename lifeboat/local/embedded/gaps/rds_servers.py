"""RDS: every PostgreSQL cluster and instance is a real server, which its endpoints lead to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from moto.rds.exceptions import RDSClientError
from moto.rds.models import DBCluster, DBInstance, DBInstanceClustered, RDSBackend, find_cluster

from lifeboat.local.embedded.gap import Gap
from lifeboat.local.embedded.gaps.rds_global import group_of, writer_of
from lifeboat.local.embedded.postgres.binaries import UnavailableError
from lifeboat.local.embedded.postgres.database import READER, WRITER, Database, Owner
from lifeboat.local.embedded.postgres.fleet import FLEET
from lifeboat.local.embedded.postgres.moves import detach
from lifeboat.local.embedded.postgres.server import TROUBLE, ServerError
from lifeboat.local.embedded.postgres.settings import is_ssl_forced

Settings = MutableMapping[str, object]

POSTGRES = frozenset({"aurora-postgresql", "postgres"})

ORIGIN: ContextVar[Path | None] = ContextVar("origin", default=None)
"""The backup that what is made in this context takes its content from."""


def key_of(resource: DBCluster | DBInstance) -> str:
    """Return the id that a resource keeps when it is renamed; a cluster's instances have none of their own server."""
    return str(resource.db_cluster_resource_id if isinstance(resource, DBCluster) else resource.dbi_resource_id)


def server_of(resource: DBCluster | DBInstance) -> Database | None:
    """Return the database behind a cluster, an instance of a cluster, or an instance that stands alone."""
    return FLEET.find(key_of(resource.cluster if isinstance(resource, DBInstanceClustered) else resource))


def is_served(resource: DBCluster | DBInstance) -> bool:
    """Tell whether a resource has, or shall have, a server."""
    return FLEET.is_on and resource.engine in POSTGRES


@contextmanager
def from_image(image: Path | None) -> Iterator[None]:
    """Have whatever is made inside take its content from a backup."""
    token = ORIGIN.set(image)
    try:
        yield
    finally:
        ORIGIN.reset(token)


@contextmanager
def told_to_caller(undo: Callable[[], object]) -> Iterator[None]:
    """Turn trouble with a server into an answer of RDS, after undoing what moto did already."""
    try:
        yield
    except (UnavailableError, ServerError, LookupError, *TROUBLE) as error:
        undo()
        raise RDSClientError("InternalFailure", f"The database server failed: {error}") from error


def start(resource: DBCluster | DBInstance, *, source: Database | None) -> None:
    """Start the server of a new cluster or instance: from a backup, behind a source, or empty."""
    database = FLEET.create(
        key_of(resource),
        name=resource.resource_id,
        region=resource.region,
        port=int(resource.port),
        ssl_forced=is_ssl_forced_for(resource),
    )
    try:
        _fill(resource, database, source)
    except BaseException:
        FLEET.discard(database)
        raise
    # An Aurora cluster is storage: its instances serve. A Multi-AZ DB cluster brings its own.
    database.serves = not (isinstance(resource, DBCluster) and resource.engine.startswith("aurora"))
    FLEET.add(database)


def _fill(resource: DBCluster | DBInstance, database: Database, source: Database | None) -> None:
    image, password = ORIGIN.get(), password_of(resource)
    if image is not None:
        FLEET.fill_from_image(database, image)
        if password:
            database.server.change_password(str(resource.master_username), password)
    elif source is not None:
        FLEET.fill_behind(database, source)
    else:
        name = resource.database_name if isinstance(resource, DBCluster) else resource.db_name
        owner = Owner(user=str(resource.master_username), password=password, database=name)
        FLEET.fill_new(database, owner)


def password_of(resource: DBCluster | DBInstance) -> str:
    """Return the master password; empty when the resource has none of its own."""
    return str(getattr(resource, "_master_user_password", None) or "")


def is_ssl_forced_for(resource: DBCluster | DBInstance) -> bool:
    """Tell whether the engine and the parameter group of a resource demand TLS."""
    backend = resource.backend
    if isinstance(resource, DBCluster):
        group = backend.db_cluster_parameter_groups.get(resource.parameter_group)
    else:
        group = backend.db_parameter_groups.get(resource.db_parameter_group_name or "")
    parameters = group.parameters if group else {}
    values = {name: str(one.get("ParameterValue", "")) for name, one in parameters.items()}
    return is_ssl_forced(resource.engine, resource.engine_version, values)


def _give_servers() -> None:
    _make_clusters()
    _make_instances()
    _stop_and_start()
    _lead_endpoints()


def _make_clusters() -> None:
    plain_create, plain_delete = RDSBackend.create_db_cluster, RDSBackend.delete_db_cluster

    def create_db_cluster(self: RDSBackend, settings: Settings) -> DBCluster:
        cluster = plain_create(self, settings)
        if is_served(cluster):
            with told_to_caller(lambda: _forget(cluster)):
                start(cluster, source=_followed(cluster))
        return cluster

    def delete_db_cluster(self: RDSBackend, cluster_identifier: str, snapshot_name: str | None = None) -> DBCluster:
        cluster = plain_delete(self, cluster_identifier, snapshot_name)
        FLEET.remove(key_of(cluster))
        return cluster

    RDSBackend.create_db_cluster, RDSBackend.delete_db_cluster = create_db_cluster, delete_db_cluster


def _forget(cluster: DBCluster) -> None:
    group = group_of(cluster)
    if group is not None:
        group.members.remove(cluster)
    cluster.backend.clusters.pop(cluster.db_cluster_identifier, None)


def _followed(cluster: DBCluster) -> Database | None:
    """Return the server that a new cluster follows: the writer of its Global Database, or the cluster it names."""
    group = group_of(cluster)
    writer = writer_of(group) if group else None
    if writer is None and cluster.replication_source_identifier:
        writer = find_cluster(cluster.replication_source_identifier)
    return FLEET.find(key_of(writer)) if writer is not None and writer is not cluster else None


def _make_instances() -> None:
    plain_create, plain_delete = RDSBackend.create_db_instance, RDSBackend.delete_db_instance

    def create_db_instance(self: RDSBackend, settings: Settings) -> DBInstance:
        instance = plain_create(self, settings)
        if is_served(instance):
            with told_to_caller(lambda: self.databases.pop(instance.db_instance_identifier, None)):
                _serve(instance)
        return instance

    def delete_db_instance(self: RDSBackend, *args: object, **options: object) -> DBInstance:
        instance = plain_delete(self, *args, **options)
        _stop_serving(instance)
        return instance

    RDSBackend.create_db_instance, RDSBackend.delete_db_instance = create_db_instance, delete_db_instance


def _serve(instance: DBInstance) -> None:
    if not isinstance(instance, DBInstanceClustered):
        start(instance, source=None)
        return
    database = server_of(instance)
    if database is not None:
        FLEET.open_door(database, key_of(instance))
        FLEET.set_serving(database, serves=True)


def _stop_serving(instance: DBInstance) -> None:
    database = server_of(instance)
    if database is None:
        return
    if isinstance(instance, DBInstanceClustered):
        FLEET.close_door(database, key_of(instance))
        FLEET.set_serving(database, serves=bool(instance.cluster._members))
    else:
        FLEET.remove(database.key)


def _make_replicas() -> None:
    plain, plain_promote = RDSBackend.create_db_instance_read_replica, RDSBackend.promote_read_replica
    plain_cluster = RDSBackend.promote_read_replica_db_cluster

    def create_db_instance_read_replica(self: RDSBackend, settings: Settings) -> DBInstance:
        source = self.find_db_from_id(settings["source_db_instance_identifier"])
        replica = plain(self, settings)
        if is_served(replica):
            with told_to_caller(lambda: self.databases.pop(replica.db_instance_identifier, None)):
                start(replica, source=server_of(source))
        return replica

    def promote_read_replica(self: RDSBackend, settings: Settings) -> DBInstance:
        return _on_its_own(plain_promote(self, settings))

    def promote_read_replica_db_cluster(self: RDSBackend, db_cluster_identifier: str) -> DBCluster:
        return _on_its_own(plain_cluster(self, db_cluster_identifier))

    RDSBackend.create_db_instance_read_replica = create_db_instance_read_replica
    RDSBackend.promote_read_replica = promote_read_replica
    RDSBackend.promote_read_replica_db_cluster = promote_read_replica_db_cluster


def _on_its_own(resource: DBCluster | DBInstance) -> DBCluster | DBInstance:
    database = server_of(resource)
    if database is not None:
        detach(FLEET, database)
    return resource


def _stop_and_start() -> None:
    for call, serves in (("stop", False), ("start", True)):
        for what in ("db_cluster", "db_instance"):
            _follow_state(f"{call}_{what}", serves=serves)


def _follow_state(call: str, *, serves: bool) -> None:
    plain = getattr(RDSBackend, call)

    def followed(self: RDSBackend, *args: object, **options: object) -> DBCluster | DBInstance:
        resource = plain(self, *args, **options)
        database = server_of(resource)
        if database is not None:
            FLEET.set_serving(database, serves=serves)
        return resource

    setattr(RDSBackend, call, followed)


def _lead_endpoints() -> None:
    named = {name: getattr(DBCluster, name).fget for name in ("endpoint", "reader_endpoint")}
    plain_address = DBInstance.address.fget

    def address_of(resource: DBCluster | DBInstance, door: str) -> str | None:
        database = server_of(resource)
        return database.doors[door].at.host if database is not None and door in database.doors else None

    def address(self: DBInstance) -> str:
        door = key_of(self) if isinstance(self, DBInstanceClustered) else WRITER
        return address_of(self, door) or str(plain_address(self))

    DBCluster.endpoint = property(lambda self: address_of(self, WRITER) or named["endpoint"](self))
    DBCluster.reader_endpoint = property(lambda self: address_of(self, READER) or named["reader_endpoint"](self))
    DBInstance.address = property(address)


GAPS = (
    Gap(
        name="rds.servers",
        missing="Endpoints lead nowhere: no cluster and no instance has a server.",
        matters="Nobody could show that credentials, TLS and the data itself survive a failover.",
        fill=_give_servers,
    ),
    Gap(
        name="rds.server_replicas",
        missing="A read replica replicates nothing.",
        matters="Lag, and what a promotion brings along, could not be tried.",
        fill=_make_replicas,
    ),
)
