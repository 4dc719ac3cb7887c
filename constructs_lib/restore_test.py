"""Restore tests: AWS restores the newest recovery points on a schedule, looks whether that worked, and cleans up."""

from __future__ import annotations

from collections.abc import Mapping

from cdktf_cdktf_provider_aws.backup_restore_testing_plan import (
    BackupRestoreTestingPlan,
    BackupRestoreTestingPlanRecoveryPointSelection,
)
from cdktf_cdktf_provider_aws.backup_restore_testing_selection import BackupRestoreTestingSelection
from constructs import Construct

from constructs_lib.backup import Backup
from constructs_lib.foundation import Foundation

SCHEDULES = {"weekly": "cron(0 6 ? * SUN *)", "monthly": "cron(0 6 1 * ? *)"}
WINDOW_DAYS = 7
VALIDATION_HOURS = 4
"""Time to look at what was restored, before AWS deletes it."""


class RestoreTest(Construct):
    """A region's restore tests: of its own backups in the primary, of the copies in a standby.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        base: Foundation,
        backup: Backup,
        every: str,
        kinds: Mapping[str, Mapping[str, str]],
    ) -> None:
        """Create the plan and what it restores.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            base: What the region stands on.
            backup: The region's vault, and the role that restores.
            every: `weekly` or `monthly`.
            kinds: For each type of resource (as AWS Backup calls it) the settings that a restore needs here:
                https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing-inferred-metadata.html
        """
        super().__init__(scope, id_)
        name = _underscored(base.site.names.of("backup plan", "test"))
        plan = BackupRestoreTestingPlan(
            self,
            "plan",
            name=name,
            schedule_expression=SCHEDULES[every],
            recovery_point_selection=[
                BackupRestoreTestingPlanRecoveryPointSelection(
                    algorithm="LATEST_WITHIN_WINDOW",
                    include_vaults=[backup.vault.arn],
                    recovery_point_types=["CONTINUOUS", "SNAPSHOT"],
                    selection_window_days=WINDOW_DAYS,
                )
            ],
        )
        self.name = plan.name
        for kind, settings in kinds.items():
            BackupRestoreTestingSelection(
                self,
                f"selection-{kind.lower()}",
                name=kind.lower(),
                restore_testing_plan_name=plan.name,
                protected_resource_type=kind,
                protected_resource_arns=["*"],
                iam_role_arn=backup.role.arn,
                restore_metadata_overrides=dict(settings) or None,
                validation_window_hours=VALIDATION_HOURS,
            )


def _underscored(name: str) -> str:
    """AWS takes letters, digits and underscores here and nowhere else.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RestoreTestingPlanForCreate.html
    """
    return name.replace("-", "_")
