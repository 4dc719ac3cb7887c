"""The outputs of a deploy: the only thing that tests know about the system beforehand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NoReturn

import pytest

NESTED, FLAT = "outputs.json", "flat-outputs.json"

MEANINGS = {
    "alarm": "the system has no alarms",
    "audit": "the system has no audit",
    "backup": "the system has no backups",
    "bucket": "the system has no buckets",
    "cache": "the system has no cache here",
    "container": "the system runs no containers here",
    "dashboard": "the system has no dashboard",
    "database": "the system has no database",
    "dead": "the system has no service",
    "distribution": "the system delivers no content",
    "edge": "the system delivers no content",
    "file": "the system has no file system here",
    "firewall": "the system has no firewall here",
    "function": "the system has no service",
    "global": "the system has no global database",
    "health": "the system has no failover records",
    "hosted": "the system has no failover records",
    "instance": "the system has no RDS instance here",
    "load": "the system has no load balancer",
    "regional": "the system has no load balancer",
    "registry": "the system keeps no images here",
    "rest": "the system has no REST API here",
    "rotation": "the system rotates no credentials here",
    "table": "the system has no tables",
    "target": "the system has no load balancer",
    "trail": "the system has no audit",
}
"""What a missing output says, by its first word."""


class OutputsError(Exception):
    """The outputs cannot be used; nothing was tested."""


def missing(name: str, stack: str) -> NoReturn:
    """Skip the test that needs an output that is not there, and say what that means."""
    meaning = MEANINGS.get(name.split("_", maxsplit=1)[0], "the system has no such thing")
    pytest.skip(f"output {name} is missing in {stack}: {meaning}")


class Outputs:
    """The outputs of one stack. Asking for one that is missing skips the test."""

    def __init__(self, stack: str, values: Mapping[str, object]) -> None:
        self.stack = stack
        self._values = dict(values)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __repr__(self) -> str:
        return f"<outputs of {self.stack}>"

    def value(self, name: str) -> object:
        """Return an output as it is."""
        if name not in self._values:
            missing(name, self.stack)
        return self._values[name]

    def text(self, name: str) -> str:
        """Return an output that is one text."""
        value = self.value(name)
        assert isinstance(value, str), f"output {name} of {self.stack} is not a text"
        return value

    def texts(self, name: str) -> list[str]:
        """Return an output that is a list of texts."""
        value = self.value(name)
        assert isinstance(value, list), f"output {name} of {self.stack} is not a list"
        return [str(item) for item in value]

    def by_region(self, name: str) -> dict[str, object]:
        """Return an output that is a map from region to value."""
        value = self.value(name)
        assert isinstance(value, dict), f"output {name} of {self.stack} is not a map"
        return {str(region): item for region, item in value.items()}

    def named(self, kind: str) -> dict[str, str]:
        """Return the names of everything of a kind, such as `bucket`, by purpose; skip when there is nothing."""
        form = re.compile(rf"{kind}_(?P<purpose>.+)_name")
        found = {match["purpose"]: self.text(name) for name in self if (match := form.fullmatch(name))}
        if not found:
            missing(f"{kind}_<purpose>_name", self.stack)
        return found


def read(folder: Path, name: str) -> dict[str, object]:
    """Read one of the files.

    Raises:
        OutputsError: It is missing, or is not a JSON object.
    """
    path = folder / name
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OutputsError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise OutputsError(f"{path}: is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise OutputsError(f"{path}: is not an object")
    return found


def read_stacks(folder: Path) -> list[Outputs]:
    """Read every stack's outputs.

    Raises:
        OutputsError: The file cannot be used.
    """
    stacks = []
    for stack, values in read(folder, NESTED).items():
        if not isinstance(values, dict):
            raise OutputsError(f"{folder / NESTED}: {stack} is not a map of outputs")
        stacks.append(Outputs(stack, values))
    return stacks
