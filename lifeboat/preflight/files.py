"""Whether files will be there after a failover: something replicates them, and not long ago."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from deployments.system import RegionPlan, System
from lifeboat.failover.clients import Client, Clients
from lifeboat.preflight.findings import Finding, Level

ABOUT = "replication of files"


def files(clients: Clients, system: System, plan: RegionPlan) -> Iterator[Finding]:
    """See that the region's file system is source or destination of a replication that keeps its RPO."""
    spec = system.spec.file_system
    if spec is None or not plan.capacity.replicas or not system.standbys:
        return
    efs = clients("efs", plan.name)
    found = efs.describe_file_systems(CreationToken=system.names.prefix)["FileSystems"]
    if not found:
        yield Finding(region=plan.name, about=ABOUT, level=Level.OK, found="made by the first deploy")
        return
    own = found[0]["FileSystemId"]
    state = _state(efs, own)
    if state is None:
        yield Finding(
            region=plan.name, about=ABOUT, level=Level.PROBLEM, found=f"{own} is in none", fix=_fix(plan.name, own)
        )
        return
    status, synced = state
    told = (
        f"{status}, last synchronised {synced:%Y-%m-%d %H:%M:%S} UTC" if synced else f"{status}, not synchronised yet"
    )
    rpo = spec.rpo_seconds or system.spec.objectives.rpo_seconds
    is_late = synced is None or (datetime.now(UTC) - synced).total_seconds() > rpo
    if status == "ENABLED" and not is_late:
        yield Finding(region=plan.name, about=ABOUT, level=Level.OK, found=told)
        return
    yield Finding(
        region=plan.name,
        about=ABOUT,
        level=Level.WARNING if status in {"ENABLED", "ENABLING"} else Level.PROBLEM,
        found=told,
        fix=f"wait: a failover now loses files of more than {rpo} s"
        if status in {"ENABLED", "ENABLING"}
        else "see why: https://docs.aws.amazon.com/efs/latest/ug/monitoring-replication-status.html",
    )


def _state(efs: Client, file_system: str) -> tuple[str, datetime | None] | None:
    """Return the state of the replication and the time of the last synchronisation. None: there is no replication."""
    try:
        found = efs.describe_replication_configurations(FileSystemId=file_system)["Replications"]
    except efs.exceptions.ReplicationNotFound:
        return None
    if not found:
        return None
    destination = found[0]["Destinations"][0]
    synced: datetime | None = destination.get("LastReplicatedTimestamp")
    return str(destination["Status"]), synced.astimezone(UTC) if synced else None


def _fix(region: str, file_system: str) -> str:
    """Say how to replicate again. Which side may be overwritten is for a person to say."""
    return (
        f"if {region} does not take writes: aws efs update-file-system-protection --region {region}"
        f" --file-system-id {file_system} --replication-overwrite-protection DISABLED; then apply the global stack"
    )
