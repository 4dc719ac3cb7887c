"""DynamoDB global tables: one resource holds every replica, so it lives in the global stack. Regions know the name."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.dynamodb_table import (
    DynamodbTable,
    DynamodbTableAttribute,
    DynamodbTableGlobalSecondaryIndex,
    DynamodbTablePointInTimeRecovery,
    DynamodbTableReplica,
    DynamodbTableServerSideEncryption,
    DynamodbTableTtl,
)
from constructs import Construct

from constructs_lib.alarms import Alarm, watch, worst_of
from constructs_lib.peer import Peer
from constructs_lib.policy import Statement
from constructs_lib.role import Role
from constructs_lib.site import Site
from deployments.model import Table as TableSpec

MILLISECONDS = 1000


class GlobalTable(Construct):
    """A table with a replica in every region, each with its own key and point-in-time recovery."""

    def __init__(self, scope: Construct, id_: str, *, purpose: str, spec: TableSpec, peers: Sequence[Peer]) -> None:
        """Create the table and its replicas.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            purpose: Part of the name, the key of the table in the description.
            spec: The table's part of the description.
            peers: Regions that hold the table; Terraform manages it from the first. One peer: no replicas.
        """
        super().__init__(scope, id_)
        home, *others = peers
        self.name = home.site.names.of("table", purpose)
        self.resource = DynamodbTable(
            self,
            "table",
            name=self.name,
            billing_mode="PAY_PER_REQUEST",
            hash_key=spec.partition_key,
            range_key=spec.sort_key,
            attribute=[DynamodbTableAttribute(name=name, type="S") for name in _key_attributes(spec)],
            global_secondary_index=[
                DynamodbTableGlobalSecondaryIndex(
                    name=name, hash_key=index.partition_key, range_key=index.sort_key, projection_type="ALL"
                )
                for name, index in spec.indexes.items()
            ],
            ttl=DynamodbTableTtl(attribute_name=spec.expiry_attribute, enabled=True) if spec.expiry_attribute else None,
            # Replication reads the stream: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
            stream_enabled=True,
            stream_view_type="NEW_AND_OLD_IMAGES",
            point_in_time_recovery=DynamodbTablePointInTimeRecovery(enabled=True),
            server_side_encryption=DynamodbTableServerSideEncryption(enabled=True, kms_key_arn=home.key_arn),
            deletion_protection_enabled=home.site.protected,
            replica=[
                DynamodbTableReplica(
                    region_name=peer.region,
                    kms_key_arn=peer.key_arn,
                    point_in_time_recovery=True,
                    propagate_tags=True,
                )
                for peer in others
            ],
            provider=home.provider,
        )
        for peer in peers:
            watch_table(self, peer, purpose=purpose, name=self.name, spec=spec, peers=peers)


def watch_table(
    scope: Construct, peer: Peer, *, purpose: str, name: str, spec: TableSpec, peers: Sequence[Peer]
) -> None:
    """Watch one replica from its own region: how far the others are behind it, and whether it serves."""
    rpo = (spec.rpo_seconds or peer.pager.objectives.rpo_seconds) * MILLISECONDS
    here = Construct(scope, peer.region)
    others = [other.region for other in peers if other is not peer]
    lag = Alarm(
        name=f"table-{purpose}-lag",
        means=f"Items written in {peer.region} reach {' or '.join(others)} later than the RPO allows.",
        namespace="AWS/DynamoDB",
        metric="ReplicationLatency",
        threshold=rpo,
        statistic="Average",
    )
    errors = Alarm(
        name=f"table-{purpose}-errors",
        means="DynamoDB itself fails in this region; orders cannot be placed or read here.",
        namespace="AWS/DynamoDB",
        metric="SystemErrors",
        dimensions={"TableName": name, "Operation": "PutItem"},
        threshold=0,
        statistic="Sum",
    )
    replicas = [{"TableName": name, "ReceivingRegion": region} for region in others]
    watch(here, peer.pager, [*worst_of(lag, replicas), errors])


def grant_use_table(role: Role, site: Site, purpose: str) -> None:
    """Let a role of one region read and write that region's replica, by its agreed name."""
    arn = site.arn("dynamodb", f"table/{site.names.of('table', purpose)}")
    role.allow(
        f"use-table-{purpose}",
        Statement(
            sid="Items",
            actions=(
                "dynamodb:BatchGetItem",
                "dynamodb:ConditionCheckItem",
                "dynamodb:DescribeTable",
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:Query",
                "dynamodb:UpdateItem",
            ),
            resources=(arn, f"{arn}/index/*"),
        ),
    )


def _key_attributes(spec: TableSpec) -> list[str]:
    """List what keys are made of, each once: DynamoDB refuses attributes that no key uses."""
    keys = [spec.partition_key, spec.sort_key]
    keys += [key for index in spec.indexes.values() for key in (index.partition_key, index.sort_key)]
    return list(dict.fromkeys(key for key in keys if key))
