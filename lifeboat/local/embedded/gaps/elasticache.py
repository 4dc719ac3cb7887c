"""ElastiCache: replication groups with the nodes they consist of, and deletions that come to an end."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.elasticache.exceptions import CacheSubnetGroupNotFound, InvalidParameterCombinationException
from moto.elasticache.models import CacheCluster, ElastiCacheBackend, ReplicationGroup
from moto.elasticache.responses import ElastiCacheResponse

from lifeboat.local.embedded.gap import Gap

Params = Mapping[str, Any]  # a request under the names of the API's model, or under moto's

NEWEST = {"redis": "7.1", "valkey": "8.0"}
MEMBER_INPUTS = tuple(inspect.signature(CacheCluster.__init__).parameters)[1:]
# What ModifyReplicationGroup may change beside what moto knows -> where the group keeps it.
CHANGES = {
    "AutoMinorVersionUpgrade": "auto_minor_version_upgrade",
    "CacheParameterGroupName": "cache_parameter_group_name",
    "EngineVersion": "engine_version",
    "NotificationTopicArn": "notification_topic_arn",
    "PreferredMaintenanceWindow": "preferred_maintenance_window",
    "SecurityGroupIds": "security_group_ids",
    "SnapshotWindow": "snapshot_window",
    "TransitEncryptionMode": "transit_encryption_mode",
}


def _zones(backend: ElastiCacheBackend, subnet_group: str | None) -> list[str]:
    """Return the zones of a subnet group's subnets."""
    group = backend.cache_subnet_groups.get(subnet_group or "")
    named = [subnet.get("subnet_availability_zone") for subnet in (group.subnets if group else ())]
    return sorted({zone for zone in named if isinstance(zone, str)}) or [f"{backend.region_name}a"]


def _full_version(group: ReplicationGroup) -> str:
    version = group.engine_version or NEWEST[group.engine]
    return version if version.count(".") > 1 else f"{version}.0"


def _family_default(group: ReplicationGroup) -> str:
    family = f"default.{group.engine}{_full_version(group).split('.')[0]}"
    return f"{family}.cluster.on" if group.cluster_enabled else family


def _add_members(backend: ElastiCacheBackend, group: ReplicationGroup) -> None:
    """Make the nodes of a group, in zones in turn, and keep them listed as AWS lists them."""
    zones = _zones(backend, group.cache_subnet_group_name)
    for shard in group.node_groups:
        if "reader_endpoint_address" in shard:
            shard["reader_endpoint"] = {"address": shard["reader_endpoint_address"], "port": group.port}
        for place, member in enumerate(shard["node_group_members"]):
            member["preferred_availability_zone"] = zones[place % len(zones)]
            node = CacheCluster(
                **dict.fromkeys(MEMBER_INPUTS)
                | {
                    "account_id": backend.account_id,
                    "region_name": backend.region_name,
                    "cache_cluster_id": member["cache_cluster_id"],
                    "replication_group_id": group.replication_group_id,
                    "preferred_availability_zone": member["preferred_availability_zone"],
                    "engine": "redis",  # moto's name of everything that is not Memcached
                    "log_delivery_configurations": [],
                }
            )
            backend.cache_clusters[node.cache_cluster_id] = node
    _tell_members(backend, group)


def _tell_members(backend: ElastiCacheBackend, group: ReplicationGroup) -> None:
    """Give every node the settings of its group."""
    parameters = group.cache_parameter_group_name or _family_default(group)
    groups = [{"SecurityGroupId": one, "Status": "active"} for one in group.security_group_ids or ()]
    for name in group.member_clusters:
        node = backend.cache_clusters[name]
        node.engine, node.engine_version = group.engine, _full_version(group)
        node.cache_node_type = group.cache_node_type
        node.cache_subnet_group_name = group.cache_subnet_group_name
        node.cache_parameter_group = {"CacheParameterGroupName": parameters, "ParameterApplyStatus": "in-sync"}
        node.security_groups = groups
        node.preferred_maintenance_window = group.preferred_maintenance_window or "sun:05:00-sun:06:00"
        node.auto_minor_version_upgrade = group.auto_minor_version_upgrade
        node.at_rest_encryption_enabled = group.at_rest_encryption_enabled
        node.transit_encryption_enabled = group.transit_encryption_enabled
        node.transit_encryption_mode = group.transit_encryption_mode
        node.snapshot_retention_limit, node.snapshot_window = group.snapshot_retention_limit, group.snapshot_window
        node.port, node.network_type, node.ip_discovery = group.port, group.network_type, group.ip_discovery
        if group.notification_topic_arn:
            node.notification_configuration = {"TopicArn": group.notification_topic_arn, "TopicStatus": "active"}


def _members() -> None:
    plain = ElastiCacheBackend.create_replication_group

    def create_replication_group(self: ElastiCacheBackend, **given: object) -> ReplicationGroup:
        count = given.get("num_cache_clusters")
        if isinstance(count, int) and not given.get("num_node_groups"):
            given["replicas_per_node_group"] = count - 1
        if not given.get("cluster_mode"):
            shards = given.get("num_node_groups")
            given["cluster_mode"] = "enabled" if isinstance(shards, int) and shards > 1 else "disabled"
        if given.get("automatic_failover_enabled") and not given.get("replicas_per_node_group"):
            raise InvalidParameterCombinationException("Automatic failover needs at least one replica in every shard.")
        group = plain(self, **given)
        _add_members(self, group)
        return group

    ElastiCacheBackend.create_replication_group = create_replication_group


def _changes() -> None:
    plain = ElastiCacheResponse.modify_replication_group

    def modify_replication_group(self: ElastiCacheResponse) -> ActionResult:
        answer = plain(self)
        group, asked = answer.result["ReplicationGroup"], self._get_params()
        for name, attribute in CHANGES.items():
            if asked.get(name) is not None:
                setattr(group, attribute, asked[name])
        left = [one for one in group.user_group_ids if one not in (asked.get("UserGroupIdsToRemove") or ())]
        group.user_group_ids = left + [one for one in asked.get("UserGroupIdsToAdd") or () if one not in left]
        if asked.get("LogDeliveryConfigurations"):
            group.log_delivery_configurations = _delivered(group, asked["LogDeliveryConfigurations"])
        _tell_members(self.elasticache_backend, group)
        return answer

    ElastiCacheResponse.modify_replication_group = modify_replication_group


def _delivered(group: ReplicationGroup, asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the deliveries after a change: one per type of log, without those that were switched off."""
    types = {one["LogType"] for one in asked}
    kept = [one for one in group.log_delivery_configurations if one["LogType"] not in types]
    on = [one for one in asked if one.get("Enabled", True)]
    return kept + [one | {"Status": "active"} for one in on]


def _deletions() -> None:
    plain = ElastiCacheBackend.delete_replication_group
    plain_call = ElastiCacheResponse.delete_replication_group

    def delete_call(self: ElastiCacheResponse) -> ActionResult:
        final = self._get_param("FinalSnapshotIdentifier")
        if final:
            self.elasticache_backend.create_snapshot(final, self._get_param("ReplicationGroupId"), None, None, None)
        return plain_call(self)

    def delete_replication_group(
        self: ElastiCacheBackend, replication_group_id: str, retain_primary_cluster: bool | None
    ) -> ReplicationGroup:
        members = list(self.describe_replication_groups(replication_group_id)[0].member_clusters)
        group = plain(self, replication_group_id, retain_primary_cluster)
        for name in members:
            self.cache_clusters.pop(name, None)
        return self.replication_groups.pop(group.replication_group_id)

    ElastiCacheResponse.delete_replication_group = delete_call
    ElastiCacheBackend.delete_replication_group = delete_replication_group


def _subnet_groups() -> None:
    def delete_cache_subnet_group(self: ElastiCacheResponse) -> EmptyResult:
        name = self._get_param("CacheSubnetGroupName")
        if self.elasticache_backend.cache_subnet_groups.pop(name, None) is None:
            raise CacheSubnetGroupNotFound(name)
        return EmptyResult()

    ElastiCacheResponse.delete_cache_subnet_group = delete_cache_subnet_group


GAPS = (
    Gap(
        name="elasticache.members",
        missing="A replication group has one node whatever was asked for, and DescribeCacheClusters knows none.",
        matters="Terraform reads most settings from the nodes, and no failover would have a replica.",
        fill=_members,
    ),
    Gap(
        name="elasticache.modify",
        missing="ModifyReplicationGroup ignores security groups, parameters, users, windows, versions and logs.",
        matters="Changing any of them would never converge.",
        fill=_changes,
    ),
    Gap(
        name="elasticache.delete_group",
        missing="A deleted replication group is there for ever.",
        matters="Destroying a cache would never end.",
        fill=_deletions,
    ),
    Gap(
        name="elasticache.delete_subnet_group",
        missing="DeleteCacheSubnetGroup is not implemented.",
        matters="A cache's subnets could not be destroyed.",
        fill=_subnet_groups,
    ),
)
