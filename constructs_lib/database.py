"""Aurora PostgreSQL as a Global Database: the writer's region makes it, every standby joins it by its agreed name."""

from __future__ import annotations

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.db_parameter_group import DbParameterGroup, DbParameterGroupParameter
from cdktf_cdktf_provider_aws.db_subnet_group import DbSubnetGroup
from cdktf_cdktf_provider_aws.rds_cluster import RdsCluster, RdsClusterServerlessv2ScalingConfiguration
from cdktf_cdktf_provider_aws.rds_cluster_instance import RdsClusterInstance
from cdktf_cdktf_provider_aws.rds_cluster_parameter_group import (
    RdsClusterParameterGroup,
    RdsClusterParameterGroupParameter,
)
from cdktf_cdktf_provider_aws.rds_global_cluster import RdsGlobalCluster
from constructs import Construct

from constructs_lib.alarms import watch
from constructs_lib.database_alarms import database_alarms
from constructs_lib.foundation import Foundation
from constructs_lib.role import Role
from constructs_lib.secret import MasterCredentials
from constructs_lib.security_group import SecurityGroup
from constructs_lib.site import Site
from deployments.model import Database as DatabaseSpec

ENGINE = "aurora-postgresql"
PORT = 5432
MASTER_USER = "lifeboat"
SERVERLESS_CLASS = "db.serverless"
MONITORING_SECONDS = 60
INSIGHTS_DAYS = 7
"""Seven days of Performance Insights cost nothing:
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PerfInsights.Overview.cost.html"""
PROMOTED = ("global_cluster_identifier", "replication_source_identifier", "engine_version")
"""What a failover, a switchover or a rolling upgrade changes behind Terraform's back. Followed, it would detach or
replace a member: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html"""


class GlobalDatabase(Construct):
    """The Global Database itself, made beside its first writer. Standbys name it; they do not ask for it."""

    def __init__(self, scope: Construct, id_: str, *, site: Site, spec: DatabaseSpec) -> None:
        """Create the empty Global Database.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            site: The first writer's region.
            spec: The database's part of the description.
        """
        super().__init__(scope, id_)
        self.resource = RdsGlobalCluster(
            self,
            "cluster",
            global_cluster_identifier=site.names.of("global cluster"),
            engine=ENGINE,
            engine_version=spec.engine_version,
            database_name=spec.name,
            storage_encrypted=True,
            deletion_protection=site.protected,
            force_destroy=not site.protected,
        )

    @property
    def id(self) -> str:
        """Identifier, as a reference to the resource."""
        return self.resource.id

    @property
    def writer_endpoint(self) -> str:
        """Name that follows the writer from region to region."""
        return self.resource.endpoint


class Database(Construct):
    """One region's member: a cluster with its instances, reachable only by whom it allows."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        base: Foundation,
        spec: DatabaseSpec,
        instances: int,
        credentials: MasterCredentials | None,
        global_cluster: str | None,
    ) -> None:
        """Create the member.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            base: What the region stands on.
            spec: The database's part of the description.
            instances: Instances; 0 is headless: the storage follows, nothing serves.
            credentials: Master user of the first writer. Absent: a secondary, which takes them from the writer.
            global_cluster: Identifier of the Global Database to join. Absent: the cluster stands alone.
        """
        super().__init__(scope, id_)
        self._base = base
        self._spec = spec
        self.security_group = SecurityGroup(
            self, "security-group", site=base.site, network=base.network, purpose="database"
        )
        self._name = base.site.names.of("database cluster")
        self._is_global = global_cluster is not None
        self.cluster = self._cluster(global_cluster, credentials)
        self.instances = self._instances(instances)
        watch(self, base.pager, database_alarms(self._name, spec, self._lag_allowed))

    def allow_from(self, client: SecurityGroup) -> None:
        """Let the members of a group connect."""
        self.security_group.allow_from(client, PORT)

    def _cluster(self, global_cluster: str | None, credentials: MasterCredentials | None) -> RdsCluster:
        site, spec = self._base.site, self._spec
        # Made first and with an end: Aurora would make it with none.
        log_group = CloudwatchLogGroup(
            self,
            "log-group",
            name=f"/aws/rds/cluster/{self._name}/postgresql",
            retention_in_days=site.log_days,
            kms_key_id=self._base.key.arn,
        )
        return RdsCluster(
            self,
            "cluster",
            cluster_identifier=self._name,
            engine=ENGINE,
            engine_mode="provisioned",
            engine_version=spec.engine_version,
            global_cluster_identifier=global_cluster,
            # A secondary takes user and content from the writer: given here, AWS refuses to create it.
            database_name=spec.name if credentials else None,
            master_username=MASTER_USER if credentials else None,
            master_password_wo=credentials.password if credentials else None,
            master_password_wo_version=credentials.version if credentials else None,
            db_subnet_group_name=self._subnet_group().name,
            vpc_security_group_ids=[self.security_group.id],
            db_cluster_parameter_group_name=self._cluster_parameters().name,
            storage_encrypted=True,
            kms_key_id=self._base.key.arn,
            iam_database_authentication_enabled=True,
            backup_retention_period=spec.backup_retention_days,
            preferred_backup_window="02:00-03:00",
            preferred_maintenance_window="sun:04:00-sun:05:00",
            copy_tags_to_snapshot=True,
            deletion_protection=site.protected,
            skip_final_snapshot=not site.protected,
            final_snapshot_identifier=site.names.of("database cluster", "final") if site.protected else None,
            enabled_cloudwatch_logs_exports=["postgresql"],
            serverlessv2_scaling_configuration=self._scaling(),
            lifecycle=TerraformResourceLifecycle(ignore_changes=list(PROMOTED)),
            depends_on=[log_group],
        )

    def _scaling(self) -> RdsClusterServerlessv2ScalingConfiguration | None:
        if self._spec.instance_class:
            return None
        return RdsClusterServerlessv2ScalingConfiguration(
            min_capacity=self._spec.min_acu, max_capacity=self._spec.max_acu
        )

    def _instances(self, count: int) -> list[RdsClusterInstance]:
        site = self._base.site
        parameters = self._instance_parameters()
        monitoring = Role(
            self, "monitoring", site=site, purpose="database-monitoring", service="monitoring.rds.amazonaws.com"
        )
        monitoring.attach("publish", "service-role/AmazonRDSEnhancedMonitoringRole")
        return [
            RdsClusterInstance(
                self,
                f"instance-{index}",
                identifier=site.names.of("database instance", str(index)),
                cluster_identifier=self.cluster.cluster_identifier,
                engine=ENGINE,
                instance_class=self._spec.instance_class or SERVERLESS_CLASS,
                db_parameter_group_name=parameters.name,
                publicly_accessible=False,
                # The first takes over first; the others follow in order.
                promotion_tier=min(index, 15),
                auto_minor_version_upgrade=False,
                copy_tags_to_snapshot=True,
                monitoring_interval=MONITORING_SECONDS,
                monitoring_role_arn=monitoring.arn,
                performance_insights_enabled=True,
                performance_insights_kms_key_id=self._base.key.arn,
                performance_insights_retention_period=INSIGHTS_DAYS,
                lifecycle=TerraformResourceLifecycle(ignore_changes=["engine_version"]),
            )
            for index in range(count)
        ]

    def _subnet_group(self) -> DbSubnetGroup:
        return DbSubnetGroup(
            self,
            "subnet-group",
            name=self._base.site.names.of("subnet group"),
            description=f"{self._base.site.names.prefix} data subnets",
            subnet_ids=self._base.network.data,
        )

    def _cluster_parameters(self) -> RdsClusterParameterGroup:
        """Give every region the same settings, so that a promoted standby behaves like the writer it replaces."""
        settings = {"rds.force_ssl": "1", "log_min_duration_statement": "1000"}
        if self._lag_allowed:
            # The writer stops committing when every standby is further behind than this.
            settings["rds.global_db_rpo"] = str(self._lag_allowed)
        return RdsClusterParameterGroup(
            self,
            "parameters",
            name=self._base.site.names.of("database parameter group", "cluster"),
            family=self._family,
            description=f"{self._base.site.names.prefix} cluster",
            parameter=[
                RdsClusterParameterGroupParameter(name=name, value=value, apply_method="immediate")
                for name, value in settings.items()
            ],
        )

    def _instance_parameters(self) -> DbParameterGroup:
        return DbParameterGroup(
            self,
            "instance-parameters",
            name=self._base.site.names.of("database parameter group", "instance"),
            family=self._family,
            description=f"{self._base.site.names.prefix} instances",
            parameter=[DbParameterGroupParameter(name="log_lock_waits", value="1", apply_method="immediate")],
        )

    @property
    def _lag_allowed(self) -> int | None:
        """How many seconds the standbys may be behind. None: the cluster stands alone."""
        rpo = self._spec.rpo_seconds or self._base.pager.objectives.rpo_seconds
        return rpo if self._is_global else None

    @property
    def _family(self) -> str:
        return f"{ENGINE}{self._spec.engine_version.split('.')[0]}"
