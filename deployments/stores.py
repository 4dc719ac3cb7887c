"""What a file may say about stores beside the Global Database, tables and buckets of `model.py`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from deployments.part import Part


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
