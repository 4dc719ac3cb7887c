"""What protects a system in one region or across them, where its description asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.backup import Backup
from stacks import stores

if TYPE_CHECKING:
    from constructs_lib.peer import Peer
    from stacks.global_ import GlobalStack
    from stacks.regional import RegionalStack


def firewall(stack: RegionalStack) -> None:
    """Put a firewall before the region's way in."""
    spec = stack.system.spec.firewall
    if spec is None or stack.entry is None:
        return
    from constructs_lib.firewall import Firewall  # noqa: PLC0415 its bindings take time to load, and most need none

    before = Firewall(stack, "firewall", spec=spec, kind="REGIONAL", pager=stack.base.pager)
    before.protect("entry", stack.entry.arn)
    stack.put_out(
        {"firewall_name": before.name, "firewall_arn": before.arn, "firewall_log_bucket_name": before.logs.name}
    )


def backup(stack: RegionalStack) -> Backup | None:
    """Back up every store of the region, and copy that to the next one."""
    system = stack.system
    if system.spec.backup is None:
        return None
    target = system.backup_region(stack.plan)
    made = Backup(stack, "backup", base=stack.base, spec=system.spec.backup, copy_to=target.name if target else None)
    resources = {f"bucket-{purpose}": bucket.arn for purpose, bucket in stack.buckets.items()}
    if stack.database:
        resources["database"] = stack.database.cluster.arn
    if stack.file_system:
        resources["file-system"] = stack.file_system.arn
    for purpose in system.spec.tables if stack.plan.capacity.replicas else ():
        resources[f"table-{purpose}"] = stack.base.site.arn("dynamodb", f"table/{system.names.of('table', purpose)}")
    if stack.instance:
        resources["instance"] = stack.instance.resource.arn
    if resources:
        made.protect(resources)
    stores.restore_test(stack, stack.base, made, system.spec, stack.place)
    return made


def rotate(stack: GlobalStack, home: Peer) -> None:
    """Rotate what the application reads, with the function that is beside the writer."""
    spec, function = stack.system.spec.rotation, stack.regions[0].rotation
    if spec is None or function is None:
        return
    from constructs_lib.rotation import RotationSchedule  # noqa: PLC0415 as above

    RotationSchedule(
        stack,
        "rotation",
        secret=stack.credentials.arn,
        function=function.arn,
        days=spec.days,
        after=[stack.credentials.stored],
        provider=home.provider,
    )


def replicate_files(stack: GlobalStack) -> None:
    """Copy the primary's file system to the standby's."""
    spec = stack.system.spec.file_system
    holders = [region for region in stack.regions if region.file_system]
    if spec is None or len(holders) < 2:
        return
    from constructs_lib.file_system import FileSystemReplication  # noqa: PLC0415 as above

    source = holders[0]
    wanted = spec.replicate_to or holders[1].plan.name
    target = next(region for region in holders if region.plan.name == wanted)
    if source.file_system and target.file_system:
        FileSystemReplication(
            stack,
            "file-system",
            source=stack.peers[source.plan.name],
            source_id=source.file_system.id,
            target=stack.peers[wanted],
            target_id=target.file_system.id,
            rpo_seconds=spec.rpo_seconds or stack.system.spec.objectives.rpo_seconds,
        )
