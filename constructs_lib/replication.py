"""S3 replication between the regions' buckets, in every direction, with time control and metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.s3_bucket_replication_configuration import (
    S3BucketReplicationConfigurationA,
    S3BucketReplicationConfigurationRule,
    S3BucketReplicationConfigurationRuleDeleteMarkerReplication,
    S3BucketReplicationConfigurationRuleDestination,
    S3BucketReplicationConfigurationRuleDestinationEncryptionConfiguration,
    S3BucketReplicationConfigurationRuleDestinationMetrics,
    S3BucketReplicationConfigurationRuleDestinationMetricsEventThreshold,
    S3BucketReplicationConfigurationRuleDestinationReplicationTime,
    S3BucketReplicationConfigurationRuleDestinationReplicationTimeTime,
    S3BucketReplicationConfigurationRuleFilter,
    S3BucketReplicationConfigurationRuleSourceSelectionCriteria,
    S3BucketReplicationConfigurationRuleSourceSelectionCriteriaReplicaModifications,
    S3BucketReplicationConfigurationRuleSourceSelectionCriteriaSseKmsEncryptedObjects,
)
from constructs import Construct

from constructs_lib.alarms import Alarm, watch, worst_of
from constructs_lib.peer import Peer
from constructs_lib.policy import Statement
from constructs_lib.role import Role

PROMISED_MINUTES = 15
"""The only value that replication time control takes:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html"""


@dataclass(frozen=True, kw_only=True)
class BucketMember:
    """One region's bucket of a replicated set.

    Attributes:
        peer: Its region.
        name: Its name.
        arn: Its ARN.
    """

    peer: Peer
    name: str
    arn: str


class BucketReplication(Construct):
    """From one region's bucket to the same bucket in every other region.

    Both directions are there from the start: a failback then needs no change in the middle of an incident.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        purpose: str,
        source: BucketMember,
        destinations: Sequence[BucketMember],
        rpo_seconds: int,
    ) -> None:
        """Create the role and the rules.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            purpose: The key of the bucket in the description.
            source: Where objects are written. Versioned already: its stack is applied before this one.
            destinations: Where they are copied to; at least one.
            rpo_seconds: How late a copy may be before a person is told.
        """
        super().__init__(scope, id_)
        role = Role(self, "role", site=source.peer.site, purpose=f"replicate-{purpose}", service="s3.amazonaws.com")
        _grant(role, source, destinations)
        S3BucketReplicationConfigurationA(
            self,
            "rules",
            bucket=source.name,
            role=role.arn,
            rule=[_rule(priority, destination) for priority, destination in enumerate(destinations)],
            provider=source.peer.provider,
            depends_on=role.grants,
        )
        watch(self, source.peer.pager, _alarms(purpose, source, destinations, rpo_seconds))


def _rule_id(destination: BucketMember) -> str:
    return f"to-{destination.peer.region}"


def _rule(priority: int, destination: BucketMember) -> S3BucketReplicationConfigurationRule:
    """Write a rule of schema V2: with a filter, AWS asks for a priority and a word on delete markers."""
    enabled = "Enabled"
    return S3BucketReplicationConfigurationRule(
        id=_rule_id(destination),
        priority=priority,
        status=enabled,
        filter=S3BucketReplicationConfigurationRuleFilter(prefix=""),
        # A deletion that stays behind would come back to life at a failover.
        delete_marker_replication=S3BucketReplicationConfigurationRuleDeleteMarkerReplication(status=enabled),
        source_selection_criteria=S3BucketReplicationConfigurationRuleSourceSelectionCriteria(
            # Changes made to a replica while its region was the active one travel back.
            replica_modifications=S3BucketReplicationConfigurationRuleSourceSelectionCriteriaReplicaModifications(
                status=enabled
            ),
            sse_kms_encrypted_objects=S3BucketReplicationConfigurationRuleSourceSelectionCriteriaSseKmsEncryptedObjects(
                status=enabled
            ),
        ),
        destination=_destination(destination),
    )


def _destination(member: BucketMember) -> S3BucketReplicationConfigurationRuleDestination:
    minutes = PROMISED_MINUTES
    return S3BucketReplicationConfigurationRuleDestination(
        bucket=member.arn,
        storage_class="STANDARD",
        encryption_configuration=S3BucketReplicationConfigurationRuleDestinationEncryptionConfiguration(
            replica_kms_key_id=member.peer.key_arn
        ),
        replication_time=S3BucketReplicationConfigurationRuleDestinationReplicationTime(
            status="Enabled",
            time=S3BucketReplicationConfigurationRuleDestinationReplicationTimeTime(minutes=minutes),
        ),
        metrics=S3BucketReplicationConfigurationRuleDestinationMetrics(
            status="Enabled",
            event_threshold=S3BucketReplicationConfigurationRuleDestinationMetricsEventThreshold(minutes=minutes),
        ),
    )


def _grant(role: Role, source: BucketMember, destinations: Sequence[BucketMember]) -> None:
    """Allow what replication does and no more.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
    """
    role.allow(
        "read-source",
        Statement(
            sid="Configuration",
            actions=("s3:GetReplicationConfiguration", "s3:ListBucket"),
            resources=(source.arn,),
        ),
        Statement(
            sid="Versions",
            actions=(
                "s3:GetObjectVersionAcl",
                "s3:GetObjectVersionForReplication",
                "s3:GetObjectVersionTagging",
            ),
            resources=(f"{source.arn}/*",),
        ),
        Statement(sid="Decrypt", actions=("kms:Decrypt",), resources=(source.peer.key_arn,)),
    )
    role.allow(
        "write-replicas",
        Statement(
            sid="Replicate",
            actions=("s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"),
            resources=tuple(f"{member.arn}/*" for member in destinations),
        ),
        Statement(
            sid="Encrypt",
            actions=("kms:Encrypt", "kms:GenerateDataKey"),
            resources=tuple(member.peer.key_arn for member in destinations),
        ),
    )


def _alarms(purpose: str, source: BucketMember, destinations: Sequence[BucketMember], rpo_seconds: int) -> list[Alarm]:
    ways = [
        {"SourceBucket": source.name, "DestinationBucket": member.name, "RuleId": _rule_id(member)}
        for member in destinations
    ]
    way = f"from {source.peer.region} to {' or '.join(member.peer.region for member in destinations)}"
    lag = Alarm(
        name=f"bucket-{purpose}-lag",
        means=f"Objects travel {way} later than the RPO of {rpo_seconds} s allows.",
        namespace="AWS/S3",
        metric="ReplicationLatency",
        threshold=rpo_seconds,
    )
    failed = Alarm(
        name=f"bucket-{purpose}-failed",
        means=f"Objects could not be replicated {way} and will be missing there.",
        namespace="AWS/S3",
        metric="OperationsFailedReplication",
        threshold=0,
        statistic="Sum",
        periods=1,
    )
    return [*worst_of(lag, ways), *worst_of(failed, ways)]
