"""Files: encrypted, mounted in every zone, reached through one folder, and replicated to the standby."""

from __future__ import annotations

from tests.integration.policies import statements
from tests.integration.system import Region, System


def test_the_file_system_is_encrypted_with_the_regions_own_key(region: Region) -> None:
    (found,) = region.aws.efs.describe_file_systems(FileSystemId=region.text("file_system_id"))["FileSystems"]
    assert (found["Encrypted"], found["KmsKeyId"]) == (True, region.text("key_arn"))
    assert found["ThroughputMode"] == "elastic"


def test_every_zone_has_a_mount_target_in_the_data_tier(region: Region) -> None:
    targets = region.aws.efs.describe_mount_targets(FileSystemId=region.text("file_system_id"))["MountTargets"]
    assert {target["SubnetId"] for target in targets} == set(region.texts("data_subnet_ids"))
    for target in targets:
        groups = region.aws.efs.describe_mount_target_security_groups(MountTargetId=target["MountTargetId"])
        assert groups["SecurityGroups"] == [region.text("file_system_security_group_id")]


def test_the_access_point_leads_into_one_folder_as_nobody_special(region: Region) -> None:
    (found,) = region.aws.efs.describe_access_points(AccessPointId=region.text("file_system_access_point_id"))[
        "AccessPoints"
    ]
    assert found["FileSystemId"] == region.text("file_system_id")
    assert found["PosixUser"]["Uid"] > 0
    assert found["RootDirectory"]["Path"] != "/"


def test_clients_without_tls_or_past_the_access_point_are_refused(region: Region) -> None:
    policy = region.aws.efs.describe_file_system_policy(FileSystemId=region.text("file_system_id"))["Policy"]
    refused = [each for each in statements(policy) if each.effect == "Deny"]
    assert {key for each in refused for key in each.condition_keys} == {
        "aws:securetransport",
        "elasticfilesystem:accesspointarn",
    }


def test_the_primarys_files_are_replicated_to_the_standbys_file_system(system: System) -> None:
    source = system.primary.text("file_system_id")
    (found,) = system.primary.aws.efs.describe_replication_configurations(FileSystemId=source)["Replications"]
    (destination,) = found["Destinations"]
    standby = system.standbys[0]
    assert found["SourceFileSystemId"] == source
    assert (destination["FileSystemId"], destination["Region"]) == (standby.text("file_system_id"), standby.name)
    assert destination["Status"] == "ENABLED"


def test_the_replica_takes_no_writes_but_replications(system: System) -> None:
    standby = system.standbys[0]
    (found,) = standby.aws.efs.describe_file_systems(FileSystemId=standby.text("file_system_id"))["FileSystems"]
    assert found["FileSystemProtection"]["ReplicationOverwriteProtection"] == "REPLICATING"


def test_backups_come_from_the_systems_own_plan(region: Region) -> None:
    name = region.text("file_system_id")
    assert region.aws.efs.describe_backup_policy(FileSystemId=name)["BackupPolicy"]["Status"] == "DISABLED"
    plan = region.text("backup_plan_id")
    (selection,) = region.aws.backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]
    chosen = region.aws.backup.get_backup_selection(BackupPlanId=plan, SelectionId=selection["SelectionId"])
    assert any(arn.endswith(name) for arn in chosen["BackupSelection"]["Resources"])
