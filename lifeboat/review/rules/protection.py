"""Protection of data and of recovery that a change lowers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lifeboat.report.model import Severity
from lifeboat.review.comparison import BlockChange, Comparison, StackChange, What
from lifeboat.review.rules.rule import Found, Rule
from lifeboat.review.rules.settings import Setting, finder, gone, left, less, more, off, off_unless_absent, on, shorter

DELETION = (
    Setting(
        types=r"aws_.*",
        argument=r"(enable_)?deletion_protection(_enabled)?",
        check=off,
        title="deletion protection is switched off",
    ),
    Setting(types=r"aws_.*", argument=r"lifecycle\.prevent_destroy", check=off, title="Terraform may destroy it again"),
    Setting(types=r"aws_.*", argument=r"skip_final_snapshot", check=on, title="it is deleted without a last snapshot"),
    Setting(types=r"aws_.*", argument=r"force_destroy", check=on, title="it is deleted with everything in it"),
    Setting(types=r"aws_.*", argument=r"delete_automated_backups", check=on, title="its backups are deleted with it"),
    Setting(
        types=r"aws_(secretsmanager_secret|kms_key)",
        argument=r"recovery_window_in_days|deletion_window_in_days",
        check=less,
        title="after a deletion there is less time to bring it back",
    ),
)

RETENTION = (
    Setting(
        types=r"aws_(rds_cluster|db_instance)",
        argument=r"backup_retention_period",
        check=less,
        title="restore to a point in time reaches less far back",
    ),
    Setting(
        types=r"aws_elasticache_replication_group",
        argument=r"snapshot_retention_limit",
        check=less,
        title="fewer snapshots of the cache are kept",
    ),
    Setting(
        types=r"aws_cloudwatch_log_group", argument=r"retention_in_days", check=shorter, title="logs are kept less long"
    ),
    Setting(
        types=r"aws_backup_plan",
        argument=r"rule\.(copy_action\.)?lifecycle\.delete_after",
        check=less,
        title="backups are kept less long",
    ),
    Setting(
        types=r"aws_backup_plan",
        argument=r"rule\.copy_action\.destination_vault_arn",
        check=gone,
        title="backups no longer reach another vault",
    ),
    Setting(
        types=r"aws_backup_selection",
        argument=r"resources",
        check=gone,
        title="a resource is no longer backed up",
    ),
    Setting(
        types=r"aws_backup_vault_lock_configuration",
        argument=r"min_retention_days",
        check=less,
        title="the vault's lock lets backups go earlier",
    ),
    Setting(
        types=r"aws_dynamodb_table",
        argument=r"(replica\.)?point_in_time_recovery(\.enabled)?",
        check=off,
        title="the table can no longer be restored to a point in time",
    ),
    Setting(
        types=r"aws_s3_bucket_versioning",
        argument=r"versioning_configuration\.status",
        check=left("Enabled"),
        title="overwritten objects are gone, and replication stops",
    ),
    Setting(
        types=r"aws_s3_bucket_lifecycle_configuration",
        argument=r"rule\.noncurrent_version_expiration\.noncurrent_days",
        check=shorter,
        title="overwritten objects are kept less long",
    ),
)

STANDBY = (
    Setting(
        types=r"aws_dynamodb_table",
        argument=r"replica\.region_name",
        check=gone,
        title="a replica of the table is deleted",
    ),
    Setting(
        types=r"aws_rds_cluster",
        argument=r"global_cluster_identifier",
        check=gone,
        title="the cluster leaves its Global Database",
    ),
    Setting(
        types=r"aws_s3_bucket_replication_configuration",
        argument=r"rule\.status",
        check=left("Enabled"),
        title="objects no longer reach the other region",
    ),
    Setting(
        types=r"aws_secretsmanager_secret",
        argument=r"replica\.region",
        check=gone,
        title="a replica of the secret is deleted",
    ),
    Setting(
        types=r"aws_(db_instance|elasticache_replication_group)",
        argument=r"multi_az(_enabled)?|automatic_failover_enabled",
        check=off,
        title="there is no second zone to fail over to",
    ),
    Setting(
        types=r"aws_route53_record",
        argument=r"health_check_id",
        check=gone,
        title="the record no longer follows a health check, so it never fails over",
    ),
    Setting(
        types=r"aws_route53_record",
        argument=r"alias\.evaluate_target_health",
        check=off,
        title="the record no longer follows the health of its target",
    ),
    Setting(
        types=r"aws_route53_health_check",
        argument=r"failure_threshold|request_interval",
        check=more,
        title="a failure is noticed later",
    ),
    Setting(
        types=r"aws_lambda_function",
        argument=r"reserved_concurrent_executions",
        check=less,
        title="the function gets less concurrency",
    ),
    Setting(
        types=r"aws_.*", argument=r"performance_insights_enabled", check=off_unless_absent, title="insights are lost"
    ),
)


@dataclass(frozen=True, kw_only=True)
class Guardian:
    """A resource that only protects another.

    Attributes:
        types: Pattern of its type.
        what: What goes with it.
    """

    types: str
    what: str


GUARDIANS = (
    Guardian(types=r"aws_s3_bucket_public_access_block", what="the bucket may be made public"),
    Guardian(types=r"aws_s3_bucket_versioning", what="overwritten objects cannot be brought back"),
    Guardian(types=r"aws_s3_bucket_server_side_encryption_configuration", what="objects are encrypted by S3's own key"),
    Guardian(types=r"aws_s3_bucket_logging", what="access to the bucket is no longer logged"),
    Guardian(types=r"aws_s3_bucket_replication_configuration", what="objects no longer reach the other region"),
    Guardian(types=r"aws_s3_bucket_object_lock_configuration", what="objects can be deleted before their time"),
    Guardian(types=r"aws_s3_bucket_policy", what="whatever it denied is allowed again"),
    Guardian(types=r"aws_backup_vault_lock_configuration", what="backups can be deleted before their time"),
    Guardian(types=r"aws_backup_(plan|selection)", what="backups are no longer taken"),
    Guardian(types=r"aws_flow_log", what="traffic is no longer recorded"),
    Guardian(types=r"aws_cloudtrail", what="calls are no longer recorded"),
    Guardian(types=r"aws_wafv2_web_acl_association", what="requests are no longer filtered"),
    Guardian(types=r"aws_secretsmanager_secret_rotation", what="the secret no longer rotates"),
    Guardian(types=r"aws_efs_backup_policy", what="the file system is no longer backed up"),
    Guardian(types=r"aws_efs_replication_configuration", what="files no longer reach the other region"),
    Guardian(types=r"aws_route53_health_check", what="nobody notices when the endpoint is down"),
)
"""Resources without which something goes on, unprotected."""


def _guardians(comparison: Comparison) -> Iterator[Found]:
    for stack, change in comparison.changes:
        if change.what is not What.REMOVED or not _still_needed(stack, change):
            continue
        for guardian in GUARDIANS:
            if re.fullmatch(guardian.types, change.block.type):
                yield Found(title=f"without it, {guardian.what}", evidence="removed", stack=stack, change=change)


def _still_needed(stack: StackChange, change: BlockChange) -> bool:
    """Whether something that it referred to is still there: else it only went with what it protected."""
    if stack.head is None:
        return False
    text = str(change.block.content)
    named = [block for block in (stack.base.blocks.values() if stack.base else ()) if block.address in text]
    return not named or any(block.address in stack.head.blocks for block in named if block.kind == "resource")


RULES = (
    Rule(
        id="deletion-protection-lowered",
        severity=Severity.HIGH,
        advice="Protect what holds data; lower it in a change of its own, right before the deletion that needs it",
        find=finder(*DELETION),
    ),
    Rule(
        id="retention-lowered",
        severity=Severity.HIGH,
        advice="Keep as much as the objectives and the auditors ask for; what is no longer kept cannot be brought back",
        find=finder(*RETENTION),
    ),
    Rule(
        id="standby-weakened",
        severity=Severity.HIGH,
        advice="Keep the standby able to take over: rehearse a failover with the change, or leave it out",
        find=finder(*STANDBY),
    ),
    Rule(
        id="protection-removed",
        severity=Severity.HIGH,
        advice="Keep it as long as what it protects is there",
        find=_guardians,
    ),
)
