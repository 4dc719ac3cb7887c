"""What a person is told of from the trail, within minutes: the calls that an audit would ask about years later."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.cloudwatch_log_metric_filter import (
    CloudwatchLogMetricFilter,
    CloudwatchLogMetricFilterMetricTransformation,
)
from constructs import Construct

from constructs_lib.alarms import Alarm, Pager, watch

DENIED_PER_PERIOD = 20
PERIOD = 300
CALLS = {
    "audit-root-use": (
        '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }',
        0,
        "The account's root user was used; nobody needs it for daily work.",
    ),
    "audit-denied-calls": (
        '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }',
        DENIED_PER_PERIOD,
        "Many calls were refused: somebody tries doors, or a permission is missing.",
    ),
    "audit-trail-changed": (
        "{ ($.eventName = StopLogging) || ($.eventName = DeleteTrail) || ($.eventName = UpdateTrail)"
        " || ($.eventName = PutEventSelectors) }",
        0,
        "Somebody stopped, deleted or changed a trail: what follows may not be on record.",
    ),
    "audit-key-at-risk": (
        "{ ($.eventSource = kms.amazonaws.com)"
        " && (($.eventName = DisableKey) || ($.eventName = ScheduleKeyDeletion)) }",
        0,
        "A key was disabled or is to be deleted; without it neither data nor backups can be read.",
    ),
    "audit-backup-deleted": (
        "{ ($.eventSource = backup.amazonaws.com) && (($.eventName = DeleteRecoveryPoint)"
        " || ($.eventName = DeleteBackupVault) || ($.eventName = DeleteBackupVaultLockConfiguration)) }",
        0,
        "Somebody deleted a backup, a vault or its lock: what a recovery stands on.",
    ),
}
"""Filter, number of calls in five minutes from which on a person is told, and what it means. The filters follow the CIS
AWS Foundations Benchmark: https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html"""


def watch_trail(scope: Construct, pager: Pager, log_group: str) -> None:
    """Count the calls in a trail's log group and tell a person of them."""
    namespace = f"Audit/{pager.site.names.prefix}"
    for name, (pattern, _, _) in CALLS.items():
        CloudwatchLogMetricFilter(
            scope,
            f"count-{name}",
            name=pager.site.names.of("metric filter", name),
            log_group_name=log_group,
            pattern=pattern,
            metric_transformation=CloudwatchLogMetricFilterMetricTransformation(
                name=name, namespace=namespace, value="1", default_value="0"
            ),
        )
    watch(
        scope,
        pager,
        [
            Alarm(
                name=name,
                means=means,
                namespace=namespace,
                metric=name,
                threshold=threshold,
                statistic="Sum",
                period=PERIOD,
                periods=1,
            )
            for name, (_, threshold, means) in CALLS.items()
        ],
    )
