"""Two regions compared, store by store: keys only, nothing of what is stored is read or shown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from deployments.failover.plan import has_global_database
from deployments.system import System
from lifeboat.failover.clients import Clients, explained
from lifeboat.failure import Failure

SNAPSHOT = "unplanned-global-failover"
"""Begins the name of the snapshot that Aurora keeps of a demoted primary:
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html"""


@dataclass(frozen=True, kw_only=True)
class Missing:
    """Something that one side has and the new primary lacks.

    Attributes:
        store: Table, bucket or log.
        key: Which item or object.
        why: How it is known that it existed.
    """

    store: str
    key: str
    why: str


def compare(clients: Clients, system: System, *, old: str, new: str) -> Iterator[Missing]:
    """Yield what the old region has and the new one lacks.

    Raises:
        Failure: One of the regions does not answer.
    """
    with explained(f"{old} and {new} cannot be compared"):
        for purpose in system.spec.tables:
            table = system.names.of("table", purpose)
            there = dict(_items(clients("dynamodb", new), table))
            for key in dict(_items(clients("dynamodb", old), table)):
                if key not in there:
                    yield Missing(store=table, key=key, why=f"{old} has it")
        account = clients("sts", new).get_caller_identity()["Account"]
        for purpose in system.spec.buckets:
            buckets = [system.names.bucket(purpose, region, account) for region in (old, new)]
            there_objects = _objects(clients("s3", new), buckets[1])
            for key, etag in _objects(clients("s3", old), buckets[0]).items():
                if there_objects.get(key) != etag:
                    yield Missing(store=buckets[0], key=key, why=f"{old} has it, or another version of it")


def told(clients: Clients, system: System, *, new: str, log: Path) -> Iterator[Missing]:
    """Yield orders that clients were told are kept and the new primary lacks.

    Args:
        clients: Clients of AWS.
        system: The system.
        new: The new primary.
        log: JSON lines, each with the `id` of an order that was acknowledged.

    Raises:
        Failure: The log cannot be read, or the region does not answer.
    """
    from lifeboat.drill.stores import missing_orders  # noqa: PLC0415 only here

    wanted = [each for line in _lines(log) for each in [str(line.get("id", ""))] if each]
    with explained(f"{new} cannot be asked"):
        for key in missing_orders(clients, system, new, wanted):
            yield Missing(store=str(log), key=key, why="a client was told that it is kept")


def snapshots(clients: Clients, system: System, *, old: str) -> list[str]:
    """Name the snapshots that Aurora kept of the old primary, newest first."""
    if not has_global_database(system.spec):
        return []
    with explained(f"{old} cannot be asked for its snapshots"):
        found = clients("rds", old).describe_db_cluster_snapshots(
            DBClusterIdentifier=system.names.of("database cluster")
        )["DBClusterSnapshots"]
    kept = [each for each in found if SNAPSHOT in each["DBClusterSnapshotIdentifier"]]
    kept.sort(key=lambda each: str(each.get("SnapshotCreateTime", "")), reverse=True)
    return [str(each["DBClusterSnapshotIdentifier"]) for each in kept]


def _items(dynamodb: Any, table: str) -> Iterator[tuple[str, None]]:  # noqa: ANN401 boto3 makes its clients at run time
    names = [each["AttributeName"] for each in dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]]
    expression = {
        "ProjectionExpression": ", ".join(f"#k{index}" for index in range(len(names))),
        "ExpressionAttributeNames": {f"#k{index}": name for index, name in enumerate(names)},
    }
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True, **expression):
        for item in page["Items"]:
            yield " ".join(str(next(iter(item[name].values()))) for name in names), None


def _objects(s3: Any, bucket: str) -> Mapping[str, str]:  # noqa: ANN401 as above
    try:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return {each["Key"]: each["ETag"] for page in pages for each in page.get("Contents", ())}
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucket":
            raise Failure(f"there is no bucket {bucket}: is this the account of {bucket.rsplit('-', 1)[-1]}?") from None
        raise


def _lines(log: Path) -> Iterator[Mapping[str, Any]]:
    try:
        lines = log.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{log}: cannot be read: {error}") from None
    for number, line in enumerate(lines, 1):
        try:
            found = json.loads(line) if line.strip() else {}
        except ValueError:
            raise Failure(f"{log}: line {number} is not JSON; one object with an id per line is expected") from None
        if not isinstance(found, dict):
            raise Failure(f"{log}: line {number} is no object; one with an id per line is expected")
        yield found
