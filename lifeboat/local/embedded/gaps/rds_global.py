"""Aurora Global Database: one cluster per region, one of them the writer, whichever region asks."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping

from moto.core.responses import ActionResult
from moto.rds.exceptions import (
    DBClusterNotFoundError,
    InvalidDBClusterStateFault,
    InvalidParameterCombination,
    RDSClientError,
)
from moto.rds.models import DBCluster, DBInstanceClustered, GlobalCluster, RDSBackend, find_cluster, rds_backends
from moto.rds.responses import RDSResponse

from lifeboat.local.embedded.gap import Gap

# moto keeps every global cluster here, whichever region made it.
HOME_REGION = "us-east-1"

# What a secondary cluster has from its primary, with the word that AWS uses when it is given all the same.
INHERITED = {
    "master_username": "user name",
    "master_user_password": "master user password",
    "database_name": "database name",
    "manage_master_user_password": "managed master user password",
}


def find_global(account: str, identifier: str) -> GlobalCluster:
    """Return a global cluster by its name or ARN.

    Raises:
        RDSClientError: There is none (GlobalClusterNotFoundFault).
    """
    name = identifier.rsplit(":", maxsplit=1)[-1]
    group = rds_backends[account][HOME_REGION].global_clusters.get(name)
    if group is None:
        raise RDSClientError("GlobalClusterNotFoundFault", f"Global cluster {name} not found")
    return group


def group_of(cluster: DBCluster) -> GlobalCluster | None:
    """Return the global cluster that a cluster is a member of."""
    groups = rds_backends[cluster.account_id][HOME_REGION].global_clusters.values()
    return next((group for group in groups if cluster in group.members), None)


def writer_of(group: GlobalCluster) -> DBCluster | None:
    """Return the primary cluster; a global cluster that was just made has none."""
    return next((member for member in group.members if member.is_writer), None)


def member_of(group: GlobalCluster, identifier: str) -> DBCluster:
    """Return the member with that ARN, or with that name in any region."""
    for member in group.members:
        if identifier in (member.db_cluster_arn, member.db_cluster_identifier):
            return member
    raise DBClusterNotFoundError(identifier)


def arrange(group: GlobalCluster, writer: DBCluster | None) -> None:
    """Make one member the writer and the source of all others, and let every instance know its part."""
    for member in group.members:
        member.is_writer = member is writer
        member.replication_source_identifier = None if member is writer or not writer else writer.db_cluster_arn
        member.read_replica_identifiers = []
        member.designate_writer()
    if writer:
        writer.read_replica_identifiers = [one.db_cluster_arn for one in group.members if one is not writer]


def _describe_and_create() -> None:
    plain_create = RDSResponse.create_global_cluster
    GlobalCluster.database_name = None
    GlobalCluster.engine_lifecycle_support = "open-source-rds-extended-support"
    GlobalCluster.failover_state = None

    def create_global_cluster(self: RDSResponse) -> ActionResult:
        source = self.params.get("SourceDBClusterIdentifier")
        created = plain_create(self) if not source else _create_from(self, find_cluster(source))
        group = created.result["GlobalCluster"]
        group.database_name = self.params.get("DatabaseName") or group.database_name
        group.engine_lifecycle_support = self.params.get("EngineLifecycleSupport") or group.engine_lifecycle_support
        group.tags = self.params.get("Tags") or []
        return created

    def describe_global_clusters(self: RDSResponse) -> ActionResult:
        identifier = self.params.get("GlobalClusterIdentifier")
        if identifier:
            return ActionResult({"GlobalClusters": [find_global(self.current_account, identifier)]})
        return ActionResult({"GlobalClusters": list(self.global_backend.global_clusters.values())})

    RDSResponse.create_global_cluster = create_global_cluster
    RDSResponse.describe_global_clusters = describe_global_clusters


def _create_from(self: RDSResponse, cluster: DBCluster) -> ActionResult:
    """Make a global cluster around an existing cluster, which becomes its writer."""
    group = self.global_backend.create_global_cluster(
        global_cluster_identifier=self.params["GlobalClusterIdentifier"],
        source_db_cluster_identifier=None,
        engine=cluster.engine,
        engine_version=cluster.engine_version,
        storage_encrypted=cluster.storage_encrypted,
        deletion_protection=self.params.get("DeletionProtection"),
    )
    group.database_name = cluster.database_name
    group.members.append(cluster)
    cluster.global_cluster_identifier = group.global_cluster_identifier
    arrange(group, cluster)
    return ActionResult({"GlobalCluster": group})


def _join() -> None:
    plain = RDSBackend.create_db_cluster

    def create_db_cluster(self: RDSBackend, settings: MutableMapping[str, object]) -> DBCluster:
        identifier = settings.get("global_cluster_identifier")
        if not identifier:
            return plain(self, settings)
        group = find_global(self.account_id, str(identifier))
        writer = writer_of(group)
        if writer:
            _refuse_what_is_inherited(group, settings)
        elif not settings.get("master_username") or not settings.get("master_user_password"):
            raise InvalidParameterCombination("The primary cluster of a global cluster needs a master user.")
        cluster = plain(self, settings)
        cluster._master_user_password = settings.get("master_user_password") or ""
        if writer:
            cluster.master_username, cluster.database_name = writer.master_username, writer.database_name
        arrange(group, writer or cluster)
        return cluster

    RDSBackend.create_db_cluster = create_db_cluster


def _refuse_what_is_inherited(group: GlobalCluster, settings: MutableMapping[str, object]) -> None:
    for setting, title in INHERITED.items():
        if settings.get(setting):
            raise InvalidParameterCombination(f"Cannot specify {title} for cross region replication cluster")
    if group.storage_encrypted and not settings.get("kms_key_id"):
        raise InvalidParameterCombination("KmsKeyId should be explicitly specified")


def _leave() -> None:
    def remove_from_global_cluster(self: RDSResponse) -> ActionResult:
        group = find_global(self.current_account, self.params["GlobalClusterIdentifier"])
        identifier = self.params["DbClusterIdentifier"]
        try:
            cluster = member_of(group, identifier)
        except DBClusterNotFoundError:
            # Who destroys a Global Database tells by these words that a member left before.
            complaint = f"DB cluster {identifier} is not found in global cluster {group.global_cluster_identifier}"
            raise RDSClientError("InvalidParameterValue", complaint) from None
        if cluster.is_writer and len(group.members) > 1:
            raise RDSClientError(
                "InvalidGlobalClusterStateFault",
                "The primary cluster can only be removed after every secondary cluster was removed",
            )
        group.members.remove(cluster)
        cluster.global_cluster_identifier = None
        cluster.replication_source_identifier = None
        cluster.is_writer = True
        cluster.designate_writer()
        arrange(group, writer_of(group))
        return ActionResult({"GlobalCluster": group})

    RDSResponse.remove_from_global_cluster = remove_from_global_cluster
    plain_delete = RDSBackend.delete_db_cluster

    def delete_db_cluster(self: RDSBackend, cluster_identifier: str, snapshot_name: str | None = None) -> DBCluster:
        cluster = self.clusters.get(cluster_identifier)
        if cluster is not None and group_of(cluster):
            raise InvalidDBClusterStateFault(
                "This cluster is a part of a global cluster, please remove it from globalcluster first"
            )
        return plain_delete(self, cluster_identifier, snapshot_name)

    RDSBackend.delete_db_cluster = delete_db_cluster


def _show_members() -> None:
    GlobalCluster.global_cluster_members = property(lambda self: list(_describe_members(self)))
    plain = DBCluster.designate_writer

    def designate_writer(self: DBCluster) -> None:
        if self.global_cluster_identifier and not self.is_writer:
            for instance in self._members:
                instance.is_cluster_writer = False
        else:
            plain(self)

    DBCluster.designate_writer = designate_writer
    DBInstanceClustered.__init__ = _with_its_part(DBInstanceClustered.__init__)


def _with_its_part(plain: object) -> object:
    def init(self: DBInstanceClustered, *args: object, **settings: object) -> None:
        plain(self, *args, **settings)  # type: ignore[operator] # moto's __init__
        if self.cluster.global_cluster_identifier and not self.cluster.is_writer:
            self.is_cluster_writer = False

    return init


def _describe_members(group: GlobalCluster) -> Iterator[dict[str, object]]:
    for member in group.members:
        entry: dict[str, object] = {
            "DBClusterArn": member.db_cluster_arn,
            "IsWriter": member.is_writer,
            "Readers": group.readers if member.is_writer else [],
            "SynchronizationStatus": "connected",
        }
        if not member.is_writer:
            forwards = member.global_write_forwarding_requested
            entry["GlobalWriteForwardingStatus"] = "enabled" if forwards else "disabled"
        yield entry


GAPS = (
    Gap(
        name="rds.global_describe",
        missing="Database name, tags and lifecycle support are dropped, and the identifier is ignored.",
        matters="A second global cluster in the account would hang Terraform.",
        fill=_describe_and_create,
    ),
    Gap(
        name="rds.global_members",
        missing="The instances of a secondary cluster claim to be writers; write forwarding is never on.",
        matters="An application that looks for the writer would find two.",
        fill=_show_members,
    ),
    Gap(
        name="rds.global_join",
        missing="A secondary may bring its own master user and needs no key; it inherits nothing.",
        matters="A configuration that AWS refuses would pass.",
        fill=_join,
    ),
    Gap(
        name="rds.global_leave",
        missing="A member in another region is never removed, and a member can be deleted.",
        matters="Destroying a two-region database would never end.",
        fill=_leave,
    ),
)
