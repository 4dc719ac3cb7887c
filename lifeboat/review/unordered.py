"""Which lists of the AWS provider are sets, so that another order is no difference.

`unordered.json` maps a type (`data.` before data sources) to the dotted paths of its sets. It is written from the
provider's own schema, which names the collection of each argument and the nesting of each block:
https://developer.hashicorp.com/terraform/cli/commands/providers/schema

    terraform providers schema -json | python -m lifeboat.review.unordered > lifeboat/review/unordered.json
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("unordered.json")
DEEPEST = 4
"""Deeper sets exist in a handful of types that nest statements in statements, and would double the table."""
LEFT_OUT = ("aws_quicksight_", "aws_lexv2models_", "aws_securityhub_insight")
"""Large schemas that no disaster recovery depends on."""


@functools.cache
def sets_of(type_: str) -> frozenset[str]:
    """Return the dotted paths of a type's sets. Unknown types, and other providers' ones, have none."""
    return frozenset(_table().get(type_, ()))


@functools.cache
def _table() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(TABLE.read_text(encoding="utf-8"))
    return found


def table(schema: dict[str, Any]) -> dict[str, list[str]]:
    """Work the table out.

    Args:
        schema: What `terraform providers schema -json` prints.
    """
    found: dict[str, list[str]] = {}
    for provider in schema["provider_schemas"].values():
        for prefix, kind in (("", "resource_schemas"), ("data.", "data_source_schemas")):
            for type_, each in provider.get(kind, {}).items():
                paths = sorted(path for path in _sets(each["block"], "") if path.count(".") < DEEPEST)
                if paths and not type_.startswith(LEFT_OUT):
                    found[prefix + type_] = paths
    return found


def _sets(block: dict[str, Any], prefix: str) -> Iterator[str]:
    """Yield the paths of the sets that a configuration can give, computed ones left out."""
    for name, attribute in block.get("attributes", {}).items():
        if not (attribute.get("optional") or attribute.get("required")):
            continue
        type_, nested = attribute.get("type"), attribute.get("nested_type")
        if (isinstance(type_, list) and type_[0] == "set") or (nested and nested.get("nesting_mode") == "set"):
            yield prefix + name
        if nested:
            yield from _sets(nested, f"{prefix}{name}.")
    for name, each in block.get("block_types", {}).items():
        if each["nesting_mode"] == "set":
            yield prefix + name
        yield from _sets(each["block"], f"{prefix}{name}.")


def main() -> None:
    """Turn a schema on standard input into the table on standard output: one line for each type."""
    lines = [
        f"{json.dumps(type_)}: {json.dumps(paths)}" for type_, paths in sorted(table(json.load(sys.stdin)).items())
    ]
    sys.stdout.write("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
