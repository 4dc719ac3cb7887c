"""The failover of a system, where it will be needed: in the region that takes over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deployments.failover.facts import NOBODY
from deployments.failover.plan import EPOCH, FIRST_EPOCH, UNAWARE, Refs, facts_of

if TYPE_CHECKING:
    from stacks.regional import RegionalStack


def failover(stack: RegionalStack) -> None:
    """Put the failover to this region into this region. A system without anything to fail over gets none."""
    system, slowest = stack.system, stack.system.failover_path
    if slowest is None:
        return
    from constructs_lib.failover import Failover  # noqa: PLC0415 its bindings take time to load, and not all need it

    cluster = stack.database.cluster.arn if stack.database else ""
    refs = Refs(
        cluster_arn=cluster,
        topic_arn=stack.base.topic.arn,
        scaling_arn=stack.scaling_arn,
        file_system_id=stack.file_system.id if stack.file_system else "",
    )
    facts = facts_of(system.spec, system.names, stack.plan.name, refs)
    stack.parameters.switch(EPOCH, FIRST_EPOCH)
    if facts.fences:
        stack.parameters.switch(UNAWARE, NOBODY)
    made = Failover(
        stack,
        "failover",
        base=stack.base,
        facts=facts,
        longest_seconds=slowest.seconds,
    )
    stack.put_out(
        {
            "failover_state_machine_arn": made.machine.arn,
            "failover_relay_arn": made.relay.arn,
            "failover_bus_name": made.bus.name,
        }
    )


def environment(stack: RegionalStack) -> dict[str, str]:
    """Tell the application which parameter says whom this region replaced, where a failover may leave that behind."""
    system = stack.system
    if system.failover_path is None or system.spec.strategy == "active-active":
        return {}
    return {"UNAWARE_REGION_PARAMETER": system.names.path(*UNAWARE.split("/"))}
