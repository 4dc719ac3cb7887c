"""RDS and Aurora: settings that are read back, versions that are offered, deletions that are refused."""

from __future__ import annotations

import pytest

from tests.lifeboat.embedded.answers import answered, refusal
from tests.lifeboat.embedded.aurora import ENGINE, USER, Described, cluster, new_cluster, new_instance
from tests.lifeboat.embedded.aws import Aws, promises


def check_cluster_settings(aws: Aws) -> None:
    plain = cluster(aws, new_cluster(aws, **USER))
    assert plain["DBClusterParameterGroup"] == "default.aurora-postgresql16"
    assert (plain["StorageType"], plain["MonitoringInterval"]) == ("aurora", 0)
    assert "KmsKeyId" not in plain
    settings: Described = {
        "StorageEncrypted": True,
        "EnableIAMDatabaseAuthentication": True,
        "MonitoringInterval": 60,
        "MonitoringRoleArn": "arn:aws:iam::123456789012:role/monitoring",
        "DatabaseInsightsMode": "advanced",
    }
    name = new_cluster(aws, **USER, **settings)
    full = cluster(aws, name)
    assert {key: full[key] for key in ("MonitoringInterval", "MonitoringRoleArn", "DatabaseInsightsMode")} == {
        key: settings[key] for key in ("MonitoringInterval", "MonitoringRoleArn", "DatabaseInsightsMode")
    }
    assert full["IAMDatabaseAuthenticationEnabled"] is True
    assert full["KmsKeyId"].startswith("arn:aws:kms:us-east-1:")
    aws("rds").modify_db_cluster(DBClusterIdentifier=name, EnableIAMDatabaseAuthentication=False)
    assert cluster(aws, name)["IAMDatabaseAuthenticationEnabled"] is False


def check_instance_settings(aws: Aws) -> None:
    name = new_cluster(aws, **USER)
    one, other = new_instance(aws, name), new_instance(aws, name)
    assert one["DbiResourceId"] != other["DbiResourceId"]
    assert one["DatabaseInsightsMode"] == "standard"
    assert one["CACertificateIdentifier"] == "rds-ca-rsa2048-g1"


def check_performance_insights(aws: Aws) -> None:
    name = new_cluster(aws, **USER)
    instance = new_instance(aws, name, EnablePerformanceInsights=True, PerformanceInsightsRetentionPeriod=465)
    assert instance["PerformanceInsightsEnabled"] is True
    assert instance["PerformanceInsightsRetentionPeriod"] == 465
    assert instance["PerformanceInsightsKMSKeyId"].startswith("arn:aws:kms:us-east-1:")
    followed = new_cluster(aws, **USER, EnablePerformanceInsights=True, DatabaseInsightsMode="advanced")
    follower = new_instance(aws, followed)
    assert follower["PerformanceInsightsEnabled"] is True
    assert (follower["PerformanceInsightsRetentionPeriod"], follower["DatabaseInsightsMode"]) == (7, "advanced")


def check_log_exports_change(aws: Aws) -> None:
    name = new_cluster(aws, **USER, EnableCloudwatchLogsExports=["instance"])
    exports = {"EnableLogTypes": ["postgresql"], "DisableLogTypes": ["instance"]}
    aws("rds").modify_db_cluster(DBClusterIdentifier=name, CloudwatchLogsExportConfiguration=exports)
    assert cluster(aws, name)["EnabledCloudwatchLogsExports"] == ["postgresql"]


def check_a_deleted_cluster_leaves_only_its_final_snapshot(aws: Aws) -> None:
    rds, name = aws("rds"), new_cluster(aws, **USER)
    assert "FinalDBSnapshotIdentifier is required" in refusal(lambda: rds.delete_db_cluster(DBClusterIdentifier=name))
    rds.delete_db_cluster(DBClusterIdentifier=name, FinalDBSnapshotIdentifier=f"{name}-final")
    snapshots = rds.describe_db_cluster_snapshots(DBClusterIdentifier=name)["DBClusterSnapshots"]
    assert [one["DBClusterSnapshotIdentifier"] for one in snapshots] == [f"{name}-final"]


def check_parameters_are_reset(aws: Aws) -> None:
    rds, name = aws("rds"), aws.name("group")
    family = {"DBParameterGroupFamily": "aurora-postgresql16", "Description": "d"}
    rds.create_db_cluster_parameter_group(DBClusterParameterGroupName=name, **family)
    parameters = [
        {"ParameterName": one, "ParameterValue": "60", "ApplyMethod": "immediate"}
        for one in ("rds.global_db_rpo", "work_mem")
    ]
    rds.modify_db_cluster_parameter_group(DBClusterParameterGroupName=name, Parameters=parameters)
    rds.reset_db_cluster_parameter_group(DBClusterParameterGroupName=name, Parameters=parameters[1:])
    left = rds.describe_db_cluster_parameters(DBClusterParameterGroupName=name)["Parameters"]
    assert [(one["ParameterName"], one["ParameterValue"]) for one in left] == [("rds.global_db_rpo", "60")]


def check_engine_versions(aws: Aws) -> None:
    offers = aws("rds").describe_db_engine_versions(Engine=ENGINE)["DBEngineVersions"]
    found = {offer["EngineVersion"]: offer for offer in offers}
    for version, family in (("16.8", "aurora-postgresql16"), ("17.7", "aurora-postgresql17")):
        assert found[version]["SupportsGlobalDatabases"] is True
        assert found[version]["DBParameterGroupFamily"] == family
    upgrades = {one["EngineVersion"]: one["IsMajorVersionUpgrade"] for one in found["16.8"]["ValidUpgradeTarget"]}
    assert upgrades == {"16.9": False, "17.4": True, "17.5": True, "17.6": True, "17.7": True}
    default = aws("rds").describe_db_engine_versions(Engine=ENGINE, DefaultOnly=True)["DBEngineVersions"]
    assert len(default) == 1


def check_orderable_options(aws: Aws) -> None:
    def classes(engine: str, version: str, class_: str) -> set[str]:
        options = aws("rds").describe_orderable_db_instance_options(
            Engine=engine, EngineVersion=version, DBInstanceClass=class_
        )["OrderableDBInstanceOptions"]
        return {option["DBInstanceClass"] for option in options}

    assert classes(ENGINE, "16.8", "db.serverless") == {"db.serverless"}
    assert classes(ENGINE, "16.8", "db.r6g.large") == {"db.r6g.large"}
    assert classes(ENGINE, "16.8", "db.m6g.large") == set()
    assert classes("postgres", "16.8", "db.serverless") == set()


def check_unknown_versions_are_refused(aws: Aws) -> None:
    wrong = refusal(lambda: new_cluster(aws, EngineVersion="16.99", **USER))
    assert "Cannot find version 16.99 for aurora-postgresql" in wrong
    assert cluster(aws, new_cluster(aws, EngineVersion="17", **USER))["EngineVersion"] == "17.7"


def check_parameters_tell_who_set_them(aws: Aws) -> None:
    rds, name = aws("rds"), aws.name("group")
    rds.create_db_parameter_group(
        DBParameterGroupName=name, DBParameterGroupFamily="aurora-postgresql16", Description="d"
    )
    parameter = {"ParameterName": "work_mem", "ParameterValue": "8", "ApplyMethod": "immediate"}
    rds.modify_db_parameter_group(DBParameterGroupName=name, Parameters=[parameter])
    read = rds.describe_db_parameters(DBParameterGroupName=name, Source="user")["Parameters"]
    assert read == [parameter | {"Source": "user", "IsModifiable": True}]
    assert rds.describe_db_parameters(DBParameterGroupName=name, Source="system")["Parameters"] == []


def check_backups_are_replicated(aws: Aws) -> None:
    east, west, name = aws("rds"), aws("rds", "us-west-2"), aws.name("instance")
    asked = {"DBInstanceClass": "db.m6g.large", "Engine": "postgres", "AllocatedStorage": 20, "StorageEncrypted": True}
    arn = east.create_db_instance(DBInstanceIdentifier=name, **asked, **USER)["DBInstance"]["DBInstanceArn"]
    source = {"SourceDBInstanceArn": arn}
    needs_key = refusal(lambda: west.start_db_instance_automated_backups_replication(**source))
    assert "KmsKeyId is required" in needs_key
    key = "arn:aws:kms:us-west-2:123456789012:key/west"
    started = west.start_db_instance_automated_backups_replication(**source, KmsKeyId=key, BackupRetentionPeriod=14)
    found = {"DBInstanceAutomatedBackupsArn": started["DBInstanceAutomatedBackup"]["DBInstanceAutomatedBackupsArn"]}
    (backup,) = west.describe_db_instance_automated_backups(**found)["DBInstanceAutomatedBackups"]
    assert (backup["Status"], backup["BackupRetentionPeriod"], backup["Region"]) == ("replicating", 14, "us-east-1")
    instance = east.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    assert instance["DBInstanceAutomatedBackupsReplications"] == [found]
    west.stop_db_instance_automated_backups_replication(**source)
    gone = refusal(lambda: west.describe_db_instance_automated_backups(**found))
    assert "DBInstanceAutomatedBackupNotFound" in gone


def check_a_replica_in_another_region_comes_and_goes(aws: Aws) -> None:
    east, west, name = aws("rds"), aws("rds", "us-west-2"), aws.name("instance")
    asked = {"DBInstanceClass": "db.m6g.large", "Engine": "postgres", "AllocatedStorage": 20, "StorageEncrypted": True}
    source = east.create_db_instance(DBInstanceIdentifier=name, **asked, **USER)["DBInstance"]
    there = {"DBInstanceIdentifier": name, "SourceDBInstanceIdentifier": source["DBInstanceArn"]}
    assert "KmsKeyId" in refusal(lambda: west.create_db_instance_read_replica(**there))
    key = "arn:aws:kms:us-west-2:123456789012:key/west"
    replica = west.create_db_instance_read_replica(**there, KmsKeyId=key)["DBInstance"]
    assert (replica["AvailabilityZone"], replica["KmsKeyId"]) == ("us-west-2a", key)
    assert replica["DbiResourceId"] != source["DbiResourceId"]
    assert replica["BackupRetentionPeriod"] == 0
    west.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    left = east.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    assert left["ReadReplicaDBInstanceIdentifiers"] == []


CHECKS = {
    "rds.replicas": check_a_replica_in_another_region_comes_and_goes,
    "rds.replicated_backups": check_backups_are_replicated,
    "rds.cluster_settings": check_cluster_settings,
    "rds.instance_settings": check_instance_settings,
    "rds.performance_insights": check_performance_insights,
    "rds.log_exports": check_log_exports_change,
    "rds.delete_cluster": check_a_deleted_cluster_leaves_only_its_final_snapshot,
    "rds.parameter_source": check_parameters_tell_who_set_them,
    "rds.reset_parameters": check_parameters_are_reset,
    "rds.engine_versions": check_engine_versions,
    "rds.orderable_options": check_orderable_options,
    "rds.engine_version_check": check_unknown_versions_are_refused,
}
test_embedded_aws_does, test_plain_moto_does_not = promises({name: answered(check) for name, check in CHECKS.items()})


@pytest.mark.parametrize("call", ["describe_db_clusters", "describe_global_clusters", "describe_db_instances"])
def test_the_master_password_is_never_answered(embedded_aws: Aws, call: str) -> None:
    new_instance(embedded_aws, new_cluster(embedded_aws, **USER))
    assert USER["MasterUserPassword"] not in str(getattr(embedded_aws("rds"), call)())
