"""The synthesized stacks as an auditor reads them: resources by type, and what refers to what."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lifeboat.stacks import Stack

Json = Any
"""JSON as it was read: Terraform's own form, which differs from type to type."""

_REFERENCE = re.compile(r"(?<![\w.])((?:data\.)?aws_\w+\.[A-Za-z][\w-]*)")


@dataclass(frozen=True, kw_only=True, eq=False)
class Resource:
    """One resource of one stack.

    Attributes:
        stack: Name of the stack.
        type: Terraform type.
        name: Name inside the stack.
        arguments: What it was given.
    """

    stack: str
    type: str
    name: str
    arguments: Mapping[str, Json] = field(repr=False)

    @property
    def local(self) -> str:
        """Address inside its stack, which is how others of the stack refer to it."""
        return f"{self.type}.{self.name}"

    @property
    def address(self) -> str:
        """Address that is unique among all stacks."""
        return f"{self.stack}:{self.local}"

    def get(self, argument: str) -> Json:
        """Return an argument; None when it was not given."""
        return self.arguments.get(argument)

    def block(self, argument: str) -> Mapping[str, Json]:
        """Return a nested block that can be there once; empty when it was not given."""
        found = self.get(argument)
        if isinstance(found, list):
            found = found[0] if found else {}
        return found if isinstance(found, dict) else {}

    def references(self, argument: str | None = None) -> set[str]:
        """List the addresses inside the stack that an argument refers to. None: all arguments."""
        value = self.arguments if argument is None else self.get(argument)
        return set(_REFERENCE.findall(json.dumps(value)))

    def document(self, argument: str) -> Json:
        """Return an argument that holds JSON, as what it holds; None when it does not."""
        try:
            return json.loads(self.get(argument) or "")
        except (TypeError, ValueError):
            return None

    def statements(self, argument: str = "policy") -> list[Mapping[str, Json]]:
        """Return the statements of a policy."""
        found = self.document(argument)
        statements = found.get("Statement", []) if isinstance(found, dict) else []
        return [statements] if isinstance(statements, dict) else list(statements)


class Configuration:
    """Everything that a deployment would create."""

    def __init__(self, stacks: Sequence[Stack]) -> None:
        self.resources = [resource for stack in stacks for resource in _read(stack)]
        self.ephemeral = {stack.name for stack in stacks if stack.content.get("ephemeral")}

    @cached_property
    def _by_type(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for resource in self.resources:
            found.setdefault(resource.type, []).append(resource)
        return found

    def all(self, *types: str) -> list[Resource]:
        """Return every resource of some types."""
        return [resource for type_ in types for resource in self._by_type.get(type_, [])]

    def referring(self, target: Resource, *types: str) -> list[Resource]:
        """Return the resources of some types that refer to a resource of the same stack."""
        return [each for each in self.all(*types) if each.stack == target.stack and target.local in each.references()]

    def resolve(self, origin: Resource, argument: str, *types: str) -> list[Resource]:
        """Return the resources of some types that an argument refers to."""
        local = origin.references(argument)
        return [each for each in self.all(*types) if each.stack == origin.stack and each.local in local]


def _read(stack: Stack) -> Iterator[Resource]:
    for type_, resources in stack.content.get("resource", {}).items():
        for name, arguments in resources.items():
            yield Resource(
                stack=stack.name,
                type=type_,
                name=name,
                arguments={key: value for key, value in arguments.items() if key != "//"},
            )
