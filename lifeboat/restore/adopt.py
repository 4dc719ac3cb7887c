"""How Terraform takes over what was restored: the addresses that the primary's stack has, and every region's would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from deployments.system import System
from lifeboat.failure import Failure
from lifeboat.restore.run import Restored
from lifeboat.stacks import Stack, read_stacks

TYPES = {"RDS": "aws_db_instance", "DynamoDB": "aws_dynamodb_table", "S3": "aws_s3_bucket"}
PATHS = {"instance": "instance/instance", "tables": "table-{}/table", "buckets": "bucket-{}/bucket"}


def imports(system: System, out: Path, region: str, restored: Sequence[Restored]) -> list[str]:
    """Return `terraform import` lines for what was restored; none where no synthesized stacks lie in `out`.

    Args:
        system: What it belongs to.
        out: A `cdktf.out` of the system.
        region: Where it was restored.
        restored: What was restored.
    """
    try:
        stacks = {stack.name: stack for stack in read_stacks(out)}
    except Failure:
        return []
    return list(_lines(system, stacks, region, restored))


def _lines(system: System, stacks: Mapping[str, Stack], region: str, restored: Sequence[Restored]) -> Iterator[str]:
    for each in restored:
        target = each.found.target
        tier, _, purpose = target.tier.partition(".")
        is_global = tier == "tables"
        stack = stacks.get(system.names.stack("global" if is_global else system.primary.name))
        name = _named(stack.content if stack else {}, TYPES[target.kind], PATHS[tier].format(purpose))
        if name:
            place = system.names.stack("global" if is_global else region)
            yield f"terraform -chdir=cdktf.out/stacks/{place} import {TYPES[target.kind]}.{name} {target.name}"


def _named(content: Mapping[str, Any], type_: str, path: str) -> str:
    """Find the Terraform name of what a construct made."""
    for name, raw in content.get("resource", {}).get(type_, {}).items():
        if raw.get("//", {}).get("metadata", {}).get("path", "").split("/", 1)[-1] == path:
            return str(name)
    return ""
