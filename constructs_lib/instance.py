"""RDS PostgreSQL: one instance with a standby in another zone, and in every region the place to restore it to."""

from __future__ import annotations

from typing import Any

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.db_instance import DbInstance
from cdktf_cdktf_provider_aws.db_parameter_group import DbParameterGroup, DbParameterGroupParameter
from cdktf_cdktf_provider_aws.db_subnet_group import DbSubnetGroup
from constructs import Construct

from constructs_lib.alarms import watch
from constructs_lib.foundation import Foundation
from constructs_lib.instance_alarms import instance_alarms
from constructs_lib.role import Role
from constructs_lib.secret import MasterCredentials
from constructs_lib.security_group import SecurityGroup
from deployments.stores import Instance as InstanceSpec

ENGINE = "postgres"
PORT = 5432
MONITORING_SECONDS = 60
INSIGHTS_DAYS = 7
"""Seven days of Performance Insights cost nothing:
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PerfInsights.Overview.cost.html"""
LOGS = ("postgresql", "upgrade")
PARAMETERS = {
    "rds.force_ssl": "1",
    "log_min_duration_statement": "1000",
    "log_lock_waits": "1",
    "log_connections": "1",
    "log_disconnections": "1",
    # Statements would be logged with what they carry. What went wrong is in the error, not in the parameters.
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
BACKED_UP_ELSEWHERE = ("backup_retention_period", "backup_window")
"""Taken over by AWS Backup once it backs the instance up continuously; followed, Terraform would be refused:
https://docs.aws.amazon.com/aws-backup/latest/devguide/point-in-time-recovery.html"""


class InstancePlace(Construct):
    """Everything around an instance that costs nothing, in every region: a restore finds it there and asks nobody."""

    def __init__(self, scope: Construct, id_: str, *, base: Foundation, spec: InstanceSpec) -> None:
        """Create subnet group, parameter group, security group and the logs' place.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            base: What the region stands on.
            spec: The instance's part of the description.
        """
        super().__init__(scope, id_)
        names = base.site.names
        self.identifier = names.of("database instance")
        self.security_group = SecurityGroup(
            self, "security-group", site=base.site, network=base.network, purpose="database"
        )
        self.subnet_group = DbSubnetGroup(
            self,
            "subnet-group",
            name=names.of("subnet group"),
            description=f"{names.prefix} data subnets",
            subnet_ids=base.network.data,
        ).name
        self.parameter_group = DbParameterGroup(
            self,
            "parameters",
            name=names.of("database parameter group", "instance"),
            family=f"{ENGINE}{spec.engine_version.split('.')[0]}",
            description=f"{names.prefix} instance",
            parameter=[
                DbParameterGroupParameter(name=name, value=value, apply_method="immediate")
                for name, value in PARAMETERS.items()
            ],
        ).name
        # Made first and with an end: RDS would make them with none.
        self.log_groups = [
            CloudwatchLogGroup(
                self,
                f"log-{log}",
                name=f"/aws/rds/instance/{self.identifier}/{log}",
                retention_in_days=base.site.log_days,
                kms_key_id=base.key.arn,
            )
            for log in LOGS
        ]

    def allow_from(self, client: SecurityGroup) -> None:
        """Let the members of a group connect."""
        self.security_group.allow_from(client, PORT)


class Instance(Construct):
    """The instance itself: encrypted, over two zones, its password known to Secrets Manager alone."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        base: Foundation,
        spec: InstanceSpec,
        place: InstancePlace,
        credentials: MasterCredentials,
    ) -> None:
        """Create the instance.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            base: What the region stands on.
            spec: The instance's part of the description.
            place: Where it runs.
            credentials: Master user.
        """
        super().__init__(scope, id_)
        self._base = base
        self._spec = spec
        self.resource = self._instance(place, credentials)
        self.identifier = place.identifier
        watch(self, base.pager, instance_alarms(place.identifier, spec))

    def _instance(self, place: InstancePlace, credentials: MasterCredentials) -> DbInstance:
        spec = self._spec
        return DbInstance(
            self,
            "instance",
            identifier=place.identifier,
            engine=ENGINE,
            engine_version=spec.engine_version,
            instance_class=spec.instance_class,
            multi_az=True,
            allocated_storage=spec.storage_gb,
            max_allocated_storage=spec.max_storage_gb,
            storage_type="gp3",
            storage_encrypted=True,
            kms_key_id=self._base.key.arn,
            db_name=spec.name,
            username=credentials.username,
            password_wo=credentials.password,
            password_wo_version=credentials.version,
            port=PORT,
            publicly_accessible=False,
            db_subnet_group_name=place.subnet_group,
            vpc_security_group_ids=[place.security_group.id],
            parameter_group_name=place.parameter_group,
            iam_database_authentication_enabled=True,
            backup_retention_period=spec.backup_retention_days,
            backup_window="02:00-03:00",
            maintenance_window="sun:04:00-sun:05:00",
            copy_tags_to_snapshot=True,
            auto_minor_version_upgrade=False,
            lifecycle=TerraformResourceLifecycle(ignore_changes=list(BACKED_UP_ELSEWHERE)),
            depends_on=place.log_groups,
            **self._kept(),
            **self._observed(),
        )

    def _kept(self) -> dict[str, Any]:
        """Say what protects the instance from being deleted or changed by mistake."""
        site = self._base.site
        return {
            "delete_automated_backups": not site.protected,
            "deletion_protection": site.protected,
            "skip_final_snapshot": not site.protected,
            "final_snapshot_identifier": site.names.of("database instance", "final") if site.protected else None,
            "apply_immediately": not site.protected,
        }

    def _observed(self) -> dict[str, Any]:
        """Say what is told about the instance."""
        monitoring = Role(
            self,
            "monitoring",
            site=self._base.site,
            purpose="database-monitoring",
            service="monitoring.rds.amazonaws.com",
        )
        monitoring.attach("publish", "service-role/AmazonRDSEnhancedMonitoringRole")
        return {
            "enabled_cloudwatch_logs_exports": list(LOGS),
            "monitoring_interval": MONITORING_SECONDS,
            "monitoring_role_arn": monitoring.arn,
            "performance_insights_enabled": True,
            "performance_insights_kms_key_id": self._base.key.arn,
            "performance_insights_retention_period": INSIGHTS_DAYS,
        }
