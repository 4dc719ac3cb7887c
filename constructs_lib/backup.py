"""Backups: what replication copies along with the mistake, backups undo. Kept locked, and copied to another region."""

from __future__ import annotations

from collections.abc import Mapping

from cdktf_cdktf_provider_aws.backup_plan import (
    BackupPlan,
    BackupPlanRule,
    BackupPlanRuleCopyAction,
    BackupPlanRuleCopyActionLifecycle,
    BackupPlanRuleLifecycle,
)
from cdktf_cdktf_provider_aws.backup_selection import BackupSelection
from cdktf_cdktf_provider_aws.backup_vault import BackupVault
from cdktf_cdktf_provider_aws.backup_vault_lock_configuration import BackupVaultLockConfiguration
from constructs import Construct

from constructs_lib.alarms import Alarm, watch
from constructs_lib.foundation import Foundation
from constructs_lib.role import Role
from deployments.model import Backup as BackupSpec

GRACE_DAYS = 3
"""After this a lock can never be taken off again; three days is AWS's minimum:
https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html"""
START_WITHIN_MINUTES = 60
COMPLETE_WITHIN_MINUTES = 240
HOURS_OF_A_DAY = 24
NIGHTLY = "cron(0 4 * * ? *)"
MANAGED_POLICIES = {
    "backup": "service-role/AWSBackupServiceRolePolicyForBackup",
    "restore": "service-role/AWSBackupServiceRolePolicyForRestores",
    "backup-s3": "AWSBackupServiceRolePolicyForS3Backup",
    "restore-s3": "AWSBackupServiceRolePolicyForS3Restore",
}


class Backup(Construct):
    """A region's vault, and the plan that fills it and the next region's."""

    def __init__(self, scope: Construct, id_: str, *, base: Foundation, spec: BackupSpec, copy_to: str | None) -> None:
        """Create vault, lock and plan; nothing is backed up until `protect` names it.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            base: What the region stands on.
            spec: The backup's part of the description.
            copy_to: Region that receives the copies, in its vault of the same name. Absent: no copies.
        """
        super().__init__(scope, id_)
        self._base = base
        self._spec = spec
        site = base.site
        self.vault = BackupVault(
            self,
            "vault",
            name=site.names.of("backup vault"),
            kms_key_arn=base.key.arn,
            force_destroy=not site.protected,
        )
        BackupVaultLockConfiguration(
            self,
            "lock",
            backup_vault_name=self.vault.name,
            min_retention_days=min(self._kept_days),
            max_retention_days=max(self._kept_days),
            # Compliance mode, which nobody can undo, only where the data is to be kept; else governance mode.
            changeable_for_days=GRACE_DAYS if site.protected else None,
        )
        self.plan = self._plan(copy_to)
        # In a standby, too, where nothing is backed up: a recovery makes no role.
        self.role = Role(self, "role", site=site, purpose="backup", service="backup.amazonaws.com")
        for policy_id, policy in MANAGED_POLICIES.items():
            self.role.attach(policy_id, policy)
        base.key.grant_use(self.role)
        watch(self, base.pager, self._alarms(copied=copy_to is not None))

    def protect(self, resources: Mapping[str, str]) -> None:
        """Back up resources.

        Args:
            resources: ARN by what the resource is; the names only serve to keep the order.
        """
        BackupSelection(
            self,
            "selection",
            name=self._base.site.names.of("backup plan"),
            plan_id=self.plan.id,
            iam_role_arn=self.role.arn,
            resources=list(resources.values()),
        )
        if self._spec.every_hours < HOURS_OF_A_DAY:
            watch(self, self._base.pager, [self._overdue()])

    @property
    def _kept_days(self) -> list[int]:
        """How long recovery points are kept: the vault refuses what is outside of its lock's limits."""
        days = [self._spec.retention_days, self._spec.copy_retention_days]
        return [*days, self._spec.continuous_days] if self._spec.continuous else days

    def _plan(self, copy_to: str | None) -> BackupPlan:
        spec, site = self._spec, self._base.site
        copies = []
        if copy_to:
            vault = f"arn:{site.partition}:backup:{copy_to}:{site.account}:backup-vault:{self.vault.name}"
            copies = [
                BackupPlanRuleCopyAction(
                    destination_vault_arn=vault,
                    lifecycle=BackupPlanRuleCopyActionLifecycle(delete_after=spec.copy_retention_days),
                )
            ]
        return BackupPlan(
            self,
            "plan",
            name=site.names.of("backup plan"),
            rule=[
                BackupPlanRule(
                    rule_name="scheduled",
                    target_vault_name=self.vault.name,
                    schedule=spec.cron,
                    start_window=START_WITHIN_MINUTES,
                    completion_window=COMPLETE_WITHIN_MINUTES,
                    lifecycle=BackupPlanRuleLifecycle(delete_after=spec.retention_days),
                    copy_action=copies,
                ),
                *([self._continuous()] if spec.continuous else []),
            ],
        )

    def _continuous(self) -> BackupPlanRule:
        """Keep every change, so that a resource can be put back to any second. What cannot do that is backed up daily.

        https://docs.aws.amazon.com/aws-backup/latest/devguide/point-in-time-recovery.html
        """
        return BackupPlanRule(
            rule_name="continuous",
            target_vault_name=self.vault.name,
            schedule=NIGHTLY,
            enable_continuous_backup=True,
            lifecycle=BackupPlanRuleLifecycle(delete_after=self._spec.continuous_days),
        )

    def _overdue(self) -> Alarm:
        """Tell a person of silence: a backup that was never started fails nowhere."""
        hours = self._spec.every_hours
        return Alarm(
            name="backup-overdue",
            means=f"No backup has been completed for {2 * hours} h; one is due every {hours} h.",
            namespace="AWS/Backup",
            metric="NumberOfBackupJobsCompleted",
            dimensions={"BackupVaultName": self._base.site.names.of("backup vault")},
            threshold=1,
            comparison="LessThanThreshold",
            statistic="Sum",
            period=hours * 3600,
            periods=2,
            missing="breaching",
        )

    def _alarms(self, *, copied: bool) -> list[Alarm]:
        here = {"BackupVaultName": self._base.site.names.of("backup vault")}
        rows = [("backup-failed", "NumberOfBackupJobsFailed", "A backup failed; the newest recovery point grows old.")]
        if copied:
            rows.append(("backup-copy-failed", "NumberOfCopyJobsFailed", "A backup did not reach the other region."))
        if self._spec.restore_test:
            means = "A backup could not be restored: what a recovery stands on does not hold."
            rows.append(("backup-restore-failed", "NumberOfRestoreJobsFailed", means))
        return [
            Alarm(
                name=name,
                means=means,
                namespace="AWS/Backup",
                metric=metric,
                dimensions=here,
                threshold=0,
                statistic="Sum",
                period=3600,
                periods=1,
            )
            for name, metric, means in rows
        ]
