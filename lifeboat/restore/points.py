"""Recovery points in the standby's vault: the newest of each resource, and how much was written since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from lifeboat.restore.checks import Connect
from lifeboat.restore.targets import Standby, Target

if TYPE_CHECKING:
    from mypy_boto3_backup.type_defs import RecoveryPointByBackupVaultTypeDef


@dataclass(frozen=True, kw_only=True)
class Point:
    """A recovery point.

    Attributes:
        arn: What a restore names.
        created: When the resource was backed up.
        bytes: How large it is. 0: AWS does not say.
    """

    arn: str
    created: datetime
    bytes: int = 0

    def loss_seconds(self, failed_at: datetime) -> int:
        """What was written after this point and before the failure, in seconds of writes."""
        return max(0, round((failed_at - self.created).total_seconds()))


@dataclass(frozen=True, kw_only=True)
class Found:
    """A target and what there is to restore it from.

    Attributes:
        target: What is to be restored.
        point: The newest recovery point of the time before the failure. None: the vault has none.
        loss_seconds: What a restore from it loses. None: there is no point.
    """

    target: Target
    point: Point | None
    loss_seconds: int | None

    @property
    def keeps_rpo(self) -> bool:
        """Whether the loss is within the tier's RPO."""
        return self.loss_seconds is not None and self.loss_seconds <= self.target.rpo_seconds


def find(connect: Connect, standby: Standby, wanted: Sequence[Target], failed_at: datetime) -> list[Found]:
    """Find the newest recovery point of every target that is older than the failure."""
    pages = connect("backup").get_paginator("list_recovery_points_by_backup_vault")
    listed = [point for page in pages.paginate(BackupVaultName=standby.vault) for point in page["RecoveryPoints"]]
    points = [point for point in listed if point.get("Status") == "COMPLETED"]
    return [_newest(connect, target, points, failed_at) for target in wanted]


def _newest(
    connect: Connect, target: Target, points: Sequence[RecoveryPointByBackupVaultTypeDef], failed_at: datetime
) -> Found:
    # The whole end of the ARN: another copy of the system may share the account.
    listed = [p for p in points if p.get("ResourceType") == target.kind and p["ResourceArn"].endswith(target.source)]
    taken = _taken(connect, target) if listed and target.kind == "RDS" else {}
    own = [
        Point(
            arn=point["RecoveryPointArn"],
            created=taken.get(point["RecoveryPointArn"], point["CreationDate"]),
            bytes=point.get("BackupSizeInBytes", 0),
        )
        for point in listed
    ]
    # What was backed up after the failure may hold the very damage that is to be undone.
    before = [point for point in own if point.created <= failed_at]
    newest = max(before, key=lambda point: point.created, default=None)
    return Found(target=target, point=newest, loss_seconds=newest.loss_seconds(failed_at) if newest else None)


def _taken(connect: Connect, target: Target) -> dict[str, datetime]:
    """Return when the snapshots behind recovery points were taken: a copy is younger than what it holds.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBSnapshot.html
    """
    pages = connect("rds").get_paginator("describe_db_snapshots").paginate(DBInstanceIdentifier=target.name)
    snapshots = [snapshot for page in pages for snapshot in page["DBSnapshots"]]
    return {
        snapshot["DBSnapshotArn"]: snapshot["OriginalSnapshotCreateTime"]
        for snapshot in snapshots
        if "OriginalSnapshotCreateTime" in snapshot
    }
