"""Aurora Global Database: moving the writer to another region, with or without loss of data."""

from __future__ import annotations

import copy

from moto.core.responses import ActionResult
from moto.rds.exceptions import InvalidDBClusterStateFault, InvalidParameterCombination
from moto.rds.responses import RDSResponse

from lifeboat.local.embedded import replication
from lifeboat.local.embedded.gap import Gap
from lifeboat.local.embedded.gaps.rds_global import arrange, find_global, member_of, writer_of
from lifeboat.local.embedded.gaps.rds_servers_global import move_server


def _move_the_writer() -> None:
    def switchover_global_cluster(self: RDSResponse) -> ActionResult:
        return _promote(self, loses_data=False)

    def failover_global_cluster(self: RDSResponse) -> ActionResult:
        loses_data = bool(self.params.get("AllowDataLoss"))
        if loses_data and self.params.get("Switchover"):
            raise InvalidParameterCombination("AllowDataLoss and Switchover cannot be specified together")
        return _promote(self, loses_data=loses_data)

    RDSResponse.switchover_global_cluster = switchover_global_cluster
    RDSResponse.failover_global_cluster = failover_global_cluster


def _promote(self: RDSResponse, *, loses_data: bool) -> ActionResult:
    """Make the target the writer; answer, as AWS does, with the state before it is done."""
    group = find_global(self.current_account, self.params["GlobalClusterIdentifier"])
    target = member_of(group, self.params["TargetDbClusterIdentifier"])
    writer = writer_of(group)
    if target.is_writer:
        raise InvalidDBClusterStateFault(f"{target.db_cluster_arn} is already the primary cluster")
    if not target._members:
        raise InvalidDBClusterStateFault(f"{target.db_cluster_arn} has no DB instance to take over")
    if not loses_data and replication.paused("rds") & {member.region for member in group.members}:
        raise InvalidDBClusterStateFault("A switchover needs every cluster of the global cluster in sync")
    under_way = copy.copy(group)
    under_way.status = "failing-over" if loses_data else "switching-over"
    under_way.failover_state = {
        "Status": "pending",
        "FromDbClusterArn": getattr(writer, "db_cluster_arn", ""),
        "ToDbClusterArn": target.db_cluster_arn,
        "IsDataLossAllowed": loses_data,
    }
    move_server(group, target, loses_data=loses_data)
    arrange(group, target)
    return ActionResult({"GlobalCluster": under_way})


GAPS = (
    Gap(
        name="rds.global_failover",
        missing="FailoverGlobalCluster and SwitchoverGlobalCluster are not implemented.",
        matters="The failover itself could not be rehearsed.",
        fill=_move_the_writer,
    ),
)
