"""ElastiCache: a replication group in a region, with cluster mode off or on, that clients enter without a password."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.elasticache_parameter_group import (
    ElasticacheParameterGroup,
    ElasticacheParameterGroupParameter,
)
from cdktf_cdktf_provider_aws.elasticache_replication_group import (
    ElasticacheReplicationGroup,
    ElasticacheReplicationGroupLogDeliveryConfiguration,
)
from cdktf_cdktf_provider_aws.elasticache_subnet_group import ElasticacheSubnetGroup
from cdktf_cdktf_provider_aws.elasticache_user import ElasticacheUser, ElasticacheUserAuthenticationMode
from cdktf_cdktf_provider_aws.elasticache_user_group import ElasticacheUserGroup
from constructs import Construct

from constructs_lib.alarms import watch
from constructs_lib.cache_alarms import cache_alarms
from constructs_lib.foundation import Foundation
from constructs_lib.policy import Statement
from constructs_lib.role import Role
from constructs_lib.security_group import SecurityGroup
from deployments.stores import Cache as CacheSpec

PORT = 6379
DATA_TIERING = "cache.r6gd."
"""These nodes keep part of their data on disk and cannot be had without:
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/data-tiering.html"""
APPLICATION = "on ~* &* +@all -@dangerous -@admin +info +cluster|slots +cluster|shards +cluster|nodes"
"""What the application may: every key, and no command that is for operators (FLUSHALL, KEYS, CONFIG ...). Clients in
cluster mode have to ask who holds which slots."""
NOBODY = "off ~* -@all"
"""The user that everybody is who gives no name: switched off."""


class Cache(Construct):
    """A replication group: encrypted, spread over zones, reachable only by whom it allows, under an IAM user.

    Why an IAM user: see `docs/decisions/0011-cache-users.md`. Only the engine's own log is kept: a slow log holds the
    arguments of commands, and so what is cached.
    """

    def __init__(self, scope: Construct, id_: str, *, base: Foundation, spec: CacheSpec) -> None:
        """Create the replication group.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            base: What the region stands on.
            spec: The cache's part of the description.
        """
        super().__init__(scope, id_)
        self._base = base
        self._spec = spec
        self.name = base.site.names.of("cache")
        self.user_name = base.site.names.of("cache user", "app")
        self.security_group = SecurityGroup(
            self, "security-group", site=base.site, network=base.network, purpose="cache"
        )
        self.resource = self._replication_group()
        watch(self, base.pager, cache_alarms(self.nodes))

    @property
    def nodes(self) -> list[str]:
        """Names that AWS gives the nodes, as metrics call them.

        https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.html
        """
        members = [f"{number:03d}" for number in range(1, self._spec.replicas + 2)]
        if not self._spec.cluster_mode:
            return [f"{self.name}-{member}" for member in members]
        shards = [f"{number:04d}" for number in range(1, self._spec.shards + 1)]
        return [f"{self.name}-{shard}-{member}" for shard in shards for member in members]

    @property
    def endpoint(self) -> str:
        """What clients connect to: it follows the primary, or tells who holds which shard.

        AWS fills one of the two and leaves the other empty:
        https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Endpoints.html
        """
        if self._spec.cluster_mode:
            return self.resource.configuration_endpoint_address
        return self.resource.primary_endpoint_address

    @property
    def reader_endpoint(self) -> str | None:
        """What spreads reads over the replicas. None in cluster mode: clients find the replicas themselves."""
        return None if self._spec.cluster_mode else self.resource.reader_endpoint_address

    def allow_from(self, client: SecurityGroup) -> None:
        """Let the members of a group connect."""
        self.security_group.allow_from(client, PORT)

    def grant_connect(self, role: Role) -> None:
        """Let a role sign in as the application's user, with a token of its own that lasts 15 minutes.

        https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
        """
        site = self._base.site
        role.allow(
            "connect-cache",
            Statement(
                sid="Connect",
                actions=("elasticache:Connect",),
                resources=(
                    site.arn("elasticache", f"replicationgroup:{self.name}"),
                    site.arn("elasticache", f"user:{self.user_name}"),
                ),
            ),
        )

    def _replication_group(self) -> ElasticacheReplicationGroup:
        base, site, spec = self._base, self._base.site, self._spec
        return ElasticacheReplicationGroup(
            self,
            "group",
            replication_group_id=self.name,
            description=f"{site.names.prefix} cache",
            engine=spec.engine,
            engine_version=spec.engine_version,
            node_type=spec.node_type,
            cluster_mode="enabled" if spec.cluster_mode else "disabled",
            num_cache_clusters=None if spec.cluster_mode else 1 + spec.replicas,
            num_node_groups=spec.shards if spec.cluster_mode else None,
            replicas_per_node_group=spec.replicas if spec.cluster_mode else None,
            automatic_failover_enabled=spec.automatic_failover,
            multi_az_enabled=spec.automatic_failover,
            data_tiering_enabled=True if spec.node_type.startswith(DATA_TIERING) else None,
            port=PORT,
            parameter_group_name=self._parameters().name,
            subnet_group_name=self._subnet_group().name,
            security_group_ids=[self.security_group.id],
            at_rest_encryption_enabled="true",
            kms_key_id=base.key.arn,
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            user_group_ids=[self._users().user_group_id],
            auto_minor_version_upgrade="false",
            snapshot_retention_limit=spec.snapshot_retention_days,
            snapshot_window="02:00-03:00" if spec.snapshot_retention_days else None,
            maintenance_window="sun:04:00-sun:05:00",
            final_snapshot_identifier=site.names.of("cache", "final") if site.protected else None,
            apply_immediately=not site.protected,
            log_delivery_configuration=[self._engine_log()],
        )

    def _engine_log(self) -> ElasticacheReplicationGroupLogDeliveryConfiguration:
        log_group = CloudwatchLogGroup(
            self,
            "log-group",
            name=f"/aws/elasticache/{self.name}/engine",
            retention_in_days=self._base.site.log_days,
            kms_key_id=self._base.key.arn,
        )
        return ElasticacheReplicationGroupLogDeliveryConfiguration(
            destination=log_group.name, destination_type="cloudwatch-logs", log_format="json", log_type="engine-log"
        )

    def _parameters(self) -> ElasticacheParameterGroup:
        spec, names = self._spec, self._base.site.names
        # A full cache forgets what was used longest ago; it never refuses a write.
        settings = {"maxmemory-policy": "allkeys-lru"}
        if spec.cluster_mode:
            settings["cluster-enabled"] = "yes"
        return ElasticacheParameterGroup(
            self,
            "parameters",
            name=names.of("cache parameter group"),
            family=f"{spec.engine}{spec.engine_version.split('.')[0]}",
            description=f"{names.prefix} cache",
            parameter=[ElasticacheParameterGroupParameter(name=name, value=value) for name, value in settings.items()],
        )

    def _subnet_group(self) -> ElasticacheSubnetGroup:
        names = self._base.site.names
        return ElasticacheSubnetGroup(
            self,
            "subnet-group",
            name=names.of("cache subnet group"),
            description=f"{names.prefix} data subnets",
            subnet_ids=self._base.network.data,
        )

    def _users(self) -> ElasticacheUserGroup:
        """Make the application's user, and switch off the default one, which a group must have.

        https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
        """
        names, engine = self._base.site.names, self._spec.engine
        application = ElasticacheUser(
            self,
            "user",
            user_id=self.user_name,
            user_name=self.user_name,  # an IAM user's name and id have to be the same
            access_string=APPLICATION,
            engine=engine,
            authentication_mode=ElasticacheUserAuthenticationMode(type="iam"),
        )
        default = ElasticacheUser(
            self,
            "default-user",
            user_id=names.of("cache user", "default"),
            user_name="default",
            access_string=NOBODY,
            engine=engine,
            no_password_required=True,
        )
        return ElasticacheUserGroup(
            self,
            "users",
            user_group_id=names.of("cache user", "all"),
            engine=engine,
            user_ids=[default.user_id, application.user_id],
        )
