"""RDS and Aurora: settings that AWS returns and moto forgets, and deletions that AWS refuses."""

from __future__ import annotations

import string
from collections.abc import Mapping

from moto.core.responses import ActionResult
from moto.moto_api._internal import mock_random
from moto.rds.exceptions import InvalidParameterCombination
from moto.rds.models import DBCluster, DBInstance, DBInstanceClustered, RDSBackend
from moto.rds.responses import RDSResponse

from lifeboat.local.embedded.gap import Gap
from lifeboat.local.embedded.gaps.rds_engines import CERTIFICATES, family

# Request arguments that moto drops, with what AWS returns when they are absent. ModifyDBCluster and
# ModifyDBInstance set an attribute named after each argument, so it is enough to begin with one.
CLUSTER_SETTINGS: Mapping[str, object] = {
    "ca_certificate_identifier": CERTIFICATES[0],
    "cluster_scalability_type": "standard",
    "database_insights_mode": "standard",
    "enable_iam_database_authentication": False,
    "enable_local_write_forwarding": False,
    "enable_performance_insights": False,
    "engine_lifecycle_support": "open-source-rds-extended-support",
    "monitoring_interval": 0,
    "monitoring_role_arn": None,
    "performance_insights_kms_key_id": None,
    "performance_insights_retention_period": None,
}
INSTANCE_SETTINGS: Mapping[str, object] = {
    "ca_certificate_identifier": CERTIFICATES[0],
    "database_insights_mode": "standard",
    "dedicated_log_volume": False,
    "enable_performance_insights": None,
    "engine_lifecycle_support": "open-source-rds-extended-support",
    "network_type": "IPV4",
    "performance_insights_kms_key_id": None,
    "performance_insights_retention_period": None,
}
DAYS_OF_PERFORMANCE_HISTORY = 7


def _default_key(backend: RDSBackend) -> str:
    """Return the ARN of the AWS-managed key for RDS in a region."""
    return str(backend.kms.describe_key("alias/aws/rds").arn)


def _remember(model: type, settings: Mapping[str, object]) -> None:
    """Have every object of a moto model keep these settings of the request that made it."""
    plain = model.__init__  # type: ignore[misc] # extended for every object alike

    def init(self: DBCluster | DBInstance, *args: object, **given: object) -> None:
        for name, absent in settings.items():
            value = given.get(name)
            setattr(self, name, absent if value is None else value)
        plain(self, *args, **given)

    model.__init__ = init  # type: ignore[misc] # see above


def _keep_cluster_settings() -> None:
    _remember(DBCluster, CLUSTER_SETTINGS)
    plain = DBCluster.__init__

    def init(self: DBCluster, *args: object, **given: object) -> None:
        plain(self, *args, **given)
        if not given.get("db_cluster_parameter_group_name"):
            self.parameter_group = f"default.{family(self.engine, self.engine_version)}"
        if not self.storage_encrypted:
            self.kms_key_id = None
        elif not given.get("kms_key_id"):
            self.kms_key_id = _default_key(self.backend)
        if self.engine.startswith("aurora") and not given.get("storage_type"):
            self.storage_type = "aurora"

    DBCluster.__init__ = init
    DBCluster.scaling_configuration_info = property(_serverless_v1_scaling)
    DBCluster.iam_database_authentication_enabled = property(lambda self: bool(self.enable_iam_database_authentication))
    DBCluster.enable_http_endpoint = property(
        lambda self: self._enable_http_endpoint,
        lambda self, value: setattr(self, "_enable_http_endpoint", bool(value)),
    )


def _serverless_v1_scaling(self: DBCluster) -> dict[str, object] | None:
    """Return the scaling of a Serverless v1 cluster; AWS returns no such block for any other."""
    scaling = self.scaling_configuration
    if not scaling:
        return None
    return {
        "MinCapacity": scaling.get("min_capacity"),
        "MaxCapacity": scaling.get("max_capacity"),
        "AutoPause": scaling.get("auto_pause"),
        "SecondsUntilAutoPause": scaling.get("seconds_until_auto_pause"),
        "TimeoutAction": scaling.get("timeout_action"),
        "SecondsBeforeTimeout": scaling.get("seconds_before_timeout"),
    }


def _keep_instance_settings() -> None:
    _remember(DBInstance, INSTANCE_SETTINGS)
    plain = DBInstance.__init__

    def init(self: DBInstance, *args: object, **given: object) -> None:
        plain(self, *args, **given)
        self.ca_certificate_identifier = given.get("ca_certificate_identifier") or CERTIFICATES[0]
        letters = (mock_random.choice(string.ascii_uppercase + string.digits) for _ in range(26))
        self.dbi_resource_id = f"db-{''.join(letters)}"
        if not isinstance(self, DBInstanceClustered) and self.storage_encrypted and not given.get("kms_key_id"):
            self.kms_key_id = _default_key(self.backend)

    DBInstance.__init__ = init


def _report_performance_insights() -> None:
    for model in (DBCluster, DBInstance):
        model.performance_insights_enabled = property(_insights_enabled)
    plain_cluster, plain_instance = DBCluster.__init__, DBInstance.__init__

    def init_cluster(self: DBCluster, *args: object, **given: object) -> None:
        plain_cluster(self, *args, **given)
        _complete_insights(self)

    def init_instance(self: DBInstance, *args: object, **given: object) -> None:
        plain_instance(self, *args, **given)
        _complete_insights(self)

    DBCluster.__init__, DBInstance.__init__ = init_cluster, init_instance


def _insights_enabled(self: DBCluster | DBInstance) -> bool:
    """Tell whether Performance Insights is on; an instance that does not say follows its cluster."""
    enabled = self.enable_performance_insights
    if enabled is None:
        cluster = _cluster_of(self)
        enabled = cluster is not None and cluster.enable_performance_insights
    return bool(enabled)


def _cluster_of(self: DBCluster | DBInstance) -> DBCluster | None:
    """Return the cluster of an instance that is in one, even while the instance is being made."""
    return None if isinstance(self, DBCluster) else self.backend.clusters.get(self.db_cluster_identifier or "")


def _complete_insights(self: DBCluster | DBInstance) -> None:
    if not _insights_enabled(self):
        return
    cluster = _cluster_of(self)
    for name in ("performance_insights_kms_key_id", "performance_insights_retention_period", "database_insights_mode"):
        if cluster is not None and getattr(self, name) in {None, "standard"}:
            setattr(self, name, getattr(cluster, name))
    self.performance_insights_kms_key_id = self.performance_insights_kms_key_id or _default_key(self.backend)
    self.performance_insights_retention_period = (
        self.performance_insights_retention_period or DAYS_OF_PERFORMANCE_HISTORY
    )


def _change_log_exports() -> None:
    plain = RDSBackend.modify_db_cluster

    def modify_db_cluster(self: RDSBackend, settings: Mapping[str, object]) -> DBCluster:
        changed = plain(self, settings)
        exports = settings.get("cloudwatch_logs_export_configuration")
        if isinstance(exports, Mapping):
            cluster = self.clusters[changed.db_cluster_identifier]
            kept = set(cluster.enabled_cloudwatch_logs_exports) - set(exports.get("DisableLogTypes") or ())
            cluster.enabled_cloudwatch_logs_exports = sorted(kept | set(exports.get("EnableLogTypes") or ()))
        return changed

    RDSBackend.modify_db_cluster = modify_db_cluster


def _delete_clusters_as_aws() -> None:
    plain_call, plain = RDSResponse.delete_db_cluster, RDSBackend.delete_db_cluster

    def delete_db_cluster_call(self: RDSResponse) -> ActionResult:
        if not self.params.get("SkipFinalSnapshot") and not self.params.get("FinalDBSnapshotIdentifier"):
            raise InvalidParameterCombination(
                "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified."
            )
        return plain_call(self)

    def delete_db_cluster(self: RDSBackend, cluster_identifier: str, snapshot_name: str | None = None) -> DBCluster:
        cluster = plain(self, cluster_identifier, snapshot_name)
        for name, snapshot in list(self.cluster_snapshots.items()):
            if snapshot.snapshot_type == "automated" and snapshot.cluster.arn == cluster.arn:
                del self.cluster_snapshots[name]
        return cluster

    RDSResponse.delete_db_cluster, RDSBackend.delete_db_cluster = delete_db_cluster_call, delete_db_cluster


GAPS = (
    Gap(
        name="rds.cluster_settings",
        missing="Monitoring, Database Insights, lifecycle support, CA and default key of a cluster are not returned.",
        matters="Terraform would plan the same changes for ever.",
        fill=_keep_cluster_settings,
    ),
    Gap(
        name="rds.instance_settings",
        missing="Every instance has the same resource id; insights mode and default key are not returned.",
        matters="Two instances could not be told apart in IAM policies and metrics.",
        fill=_keep_instance_settings,
    ),
    Gap(
        name="rds.performance_insights",
        missing="Performance Insights are never on.",
        matters="Terraform would plan to switch them on for ever.",
        fill=_report_performance_insights,
    ),
    Gap(
        name="rds.log_exports",
        missing="ModifyDBCluster ignores changes of the log exports.",
        matters="Switching on a log export would never converge.",
        fill=_change_log_exports,
    ),
    Gap(
        name="rds.delete_cluster",
        missing="A cluster is deleted without a word about a final snapshot, and its automated backups stay.",
        matters="A production cluster without a final snapshot would be found out in production.",
        fill=_delete_clusters_as_aws,
    ),
)
