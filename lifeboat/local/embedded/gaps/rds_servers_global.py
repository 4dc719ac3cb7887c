"""Aurora Global Database: its writer endpoint, and what becomes of the servers when the writer moves."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from moto.core.responses import ActionResult
from moto.rds.models import DBCluster, GlobalCluster, RDSBackend, rds_backends
from moto.rds.responses import RDSResponse

from lifeboat.local.embedded.gap import Gap
from lifeboat.local.embedded.gaps.rds_global import HOME_REGION, find_global, group_of, writer_of
from lifeboat.local.embedded.gaps.rds_servers import key_of, server_of, told_to_caller
from lifeboat.local.embedded.postgres.database import Database
from lifeboat.local.embedded.postgres.fleet import FLEET
from lifeboat.local.embedded.postgres.moves import detach, fail_over, switch_over

PORT = 5432


def move_server(group: GlobalCluster, target: DBCluster, *, loses_data: bool) -> None:
    """Promote the target's server, before moto is told who the writer is.

    Raises:
        RDSClientError: It cannot be promoted; nothing is changed then.
    """
    new, writer = server_of(target), writer_of(group)
    if new is None:
        return
    others = {member: found for member in group.members if member is not target and (found := server_of(member))}
    with told_to_caller(lambda: None):
        if loses_data or writer is None or writer not in others:
            for member, database in others.items():
                database.before_renewal = partial(_keep_what_is_lost, member) if member is writer else None
            fail_over(FLEET, new, tuple(others.values()))
        else:
            old = others.pop(writer)
            switch_over(FLEET, old, new, tuple(others.values()))
    _lead(group, new)


def _keep_what_is_lost(cluster: DBCluster) -> None:
    """Take a snapshot of an old primary before its content is replaced, as Aurora does.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html
    """
    stamp = datetime.now(UTC).strftime("%Y-%m-%d-%H-%M-%S")
    name = f"rds:unplanned-global-failover-{cluster.db_cluster_identifier}-{stamp}"
    cluster.backend.create_db_cluster_snapshot(cluster.db_cluster_identifier, name, snapshot_type="automated")


def _lead(group: GlobalCluster, writer: Database | None) -> None:
    """Let the writer endpoint of a global cluster lead to a server."""
    if group.engine == "aurora-postgresql":
        port = writer.port if writer else PORT
        FLEET.lead_global(group.global_cluster_resource_id, port, writer.key if writer else None)


def _lead_to_writer(group: GlobalCluster) -> None:
    writer = writer_of(group)
    _lead(group, server_of(writer) if writer else None)


def _lead_writer_endpoints() -> None:
    plain_endpoint = GlobalCluster.endpoint.fget
    plain_create, plain_delete = RDSResponse.create_global_cluster, RDSBackend.delete_global_cluster
    plain_join = RDSBackend.create_db_cluster

    def endpoint(self: GlobalCluster) -> str:
        return FLEET.global_address(self.global_cluster_resource_id) or str(plain_endpoint(self))

    def create_global_cluster(self: RDSResponse) -> ActionResult:
        created = plain_create(self)
        _lead_to_writer(created.result["GlobalCluster"])
        return created

    def delete_global_cluster(self: RDSBackend, global_cluster_identifier: str) -> GlobalCluster:
        group = plain_delete(self, global_cluster_identifier)
        FLEET.remove_global(group.global_cluster_resource_id)
        return group

    def create_db_cluster(self: RDSBackend, settings: dict[str, object]) -> DBCluster:
        cluster = plain_join(self, settings)
        group = group_of(cluster)
        if group is not None:
            _lead_to_writer(group)
        return cluster

    GlobalCluster.endpoint = property(endpoint)
    RDSResponse.create_global_cluster = create_global_cluster
    RDSBackend.delete_global_cluster = delete_global_cluster
    RDSBackend.create_db_cluster = create_db_cluster


def _detach_members() -> None:
    plain = RDSResponse.remove_from_global_cluster

    def remove_from_global_cluster(self: RDSResponse) -> ActionResult:
        group = find_global(self.current_account, self.params["GlobalClusterIdentifier"])
        leaving = _member(group, self.params["DbClusterIdentifier"])
        answer = plain(self)
        database = server_of(leaving) if leaving is not None else None
        if database is not None:
            with told_to_caller(lambda: None):
                detach(FLEET, database)
        _lead_to_writer(group)
        return answer

    RDSResponse.remove_from_global_cluster = remove_from_global_cluster


def _member(group: GlobalCluster, identifier: str) -> DBCluster | None:
    found = [one for one in group.members if identifier in (one.db_cluster_arn, one.db_cluster_identifier)]
    return found[0] if found else None


def lag_of(cluster: DBCluster) -> float | None:
    """Return the lag in seconds of a secondary cluster. None: it follows nobody, or has no server."""
    database = FLEET.find(key_of(cluster))
    return database.lag() if database is not None and database.source is not None else None


def secondaries(account: str, region: str) -> list[DBCluster]:
    """Return the clusters of a region that follow a Global Database's writer."""
    groups = rds_backends[account][HOME_REGION].global_clusters.values()
    members = (member for group in groups for member in group.members)
    return [member for member in members if member.region == region and not member.is_writer]


GAPS = (
    Gap(
        name="rds.server_globals",
        missing="The writer endpoint of a Global Database leads nowhere.",
        matters="It could not be shown that an application finds the writer wherever it went.",
        fill=_lead_writer_endpoints,
    ),
    Gap(
        name="rds.server_detach",
        missing="A secondary that is removed from its Global Database holds nothing that could be written to.",
        matters="The last resort of a recovery could not be rehearsed.",
        fill=_detach_members,
    ),
)
