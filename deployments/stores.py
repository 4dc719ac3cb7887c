"""What a file may say about stores beside the Global Database, tables and buckets of `model.py`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from deployments.part import Part, Seconds

LogDays = Literal[90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]
"""What CloudWatch keeps logs for, from 90 days on:
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""


class Instance(Part):
    """One RDS PostgreSQL instance in the primary, with a standby in another zone.

    It is not replicated to other regions: they restore it from copies of its backups.
    """

    engine_version: str = Field(
        default="16.8", pattern=r"^[0-9]{2}\.[0-9]{1,2}$", description="RDS PostgreSQL version, such as 16.8."
    )
    name: str = Field(default="app", pattern=r"^[a-z][a-z0-9_]{0,62}$", description="Initial database.")
    instance_class: str = Field(
        default="db.t4g.medium", pattern=r"^db\.[a-z0-9]+\.[a-z0-9]+$", description="Class, such as db.m7g.large."
    )
    storage_gb: int = Field(default=20, ge=20, le=65536, description="Storage to begin with, in GB (gp3).")
    max_storage_gb: int | None = Field(
        default=None, ge=22, le=65536, description="Storage may grow by itself up to here, in GB. Absent: it does not."
    )
    backup_retention_days: int = Field(
        default=14, ge=1, le=35, description="Recovery to any second in the primary's region, in days."
    )
    rpo_seconds: Seconds | None = Field(default=None, description="The instance's own RPO. Absent: the system's.")


class Audit(Part):
    """Who did what, kept for those who ask years later: a trail of API calls, and every log kept as long."""

    retention_days: LogDays = Field(
        default=2192,
        description="Days that every log is kept. 2192 are the six years of 45 CFR 164.316(b)(2). Where the stage is"
        " protected, nobody can delete the trail before.",
    )


class Cache(Part):
    """An ElastiCache replication group in every region that serves. Disposable: nothing in it is the only copy.

    Encrypted at rest and in transit, spread over zones. Clients come as an IAM user, so there is no password.
    """

    engine: Literal["redis", "valkey"] = Field(default="redis", description="Redis OSS, or Valkey.")
    engine_version: str = Field(
        default="7.1",
        pattern=r"^[0-9]\.[0-9]$",
        description="Redis OSS from 7.0 or Valkey from 7.2: IAM users need it.",
    )
    node_type: str = Field(
        default="cache.t4g.small", pattern=r"^cache\.[a-z0-9]+\.[a-z0-9]+$", description="Class of every node."
    )
    cluster_mode: bool = Field(
        default=False, description="Whether keys are spread over shards. Clients then ask the configuration endpoint."
    )
    shards: int = Field(default=1, ge=1, le=500, description="Shards; more than one needs cluster_mode.")
    replicas: int = Field(default=1, ge=0, le=5, description="Replicas of every shard, each in another zone.")
    automatic_failover: bool = Field(
        default=True, description="Whether a replica takes over when a node or its zone fails. Needs a replica."
    )
    snapshot_retention_days: int = Field(
        default=1, ge=0, le=35, description="Daily snapshots are kept this long, in days. 0: none are taken."
    )
