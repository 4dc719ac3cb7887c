"""What the stacks will create, counted in the synthesized JSON."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from deployments.system import System
from lifeboat.failure import Failure
from lifeboat.stacks import read_stacks

COUNTED = ("aws_vpc", "aws_eip", "aws_rds_cluster", "aws_rds_cluster_instance")


def wanted(out: Path, system: System) -> dict[str, Counter[str]]:
    """Count resources by region and type.

    Raises:
        Failure: The folder holds no stacks of this system.
    """
    regions = {system.names.stack(plan.name): plan.name for plan in system.regions}
    found = {
        regions[stack.name]: Counter({type_: len(stack.content["resource"].get(type_, {})) for type_ in COUNTED})
        for stack in read_stacks(out)
        if stack.name in regions
    }
    missing = sorted(set(regions.values()) - set(found))
    if missing:
        raise Failure(
            f"{out} holds no stacks of {system.names.prefix} for {', '.join(missing)}:"
            " run `cdktf synth` with the same DEPLOYMENT and ENVIRONMENT_SUFFIX"
        )
    return found
