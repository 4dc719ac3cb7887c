"""Descriptions that are wrong in one way each: the edits of the real file, and what is told about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from deployments.stages import TomlTable

Edit = Callable[[TomlTable], Any]
EAST, WEST = {"name": "us-east-1"}, {"name": "us-west-2"}


def put(path: str, value: Any) -> Edit:  # noqa: ANN401 whatever TOML can hold
    """Return an edit that writes a value at a dotted path."""

    def edit(table: TomlTable) -> None:
        *above, last = path.split(".")
        for part in above:
            table = table[part]
        table[last] = value

    return edit


def drop(path: str) -> Edit:
    """Return an edit that takes a key away."""

    def edit(table: TomlTable) -> None:
        *above, last = path.split(".")
        for part in above:
            table = table[part]
        del table[last]

    return edit


CASES: dict[str, tuple[list[Edit], str, str, str, str]] = {
    "an unknown key names the nearest known one": (
        [put("database.min_acuu", 1)],
        "database.min_acuu",
        "unknown key",
        "",
        "did you mean min_acu? Known: backup_retention_days,",
    ),
    "an unknown table names the nearest known one": (
        [put("backups", {})],
        "backups",
        "unknown key",
        "",
        "did you mean backup? Known: alarms, audit, backup,",
    ),
    "an unknown key of a named table is told with the table's own keys": (
        [put("tables.orders.sortkey", "sk")],
        "tables.orders.sortkey",
        "unknown key",
        "",
        "did you mean sort_key? Known: expiry_attribute, indexes,",
    ),
    "an unknown key near nothing lists what is known": (
        [put("state.zzzzzz", 1)],
        "state.zzzzzz",
        "unknown key",
        "",
        "Known: bucket_prefix",
    ),
    "a wrong type": (
        [put("network.zones", "three")],
        "network.zones",
        "input should be a valid integer",
        "'three'",
        "",
    ),
    "no silent conversion": (
        [put("protected", "yes")],
        "protected",
        "input should be a valid boolean",
        "'yes'",
        "",
    ),
    "a number above its range": (
        [put("network.zones", 9)],
        "network.zones",
        "input should be less than or equal to 6",
        "9",
        "at most 6",
    ),
    "a number below its range": (
        [put("service.timeout_seconds", 0)],
        "service.timeout_seconds",
        "input should be greater than or equal to 1",
        "0",
        "at least 1",
    ),
    "a number off its steps": (
        [put("database.min_acu", 0.7)],
        "database.min_acu",
        "input should be a multiple of 0.5",
        "0.7",
        "multiples of 0.5",
    ),
    "a word that is not among those allowed": (
        [put("strategy", "hot-standby")],
        "strategy",
        "input should be",
        "'hot-standby'",
        "'pilot-light', 'warm-standby'",
    ),
    "a missing key": (
        [drop("objectives.rto_seconds")],
        "objectives.rto_seconds",
        "is missing",
        "",
        "Longest time until the system serves again",
    ),
    "a region listed twice": (
        [put("regions", [EAST, EAST])],
        "regions",
        "us-east-1 is listed 2 times",
        "us-east-1",
        "each region once",
    ),
    "no primary: the list of regions is empty": (
        [put("regions", [])],
        "regions",
        "should have at least 1 item",
        "[]",
        "",
    ),
    "no primary: there is no list of regions": ([drop("regions")], "regions", "is missing", "", ""),
    "a region that is none": (
        [put("regions", [{"name": "virginia"}, WEST])],
        "regions.0.name",
        "is not of the right form",
        "'virginia'",
        "such as us-east-1",
    ),
    "overlapping address ranges": (
        [put("regions", [EAST | {"cidr": "10.1.0.0/16"}, WEST | {"cidr": "10.1.128.0/17"}])],
        "regions.1.cidr",
        "overlaps regions.0.cidr",
        "10.1.128.0/17 and 10.1.0.0/16",
        "ranges that share no address",
    ),
    "an address range that is too small for a VPC": (
        [put("regions", [EAST | {"cidr": "10.1.0.0/30"}, WEST])],
        "regions.0.cidr",
        "a VPC is at least a /28",
        "10.1.0.0/30",
        "/16 to /23",
    ),
    "an address range that is too large for a VPC": (
        [put("regions", [EAST | {"cidr": "172.16.0.0/12"}, WEST])],
        "regions.0.cidr",
        "a VPC is at most a /16",
        "172.16.0.0/12",
        "/16 to /23",
    ),
    "an address range that is too small for the zones": (
        [put("regions", [EAST | {"cidr": "10.1.0.0/23"}, WEST]), put("network.zones", 6)],
        "regions.0.cidr",
        "too small for 6 zones in three tiers of at least /27 subnets",
        "10.1.0.0/23",
        "/16 to /22",
    ),
    "an address range with host bits": (
        [put("regions", [EAST | {"cidr": "10.1.0.1/16"}, WEST])],
        "regions.0.cidr",
        "has host bits set",
        "'10.1.0.1/16'",
        "",
    ),
    "an address range that is no text": (
        [put("regions", [EAST | {"cidr": 10}, WEST])],
        "regions.0.cidr",
        "a CIDR is text such as 10.20.0.0/16",
        "10",
        "",
    ),
    "a domain that is not a domain": (
        [put("domain.zone", "not a domain")],
        "domain.zone",
        "",
        "'not a domain'",
        "",
    ),
    "an RPO that the database cannot reach": (
        [put("database.rpo_seconds", 10)],
        "database.rpo_seconds",
        "the design cannot reach this RPO: Aurora enforces an RPO of 20 s or more",
        "10",
        "at least 20",
    ),
    "an RPO that a bucket cannot reach": (
        [drop("buckets.assets.rpo_seconds")],
        "buckets.assets.rpo_seconds",
        "S3 replication time control promises 15 minutes, not less",
        "60, from objectives.rpo_seconds",
        "at least 900",
    ),
    "an RPO that a table cannot reach": (
        [put("tables.orders.rpo_seconds", 1)],
        "tables.orders.rpo_seconds",
        "a global table replicates asynchronously",
        "1",
        "at least 5",
    ),
    "an RTO that the design cannot reach": (
        [put("objectives.rto_seconds", 30)],
        "objectives.rto_seconds",
        "the design takes longer",
        "30",
        "at least",
    ),
    "a warm standby that runs no instance": (
        [put("database.standby_instances", 0)],
        "database.standby_instances",
        "a warm standby serves at any time",
        "0",
        "at least 1, or strategy pilot-light",
    ),
    "an active region with less than full capacity": (
        [put("strategy", "active-active"), put("service.standby_concurrency", 1)],
        "service.standby_concurrency",
        "active-active runs every region at full capacity",
        "1",
        "at least 50",
    ),
    "a strategy that needs a second region": (
        [put("regions", [EAST])],
        "strategy",
        "needs a standby region",
        "warm-standby with one region",
        "backup-restore, or a second region",
    ),
    "a Global Database that would pause": (
        [put("database.min_acu", 0)],
        "database.min_acu",
        "a Global Database's primary cannot pause",
        "0",
        "at least 0.5",
    ),
    "a floor above the ceiling": (
        [put("database.min_acu", 32)],
        "database.min_acu",
        "is above database.max_acu",
        "32",
        "at most 16",
    ),
    "an instance class that a Global Database refuses": (
        [put("database.instance_class", "db.t3.medium")],
        "database.instance_class",
        "a Global Database needs memory-optimised instances",
        "db.t3.medium",
        "db.r or db.x",
    ),
    "an engine version that a Global Database refuses": (
        [put("database.engine_version", "12.1")],
        "database.engine_version",
        "this version cannot be in a Global Database",
        "12.1",
        "16.1 or newer",
    ),
    "a table that is not described": (
        [put("service.table", "order")],
        "service.table",
        "names something that this file does not describe",
        "order",
        "orders",
    ),
    "a bucket where none is described": (
        [put("buckets", {})],
        "service.bucket",
        "names something that this file does not describe",
        "assets",
        "nothing",
    ),
    "a health path that Route 53 refuses": (
        [put("service.health_path", "/" + "a" * 255)],
        "service.health_path",
        "too long",
        "256",
        "243 characters",
    ),
    "a pool without room for the regions": (
        [put("network.pool", "10.0.0.0/16")],
        "network.pool",
        "no free /16 is left for us-west-2",
        "10.0.0.0/16",
        "a larger pool, or a cidr for the region",
    ),
    "a name that AWS would refuse": (
        [put("name", "Shop_1")],
        "name",
        "is not of the right form",
        "'Shop_1'",
        "2 to 16 lower-case letters",
    ),
}
"""What is told: the edits, then key, what, found and allowed."""
