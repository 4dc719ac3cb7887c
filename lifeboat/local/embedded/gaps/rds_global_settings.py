"""Aurora Global Database: changing, protecting and tagging the global cluster itself."""

from __future__ import annotations

from moto.core.responses import ActionResult
from moto.rds.exceptions import InvalidParameterCombination
from moto.rds.models import GlobalCluster, RDSBackend
from moto.rds.responses import RDSResponse

from lifeboat.local.embedded.gap import Gap
from lifeboat.local.embedded.gaps.rds_global import find_global


def _modify() -> None:
    def modify_global_cluster(self: RDSResponse) -> ActionResult:
        group = find_global(self.current_account, self.params["GlobalClusterIdentifier"])
        if self.params.get("DeletionProtection") is not None:
            group.deletion_protection = self.params["DeletionProtection"]
        if version := self.params.get("EngineVersion"):
            for one in (group, *group.members):
                one.engine_version = version
        if renamed := self.params.get("NewGlobalClusterIdentifier"):
            groups = self.global_backend.global_clusters
            del groups[group.global_cluster_identifier]
            group.global_cluster_identifier = renamed
            groups[renamed] = group
            for member in group.members:
                member.global_cluster_identifier = renamed
        return ActionResult({"GlobalCluster": group})

    RDSResponse.modify_global_cluster = modify_global_cluster


def _protect() -> None:
    plain = RDSBackend.delete_global_cluster

    def delete_global_cluster(self: RDSBackend, global_cluster_identifier: str) -> GlobalCluster:
        group = find_global(self.account_id, global_cluster_identifier)
        if group.deletion_protection:
            raise InvalidParameterCombination(
                "Cannot delete protected Global Cluster, please disable deletion protection and try again."
            )
        return plain(self, group.global_cluster_identifier)

    RDSBackend.delete_global_cluster = delete_global_cluster


def _tags() -> None:
    plain = RDSBackend._get_resource_for_tagging

    def get_resource_for_tagging(self: RDSBackend, arn: str) -> GlobalCluster:
        if ":global-cluster:" in arn:
            return find_global(self.account_id, arn)
        return plain(self, arn)

    RDSBackend._get_resource_for_tagging = get_resource_for_tagging


GAPS = (
    Gap(
        name="rds.global_modify",
        missing="ModifyGlobalCluster is not implemented.",
        matters="Deletion protection could not be taken off, nor the engine upgraded.",
        fill=_modify,
    ),
    Gap(
        name="rds.global_deletion_protection",
        missing="A protected global cluster is deleted.",
        matters="Nobody would notice that a production system is not protected.",
        fill=_protect,
    ),
    Gap(
        name="rds.global_tags",
        missing="The ARN of a global cluster is refused by the tagging calls.",
        matters="Tags of a global cluster could not be read or changed.",
        fill=_tags,
    ),
)
