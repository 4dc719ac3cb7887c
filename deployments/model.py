"""The typed description of a system: what a file in this folder may say, and what each word means.

Every class is frozen and refuses unknown keys. Rules inside one table are kept here; rules between tables are in
`rules.py`. Durations are seconds, capacities are AWS's own units (ACU, MB), unless a name says otherwise.
"""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainSerializer

from deployments.containers import Container, FileSystem, Registry
from deployments.distribution import Distribution
from deployments.part import Name, Part, Seconds
from deployments.protection import Firewall, Rotation
from deployments.stores import Audit, Cache, Instance

Strategy = Literal["backup-restore", "pilot-light", "warm-standby", "active-active"]
NatMode = Literal["per-zone", "single", "none"]

DOMAIN_PATTERN = r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$"
LABEL_PATTERN = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
REGION_PATTERN = r"^[a-z]{2}(-[a-z]+)+-[0-9]$"


def _network(value: object) -> IPv4Network:
    """Read a CIDR, refusing host bits so that the text in the file is the network that is built."""
    if not isinstance(value, str | IPv4Network):
        raise ValueError("a CIDR is text such as 10.20.0.0/16")  # noqa: TRY004 pydantic reports ValueError only
    return IPv4Network(value)


Cidr = Annotated[
    IPv4Network,
    BeforeValidator(_network, json_schema_input_type=str),
    PlainSerializer(str, return_type=str),
]
IndexName = Annotated[str, Field(pattern=r"^[a-z](-?[a-z0-9])+$", min_length=3, max_length=16)]
"""DynamoDB wants three characters:
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GlobalSecondaryIndex.html"""


class Objectives(Part):
    """What the business was promised: the only source of alarm thresholds and of the drill's verdict."""

    rto_seconds: Seconds = Field(description="Longest time until the system serves again, in seconds.")
    rpo_seconds: Seconds = Field(
        description="Most data that may be lost, in seconds of writes. A tier may name its own."
    )
    decision_seconds: int = Field(
        default=120, ge=0, description="Time that a person is given to decide on a failover, in seconds."
    )


class Domain(Part):
    """Where clients find the system. The public hosted zone exists beforehand (`lifeboat bootstrap`)."""

    zone: str = Field(
        pattern=DOMAIN_PATTERN, max_length=190, description="Public Route 53 hosted zone, such as example.com."
    )
    host: str | None = Field(
        default=None, pattern=LABEL_PATTERN, description="First label of the name. Absent: the system's name."
    )
    with_suffix: bool = Field(
        default=True,
        description="Whether the environment suffix is part of the name (shop-dev). A stage may turn it off.",
    )


class State(Part):
    """Where Terraform keeps its state: one bucket per region, named `<bucket_prefix>-<region>`."""

    bucket_prefix: str = Field(
        pattern=r"^[a-z0-9][a-z0-9-]*[a-z0-9]$",
        max_length=40,
        description="Bucket names are global in S3: choose a prefix that is yours.",
    )


class Region(Part):
    """One region of the system. The first in the list is the primary, the others are standbys in priority order."""

    name: str = Field(pattern=REGION_PATTERN, description="AWS region, such as us-east-1.")
    cidr: Cidr | None = Field(
        default=None, description="Address range of the region's VPC. Absent: planned without overlap."
    )


class Network(Part):
    """The VPC of every region: three tiers (public, private, data) over the region's zones."""

    zones: int = Field(default=3, ge=2, le=6, description="Availability zones to spread over.")
    nat: NatMode = Field(
        default="none",
        description="NAT gateways: per-zone survives the loss of a zone, single costs less, none reaches AWS through"
        " endpoints only.",
    )
    endpoints: bool = Field(
        default=True,
        description="Whether private code reaches AWS through interface endpoints. false: through NAT gateways.",
    )
    pool: Cidr = Field(
        default=IPv4Network("10.0.0.0/8"), description="Range from which absent region CIDRs are planned."
    )


class Database(Part):
    """An Aurora PostgreSQL Global Database: one writer cluster and a joined secondary in every standby region."""

    engine_version: str = Field(
        default="16.8",
        pattern=r"^[0-9]{2}\.[0-9]{1,2}$",
        description="Aurora PostgreSQL version; 16.8 and 17.7 have long-term support.",
    )
    name: str = Field(
        default="app",
        pattern=r"^[a-z][a-z0-9_]{0,62}$",
        description="Initial database in the primary cluster.",
    )
    instance_class: str | None = Field(
        default=None,
        pattern=r"^db\.[a-z0-9]+\.[a-z0-9]+$",
        description="Provisioned class, such as db.r6g.large. Absent: Serverless v2 between min_acu and max_acu.",
    )
    min_acu: float = Field(default=0.5, ge=0, le=256, multiple_of=0.5, description="Serverless v2 floor, in ACU.")
    max_acu: float = Field(default=8, ge=1, le=256, multiple_of=0.5, description="Serverless v2 ceiling, in ACU.")
    readers: int = Field(default=1, ge=0, le=15, description="Reader instances beside the writer in the primary.")
    standby_instances: int | None = Field(
        default=None, ge=0, le=16, description="Instances in each standby. Absent: the strategy decides."
    )
    backup_retention_days: int = Field(default=14, ge=1, le=35, description="Continuous backup, in days.")
    rpo_seconds: Seconds | None = Field(
        default=None,
        description="The database's own RPO. Absent: the system's. At least 20, Aurora's own limit.",
    )


class Index(Part):
    """A global secondary index of a table, with every attribute projected."""

    partition_key: str = Field(min_length=1, max_length=255)
    sort_key: str | None = Field(default=None, min_length=1, max_length=255)


class Table(Part):
    """A DynamoDB global table: on-demand, point-in-time recovery and a key of its own in every region.

    Key attributes are strings.
    """

    partition_key: str = Field(min_length=1, max_length=255)
    sort_key: str | None = Field(default=None, min_length=1, max_length=255, description="Absent: none.")
    indexes: dict[IndexName, Index] = Field(default={}, description="Global secondary indexes by name. Absent: none.")
    expiry_attribute: str | None = Field(
        default=None,
        min_length=1,
        max_length=255,
        description="Attribute with the time to live. Absent: no TTL.",
    )
    rpo_seconds: Seconds | None = Field(default=None, description="The table's own RPO. Absent: the system's.")


class Bucket(Part):
    """An S3 bucket in every region, replicated between all of them with replication time control."""

    rpo_seconds: Seconds | None = Field(
        default=None,
        description="The bucket's own RPO. Absent: the system's. At least 900: replication time control promises"
        " 15 minutes.",
    )
    noncurrent_days: int = Field(
        default=90, ge=1, le=3650, description="Days that overwritten and deleted versions stay recoverable."
    )


class Service(Part):
    """The application: a way in that invokes a function in the VPC, in every region."""

    entry: Literal["alb", "rest-api"] = Field(
        default="alb", description="Load balancer, or API Gateway with validation and throttling."
    )
    requests_per_second: int | None = Field(
        default=None, ge=1, le=10000, description="Throttle of a rest-api; twice as many in a burst. Absent: 1000."
    )
    function: Name = Field(description="Folder below functions/ that holds the code.")
    memory_mb: int = Field(default=512, ge=128, le=10240, description="Memory of the function, in MB.")
    timeout_seconds: int = Field(default=10, ge=1, le=29, description="Time limit of one request.")
    concurrency: int = Field(default=20, ge=1, le=1000, description="Concurrency reserved where it serves.")
    standby_concurrency: int | None = Field(
        default=None,
        ge=0,
        le=1000,
        description="Concurrency reserved in a standby. Absent: the strategy decides.",
    )
    table: Name | None = Field(default=None, description="Table that the function uses. Absent: none.")
    bucket: Name | None = Field(default=None, description="Bucket that the function uses. Absent: none.")
    health_path: str = Field(default="/health", pattern=r"^/[A-Za-z0-9/_-]*$")


class Backup(Part):
    """Backups by AWS Backup, copied to another region into a locked vault: what replication cannot undo."""

    retention_days: int = Field(default=35, ge=7, le=36500, description="How long recovery points are kept.")
    copy_retention_days: int = Field(default=35, ge=7, le=36500, description="The same for the copies.")
    every_hours: Literal[1, 2, 3, 4, 6, 8, 12, 24] = Field(
        default=24, description="Hours between backups; what backup-restore may lose. 24: every night at 3, UTC."
    )
    continuous: bool = Field(
        default=False,
        description="Whether the instance and the buckets can also be put back to any second, in their own region.",
    )
    restore_test: Literal["weekly", "monthly"] | None = Field(
        default=None,
        description="How often the newest recovery points are restored to see that it works. Absent: never.",
    )

    @property
    def cron(self) -> str:
        """The schedule as AWS Backup writes it.

        https://docs.aws.amazon.com/aws-backup/latest/devguide/creating-a-backup-plan.html
        """
        hours = "3" if self.every_hours == 24 else f"0/{self.every_hours}"
        return f"cron(0 {hours} * * ? *)"

    @property
    def continuous_days(self) -> int:
        """Days that any second can be put back: 35 are AWS's most.

        https://docs.aws.amazon.com/aws-backup/latest/devguide/point-in-time-recovery.html
        """
        return min(self.retention_days, 35)


class Alarms(Part):
    """Who is told, and where they read what to do."""

    runbook_url: str = Field(
        pattern=r"^https://[^\s#]+$", description="https:// page whose sections are named after the alarms (#<alarm>)."
    )
    emails: Annotated[tuple[str, ...], Field(strict=False)] = Field(
        default=(), description="Addresses subscribed to the alarm topics. Absent: none, subscribe by hand."
    )


class Deployment(Part):
    """A whole system, for one stage. An absent tier creates nothing."""

    name: Name = Field(description="Part of every physical name: 2 to 16 lower-case letters, digits and inner hyphens.")
    description: str = Field(default="", max_length=200)
    strategy: Strategy = Field(description="How much of the standby runs before it is needed.")
    protected: bool = Field(
        default=False,
        description="Deletion protection, final snapshots, no forced destroy. Absent: can be destroyed completely.",
    )
    objectives: Objectives
    domain: Domain
    state: State
    regions: Annotated[tuple[Region, ...], Field(strict=False, min_length=1)] = Field(
        description="[[regions]] tables in order: the primary, then the standbys."
    )
    network: Network = Network()
    database: Database | None = None
    instance: Instance | None = None
    cache: Cache | None = None
    tables: dict[Name, Table] = Field(default={})
    buckets: dict[Name, Bucket] = Field(default={})
    service: Service | None = None
    container: Container | None = None
    file_system: FileSystem | None = None
    registry: Registry | None = None
    backup: Backup | None = None
    rotation: Rotation | None = None
    firewall: Firewall | None = None
    audit: Audit | None = None
    distribution: Distribution | None = None
    alarms: Alarms

    @property
    def health_path(self) -> str | None:
        """Path that tells whether a region can serve. None: there is no application."""
        application = self.service or self.container
        return application.health_path if application else None
