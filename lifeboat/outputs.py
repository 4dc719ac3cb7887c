"""What a deploy put out: as cdktf writes it, nested by stack, and flat as test suites expect it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from lifeboat.failure import Failure
from lifeboat.workspace import read_record, write_json

NESTED, FLAT = "outputs.json", "flat-outputs.json"
CROSS_STACK = "cross-stack-output-"
"""Outputs that cdktf makes for itself, to hand values from one stack to another."""

Outputs = Mapping[str, Mapping[str, object]]
"""Stack to output to value."""


def nested(found: Outputs) -> dict[str, dict[str, object]]:
    """Return the outputs that people asked for, by stack."""
    return {
        stack: {name: value for name, value in values.items() if not name.startswith(CROSS_STACK)}
        for stack, values in found.items()
    }


def flatten(found: Outputs) -> dict[str, object]:
    """Put all outputs on one level: a region's behind the region's name with underscores, the others as they are.

    Raises:
        Failure: Two outputs would get the same name.
    """
    flat: dict[str, object] = {}
    for stack, values in nested(found).items():
        region = values.get("region")
        prefix = f"{region.replace('-', '_')}_" if isinstance(region, str) else ""
        for name, value in values.items():
            if prefix + name in flat:
                raise Failure(f"two outputs are called {prefix + name} when flat, the second in {stack}")
            flat[prefix + name] = value
    return flat


def read_outputs(path: Path) -> dict[str, dict[str, object]]:
    """Read a file that `cdktf deploy --outputs-file` wrote.

    Raises:
        Failure: Missing, not JSON, or not stack to output to value.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Failure(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise Failure(f"{path}: is not JSON: {error}") from None
    if not isinstance(found, dict) or not all(isinstance(values, dict) for values in found.values()):
        raise Failure(f"{path}: is not what `cdktf deploy --outputs-file` writes: stack to output to value")
    return found


def read_flat(path: Path) -> dict[str, object]:
    """Read a `flat-outputs.json`.

    Raises:
        Failure: Missing or not JSON.
    """
    found = read_record(path)
    if found is None:
        raise Failure(f"{path}: is not readable as flat outputs")
    return found


def write_outputs(found: Outputs, folder: Path) -> dict[str, object]:
    """Write `outputs.json` and `flat-outputs.json` into a folder; return the flat ones."""
    flat = flatten(found)
    write_json(folder / NESTED, nested(found))
    write_json(folder / FLAT, flat)
    return flat
