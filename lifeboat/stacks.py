"""The synthesized stacks: what `cdktf.out` says about itself, read without cdktf."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lifeboat.failure import Failure


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One synthesized stack.

    Attributes:
        name: Such as `ecommerce-dev-us-east-1`.
        folder: Where Terraform runs.
        dependencies: Names of the stacks that are deployed before it.
    """

    name: str
    folder: Path
    dependencies: tuple[str, ...]

    @property
    def content(self) -> dict[str, Any]:
        """The Terraform JSON."""
        found: dict[str, Any] = json.loads((self.folder / "cdk.tf.json").read_text(encoding="utf-8"))
        return found

    @property
    def state(self) -> StateLocation:
        """Where its state lives."""
        backend = self.content["terraform"]["backend"]["s3"]
        return StateLocation(bucket=backend["bucket"], key=backend["key"], region=backend["region"])


@dataclass(frozen=True, kw_only=True)
class StateLocation:
    """Where a stack's state lives in S3, and beside it the lock of whoever changes it."""

    bucket: str
    key: str
    region: str

    @property
    def lock_key(self) -> str:
        """Key of the lock that Terraform's S3 backend writes."""
        return f"{self.key}.tflock"


def read_stacks(out: Path) -> list[Stack]:
    """List the stacks of a `cdktf.out` in the order in which they are deployed.

    Raises:
        Failure: The folder holds no synthesized stacks.
    """
    try:
        manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["stacks"]
    except (OSError, ValueError, KeyError):
        raise Failure(f"{out} holds no synthesized stacks: run `cdktf synth` first") from None
    waiting = {
        name: Stack(name=name, folder=out / entry["workingDirectory"], dependencies=tuple(entry["dependencies"]))
        for name, entry in sorted(manifest.items())
    }
    ordered: list[Stack] = []
    while waiting:
        ready = [stack for stack in waiting.values() if not set(stack.dependencies) & set(waiting)]
        if not ready:
            raise Failure(f"{out}: the stacks wait for each other: {', '.join(waiting)}")
        ordered += ready
        waiting = {name: stack for name, stack in waiting.items() if stack not in ready}
    return ordered
