"""Synthesized stacks as tests read them: by construct, with references shown as the constructs they lead to.

    dev.primary.the("aws_rds_cluster")["kms_key_id"] == "key/key.arn"
    dev.world.by_path("table-orders/table")["replica"][0]["kms_key_arn"] == "us-west-2:key/key.arn"

The bytes are those that are deployed: `app.synth()` into a folder, not cdktf's `Testing.synth`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deployments.system import System
from stacks import build, new_app

Json = Any
"""JSON as it was read. Tests index into it; a wrong guess about its form fails the test."""

_REFERENCE = re.compile(r"(?<![\w.])((?:data\.)?aws_\w+)\.([A-Za-z][\w-]*)")
_OTHER_STACK = re.compile(r"data\.terraform_remote_state\.cross-stack-reference-input-([\w-]+)\.outputs\.([\w-]+)")
_EXPRESSION = re.compile(r"\$\{([^{}]*)\}")
_WHOLE = re.compile(r"\$\{([^${}]*)\}")


class Resource(Mapping[str, Json]):
    """One resource or data source. Indexing gives an argument with its references resolved.

    Attributes:
        stack: The stack that holds it.
        type: Terraform type, with `data.` before a data source's.
        address: Terraform address inside the stack.
        path: Path of the construct that made it, relative to the stack.
        raw: The arguments as they stand in the file.
    """

    def __init__(self, stack: Stack, type_: str, name: str, raw: Mapping[str, Json]) -> None:
        self.stack = stack
        self.type = type_
        self.address = f"{type_}.{name}"
        self.path: str = raw["//"]["metadata"]["path"].split("/", 1)[1]
        self.raw = {key: value for key, value in raw.items() if key != "//"}

    def __getitem__(self, argument: str) -> Json:
        return self.stack.resolve(self.raw[argument])

    def __iter__(self) -> Iterator[str]:
        return iter(self.raw)

    def __eq__(self, other: object) -> bool:
        return self is other  # two resources with equal arguments are still two

    def __hash__(self) -> int:
        return id(self)

    def __len__(self) -> int:
        return len(self.raw)

    def __repr__(self) -> str:
        return f"<{self.stack.place} {self.type} {self.path}>"

    @property
    def depends_on(self) -> list[str]:
        """Paths of the constructs that are made before this one by explicit dependency."""
        return [str(path) for path in self.get("depends_on", [])]

    @property
    def region(self) -> str:
        """Region of the provider that makes it."""
        return self.stack.region_of(self.raw.get("provider", "aws"))

    def parsed(self, argument: str) -> Json:
        """Return a JSON argument (`policy`, `dashboard_body`) as an object with its references resolved."""
        return self.stack.resolve(json.loads(self.raw[argument]))

    def statements(self, argument: str = "policy") -> dict[str, dict[str, Json]]:
        """Return the statements of a policy by their `Sid`."""
        return {statement["Sid"]: statement for statement in self.parsed(argument)["Statement"]}


class Stack:
    """One synthesized stack.

    Attributes:
        place: The region it builds, or `global`.
        file: The `cdk.tf.json` that Terraform reads.
        json: Its content.
    """

    def __init__(self, owner: Synthesized, place: str, file: Path) -> None:
        self._owner = owner
        self.place = place
        self.file = file
        self.json: dict[str, Json] = json.loads(file.read_text(encoding="utf-8"))
        self.resources = self._read("resource", "")
        self.data = self._read("data", "data.")
        self._paths = {each.address: each.path for each in (*self.resources, *self.data)}

    def _read(self, section: str, prefix: str) -> list[Resource]:
        return [
            Resource(self, prefix + type_, name, raw)
            for type_, resources in self.json.get(section, {}).items()
            for name, raw in resources.items()
            if "//" in raw  # the reader of another stack's state is made by cdktf itself
        ]

    def all(self, type_: str) -> list[Resource]:
        """Return every resource of a type, in the file's order."""
        return [resource for resource in (*self.resources, *self.data) if resource.type == type_]

    def the(self, type_: str) -> Resource:
        """Return the only resource of a type."""
        found = self.all(type_)
        assert len(found) == 1, f"{self.place} has {len(found)} of {type_}: {found}"
        return found[0]

    def by_path(self, path: str) -> Resource:
        """Return what a construct made, by its path inside the stack."""
        found = [resource for resource in (*self.resources, *self.data) if resource.path == path]
        assert len(found) == 1, f"{self.place} has {len(found)} at {path!r}"
        return found[0]

    @property
    def referred(self) -> set[str]:
        """Addresses of all resources and data sources that something in this stack refers to."""
        expressions = _EXPRESSION.findall(json.dumps(self.json))
        return {f"{kind}.{name}" for text in expressions for kind, name in _REFERENCE.findall(text)}

    def output(self, name: str) -> Json:
        """Return the value of an output, resolved."""
        return self.resolve(self.json["output"][name]["value"])

    @property
    def outputs(self) -> dict[str, Json]:
        """The outputs that people and tests read, resolved; without those that cdktf adds for other stacks."""
        return {name: self.output(name) for name in self.json["output"] if not name.startswith("cross-stack-output-")}

    @property
    def providers(self) -> dict[str, dict[str, Json]]:
        """Provider configurations by the name that resources use."""
        return {_provider_name(each): each for each in self.json["provider"]["aws"]}

    def region_of(self, provider: str) -> str:
        """Return the region that a provider works in."""
        return str(self.providers[provider]["region"])

    def resolve(self, value: Json) -> Json:
        """Replace addresses by construct paths, and drop `${}` around what is nothing but a reference."""
        match value:
            case str():
                text = _REFERENCE.sub(self._path, _OTHER_STACK.sub(self._elsewhere, value))
                whole = _WHOLE.fullmatch(text)
                return whole[1] if whole else text
            case list():
                return [self.resolve(each) for each in value]
            case dict():
                return {key: self.resolve(each) for key, each in value.items() if key != "//"}
        return value

    def _path(self, found: re.Match[str]) -> str:
        return self._paths.get(f"{found[1]}.{found[2]}", found[0])

    def _elsewhere(self, found: re.Match[str]) -> str:
        place = found[1].removeprefix(f"{self._owner.system.names.prefix}-")
        return f"{place}:{self._owner.stacks[place].output(found[2])}"


@dataclass(frozen=True, repr=False)
class Synthesized:
    """Every stack of one system in one environment.

    Attributes:
        system: What was built.
        folder: The `cdktf.out` it was written to.
        stacks: The stacks by place.
    """

    system: System
    folder: Path
    stacks: dict[str, Stack]

    def __repr__(self) -> str:
        return f"<{self.system.names.prefix}: {', '.join(self.stacks)}>"

    @property
    def primary(self) -> Stack:
        """The stack of the primary region."""
        return self.stacks[self.system.primary.name]

    @property
    def standby(self) -> Stack:
        """The stack of the first standby region."""
        return self.stacks[self.system.standbys[0].name]

    @property
    def world(self) -> Stack:
        """The global stack."""
        return self.stacks["global"]

    @property
    def regional(self) -> list[Stack]:
        """The stacks of all regions, the primary first."""
        return [self.stacks[plan.name] for plan in self.system.regions]

    @property
    def everywhere(self) -> list[Resource]:
        """Every resource of every stack."""
        return [resource for stack in self.stacks.values() for resource in stack.resources]

    def all(self, type_: str) -> list[Resource]:
        """Return every resource of a type, of every stack; at least one."""
        found = [resource for resource in self.everywhere if resource.type == type_]
        assert found, f"no stack has a {type_}"
        return found


def synthesize(system: System, folder: Path) -> Synthesized:
    """Synthesize a system into a folder and read it back."""
    app = new_app(str(folder))
    build(app, system)
    app.synth()
    synthesized = Synthesized(system, folder, {})
    for place in [*(plan.name for plan in system.regions), "global"]:
        file = folder / "stacks" / system.names.stack(place) / "cdk.tf.json"
        synthesized.stacks[place] = Stack(synthesized, place, file)
    return synthesized


def _provider_name(provider: Mapping[str, Json]) -> str:
    return f"aws.{provider['alias']}" if "alias" in provider else "aws"
