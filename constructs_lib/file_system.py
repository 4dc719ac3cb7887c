"""Files that tasks share: an EFS file system in every region, its replication, and who may mount it.

The standby's file system is the destination of the replication and read-only until a failover ends that. Both are
made by their own region; that one is copied to the other is said in the global stack.
"""

from __future__ import annotations

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.data_aws_efs_file_system import DataAwsEfsFileSystem
from cdktf_cdktf_provider_aws.data_aws_ssm_parameter import DataAwsSsmParameter
from cdktf_cdktf_provider_aws.efs_access_point import (
    EfsAccessPoint,
    EfsAccessPointPosixUser,
    EfsAccessPointRootDirectory,
    EfsAccessPointRootDirectoryCreationInfo,
)
from cdktf_cdktf_provider_aws.efs_backup_policy import EfsBackupPolicy, EfsBackupPolicyBackupPolicy
from cdktf_cdktf_provider_aws.efs_file_system import (
    EfsFileSystem,
    EfsFileSystemLifecyclePolicy,
    EfsFileSystemProtection,
)
from cdktf_cdktf_provider_aws.efs_file_system_policy import EfsFileSystemPolicy
from cdktf_cdktf_provider_aws.efs_mount_target import EfsMountTarget
from cdktf_cdktf_provider_aws.efs_replication_configuration import (
    EfsReplicationConfiguration,
    EfsReplicationConfigurationDestination,
)
from constructs import Construct

from constructs_lib.alarms import Alarm, watch
from constructs_lib.foundation import Foundation
from constructs_lib.peer import Peer
from constructs_lib.policy import Statement, document
from constructs_lib.role import Role
from constructs_lib.security_group import SecurityGroup
from deployments.containers import FileSystem as FileSystemSpec
from deployments.failover.plan import SWITCH

NFS = 2049
NAMESPACE = "AWS/EFS"
CLIENT_ACTIONS = (
    "elasticfilesystem:ClientMount",
    "elasticfilesystem:ClientWrite",
    "elasticfilesystem:ClientRootAccess",
)


class FileSystem(Construct):
    """One region's file system: encrypted, a mount target in every zone, one folder behind an access point."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        base: Foundation,
        spec: FileSystemSpec,
        owner: str,
        is_replica: bool,
        backed_up: bool,
    ) -> None:
        """Create the file system.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            base: What the region stands on.
            spec: The file system's part of the description.
            owner: Numeric user and group that own the folder, as `1000:1000`. Everything written is theirs.
            is_replica: Whether replication may overwrite it; AWS protects every other file system from that.
            backed_up: Whether the system's own plan backs it up. Else AWS Backup's default plan does.
        """
        super().__init__(scope, id_)
        self._base = base
        self.security_group = SecurityGroup(
            self, "security-group", site=base.site, network=base.network, purpose="file-system"
        )
        self.resource = self._file_system(spec, is_replica=is_replica)
        self.id, self.arn = self.resource.id, self.resource.arn
        self.mount_targets = [
            EfsMountTarget(
                self,
                f"mount-target-{zone}",
                file_system_id=self.id,
                subnet_id=subnet,
                security_groups=[self.security_group.id],
            )
            for zone, subnet in enumerate(base.network.data)
        ]
        self.access_point = self._access_point(spec.path, owner)
        EfsFileSystemPolicy(self, "policy", file_system_id=self.id, policy=self._policy())
        status = "DISABLED" if backed_up else "ENABLED"
        EfsBackupPolicy(
            self,
            "backup-policy",
            file_system_id=self.id,
            backup_policy=EfsBackupPolicyBackupPolicy(status=status),
        )
        watch(self, base.pager, self._alarms())

    def allow_from(self, client: SecurityGroup) -> None:
        """Let the members of a group connect."""
        self.security_group.allow_from(client, NFS)

    def grant_mount(self, role: Role) -> None:
        """Let a role read and write through the access point, and through nothing else."""
        role.allow(
            "mount-files",
            Statement(
                sid="Mount",
                actions=("elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"),
                resources=(self.arn,),
                conditions={"StringEquals": {"elasticfilesystem:AccessPointArn": self.access_point.arn}},
            ),
        )

    def _file_system(self, spec: FileSystemSpec, *, is_replica: bool) -> EfsFileSystem:
        names = self._base.site.names
        days = spec.cold_after_days
        return EfsFileSystem(
            self,
            "file-system",
            creation_token=names.prefix,
            encrypted=True,
            kms_key_id=self._base.key.arn,
            performance_mode="generalPurpose",
            throughput_mode="elastic",
            lifecycle_policy=[
                EfsFileSystemLifecyclePolicy(transition_to_ia=f"AFTER_{days}_DAY{'S' if days > 1 else ''}"),
                EfsFileSystemLifecyclePolicy(transition_to_primary_storage_class="AFTER_1_ACCESS"),
            ],
            protection=EfsFileSystemProtection(replication_overwrite="DISABLED" if is_replica else "ENABLED"),
            # EFS itself says REPLICATING while it replicates, and a failback turns the direction round.
            lifecycle=TerraformResourceLifecycle(ignore_changes=["protection"]),
            tags={"Name": names.prefix},
        )

    def _access_point(self, path: str, owner: str) -> EfsAccessPoint:
        """Lead every client into one folder, as one user who is not root.

        A replica cannot make the folder; it arrives with the first replication.
        """
        uid, gid = (int(part) for part in owner.split(":"))
        return EfsAccessPoint(
            self,
            "access-point",
            file_system_id=self.id,
            posix_user=EfsAccessPointPosixUser(uid=uid, gid=gid),
            root_directory=EfsAccessPointRootDirectory(
                path=path,
                creation_info=EfsAccessPointRootDirectoryCreationInfo(owner_uid=uid, owner_gid=gid, permissions="0750"),
            ),
            tags={"Name": f"{self._base.site.names.prefix}-application"},
        )

    def _policy(self) -> str:
        """Refuse clients without TLS, and those that come past the access point. Anonymous ones have no permission.

        https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
        """
        return document(
            Statement(
                sid="TlsOnly",
                effect="Deny",
                principals=("*",),
                actions=CLIENT_ACTIONS,
                resources=(self.arn,),
                conditions={"Bool": {"aws:SecureTransport": "false"}},
            ),
            Statement(
                sid="AccessPointOnly",
                effect="Deny",
                principals=("*",),
                actions=CLIENT_ACTIONS,
                resources=(self.arn,),
                conditions={"StringNotEquals": {"elasticfilesystem:AccessPointArn": self.access_point.arn}},
            ),
        )

    def _alarms(self) -> list[Alarm]:
        return [
            Alarm(
                name="file-system-io",
                means="The file system is at the limit of its performance mode; tasks wait for their files.",
                namespace=NAMESPACE,
                metric="PercentIOLimit",
                dimensions={"FileSystemId": self.id},
                threshold=95,
                statistic="Average",
            )
        ]


class FileSystemReplication(Construct):
    """From the file system of the region that takes writes to that of the other one, in either direction.

    A failover ends the replication and EFS protects the former replica from then on. What replicates now is read from
    AWS at every plan, so that no plan wants back what a failover ended: a file system is overwritten only while
    another region takes writes, and only if somebody, or its first apply, has said that it may be.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        source: Peer,
        source_id: str,
        target: Peer,
        target_id: str,
        rpo_seconds: int,
    ) -> None:
        """Create the replication, what turns it round after a failover, and watch how old the replica is.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            source: Region of the file system that is written before any failover.
            source_id: Its id.
            target: Region of the replica.
            target_id: Its id.
            rpo_seconds: How old the replica may be before a person is told.
        """
        super().__init__(scope, id_)
        self._rpo_seconds = rpo_seconds
        self.resource = self._replicate("replication", (source, source_id), (target, target_id))
        self.failback = self._replicate("failback", (target, target_id), (source, source_id))

    def _replicate(self, id_: str, source: tuple[Peer, str], target: tuple[Peer, str]) -> EfsReplicationConfiguration:
        """Replicate from one to the other while that may be."""
        (origin, source_id), (there, target_id) = source, target
        files = DataAwsEfsFileSystem(self, f"{id_}-target", file_system_id=target_id, provider=there.provider)
        switch = DataAwsSsmParameter(self, f"{id_}-switch", name=there.site.names.path(SWITCH), provider=there.provider)
        replication = EfsReplicationConfiguration(
            self,
            id_,
            source_file_system_id=source_id,
            destination=EfsReplicationConfigurationDestination(file_system_id=target_id, region=there.region),
            provider=origin.provider,
        )
        elsewhere = f'{switch.fqn}.insecure_value != "{there.region}"'
        allowed = f'{files.fqn}.protection[0].replication_overwrite != "ENABLED"'
        replication.add_override("count", f"${{{elsewhere} && {allowed} ? 1 : 0}}")
        lag = Alarm(
            name=f"file-system-lag-{there.region}",
            means=f"The replica in {there.region} is older than the file system's RPO; failing over loses more files.",
            namespace=NAMESPACE,
            metric="TimeSinceLastSync",
            dimensions={"FileSystemId": source_id, "DestinationFileSystemId": target_id},
            threshold=self._rpo_seconds,
        )
        watch(self, origin.pager, [lag])
        return replication
