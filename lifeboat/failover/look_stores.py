"""What the stores of a region are asked for a status: whether they replicate, and how far the copies are behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from deployments.failover.plan import has_global_database
from deployments.system import RegionPlan, System
from lifeboat.failover.clients import Client, Clients

Json = dict[str, Any]

METRIC_MINUTES = 15
"""How far back a lag is looked for; metrics of a minute arrive a few minutes late."""
MILLISECONDS = 1000.0
NOT_REPLICATED = "none"


def store_questions(clients: Clients, system: System, plan: RegionPlan) -> dict[str, Callable[[], Json]]:
    """Return what the stores of one region are asked, by a name: `database`, `files`, `tables.x`, `buckets.x`."""
    region, spec = plan.name, system.spec
    asked: dict[str, Callable[[], Json]] = {}
    if has_global_database(spec):
        asked["database"] = partial(_database, clients, system, region)
    if not plan.capacity.replicas:
        return asked
    for purpose in spec.tables:
        asked[f"tables.{purpose}"] = partial(_table, clients, system, region, purpose)
    for purpose in spec.buckets if system.standbys else ():
        asked[f"buckets.{purpose}"] = partial(_bucket, clients, system, region, purpose)
    if spec.file_system and system.standbys:
        asked["files"] = partial(_files, clients, system, region)
    return asked


def _database(clients: Clients, system: System, region: str) -> Json:
    rds = clients("rds", region)
    identifier, cluster = system.names.of("global cluster"), system.names.of("database cluster")
    whole = rds.describe_global_clusters(GlobalClusterIdentifier=identifier)["GlobalClusters"][0]
    own = rds.describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"][0]
    writers = [each["DBClusterArn"] for each in whole["GlobalClusterMembers"] if each["IsWriter"]]
    writer = writers[0].split(":")[3] if writers else None
    lag = None
    if writer != region:
        lag = _newest(
            clients("cloudwatch", region),
            "AWS/RDS",
            "AuroraGlobalDBReplicationLag",
            {"DBClusterIdentifier": cluster},
        )
    return {
        "writer": writer,
        "global_status": whole["Status"],
        "status": own["Status"],
        "instances": len(own.get("DBClusterMembers", [])),
        "members": sorted(each["DBClusterArn"].split(":")[3] for each in whole["GlobalClusterMembers"]),
        "lag_seconds": None if lag is None else lag / MILLISECONDS,
    }


def _table(clients: Clients, system: System, region: str, purpose: str) -> Json:
    name = system.names.of("table", purpose)
    found = clients("dynamodb", region).describe_table(TableName=name)["Table"]
    replicas = {each["RegionName"]: each.get("ReplicaStatus", "?") for each in found.get("Replicas", [])}
    lags = {
        other.name: _newest(
            clients("cloudwatch", region),
            "AWS/DynamoDB",
            "ReplicationLatency",
            {"TableName": name, "ReceivingRegion": other.name},
        )
        for other in system.regions
        if other.name != region
    }
    return {
        "status": found["TableStatus"],
        "replicas": replicas,
        "lag_seconds": {other: None if lag is None else lag / MILLISECONDS for other, lag in lags.items()},
    }


def _bucket(clients: Clients, system: System, region: str, purpose: str) -> Json:
    """Tell of the rules that copy a bucket's objects into the other regions, and of the latency of each way."""
    account = clients("sts", region).get_caller_identity()["Account"]
    name = system.names.bucket(purpose, region, account)
    s3 = clients("s3", region)
    rules = s3.get_bucket_replication(Bucket=name)["ReplicationConfiguration"]["Rules"]
    lags: dict[str, float | None] = {}
    for other in system.regions:
        destination = system.names.bucket(purpose, other.name, account)
        for rule in rules:
            if rule["Destination"]["Bucket"].endswith(f":{destination}"):
                way = {"SourceBucket": name, "DestinationBucket": destination, "RuleId": rule["ID"]}
                lags[other.name] = _newest(clients("cloudwatch", region), "AWS/S3", "ReplicationLatency", way)
    return {"rules": {rule["ID"]: rule["Status"] for rule in rules}, "lag_seconds": lags}


def _files(clients: Clients, system: System, region: str) -> Json:
    """Tell of the replication that a region's file system is part of; the age of the copy is the lag."""
    efs = clients("efs", region)
    own = efs.describe_file_systems(CreationToken=system.names.prefix)["FileSystems"][0]["FileSystemId"]
    try:
        found = efs.describe_replication_configurations(FileSystemId=own)["Replications"]
    except efs.exceptions.ReplicationNotFound:
        found = []
    if not found:
        return {"file_system": own, "status": NOT_REPLICATED, "from": None, "lag_seconds": None}
    destination = found[0]["Destinations"][0]
    synced: datetime | None = destination.get("LastReplicatedTimestamp")
    return {
        "file_system": own,
        "status": destination["Status"],
        "from": found[0]["SourceFileSystemRegion"],
        "lag_seconds": (datetime.now(UTC) - synced).total_seconds() if synced else None,
    }


def _newest(cloudwatch: Client, namespace: str, metric: str, dimensions: Mapping[str, str]) -> float | None:
    """Return the newest value of a metric. None: there is none."""
    now = datetime.now(UTC)
    # The end is exclusive and sent in whole seconds: a minute later, what was measured just now is among the answers.
    points = cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - timedelta(minutes=METRIC_MINUTES),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Maximum"],
    )["Datapoints"]
    newest = max(points, key=lambda point: point["Timestamp"], default=None)
    return None if newest is None else float(newest["Maximum"])
