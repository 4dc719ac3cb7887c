"""What the configuration inside a plan says: in which region a resource is, and what its arguments refer to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import msgspec
from msgspec import Raw, Struct

from lifeboat.plan.format import NULL, decode

INDEX = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]')


class Provider(Struct, frozen=True):
    """A provider's configuration."""

    name: str = ""
    expressions: dict[str, Any] = {}

    @property
    def region(self) -> str:
        """Its region. Empty: none, or not written as a constant."""
        expression = self.expressions.get("region")
        value = expression.get("constant_value") if isinstance(expression, dict) else None
        return value if isinstance(value, str) else ""


class Resource(Struct, frozen=True):
    """A resource as it is written."""

    address: str
    provider_config_key: str = ""
    expressions: Raw = NULL


class ModuleCall(Struct, frozen=True):
    """A module that is called."""

    module: Module | None = None


class Declared(Struct, frozen=True):
    """A variable as it is written."""

    sensitive: bool = False


class Module(Struct, frozen=True):
    """A module as it is written."""

    resources: list[Resource] = []
    module_calls: dict[str, ModuleCall] = {}
    variables: dict[str, Declared] = {}


class Whole(Struct, frozen=True):
    """A configuration as it is written."""

    provider_config: dict[str, Provider] = {}
    root_module: Module = Module()


_WHOLE = msgspec.json.Decoder(Whole | None)


def base(address: str) -> str:
    """Return an address as the configuration has it: without the keys of count and for_each."""
    return INDEX.sub("", address) if "[" in address else address


class Configuration:
    """The configuration of a plan, read when it is asked for."""

    def __init__(self, raw: Raw) -> None:
        self._raw = raw

    @cached_property
    def regions(self) -> list[str]:
        """The regions of its providers, each once."""
        found = (provider.region for provider in self._whole.provider_config.values())
        return list(dict.fromkeys(region for region in found if region))

    def region_of(self, address: str) -> str:
        """Return the region of a resource. Empty: not known."""
        if len(self.regions) <= 1:
            return self.regions[0] if self.regions else ""
        resource = self._resources.get(base(address))
        provider = self._whole.provider_config.get(resource.provider_config_key) if resource else None
        return provider.region if provider else ""

    def references(self, address: str, argument: str) -> list[str]:
        """Return the addresses of the resources to which an argument refers."""
        resource = self._resources.get(base(address))
        expressions = decode(resource.expressions) if resource else None
        found = _references(expressions.get(argument)) if isinstance(expressions, dict) else ()
        module = _module(base(address))
        return list(
            dict.fromkeys(module + _resource(each) for each in found if not each.startswith(("var.", "local.")))
        )

    @cached_property
    def sensitive_variables(self) -> set[str]:
        """Names of the root module's variables that are marked sensitive."""
        return {name for name, declared in self._whole.root_module.variables.items() if declared.sensitive}

    @cached_property
    def _whole(self) -> Whole:
        try:
            return _WHOLE.decode(self._raw) or Whole()
        except msgspec.ValidationError:  # of a later format: its plan is still worth reading
            return Whole()

    @cached_property
    def _resources(self) -> Mapping[str, Resource]:
        return dict(_walk(self._whole.root_module, ""))


def _walk(module: Module, prefix: str) -> Iterator[tuple[str, Resource]]:
    for resource in module.resources:
        yield prefix + resource.address, resource
    for name, call in module.module_calls.items():
        if call.module:
            yield from _walk(call.module, f"{prefix}module.{name}.")


def _references(expression: Any) -> Iterator[str]:  # noqa: ANN401 an expression, a block, or a list of blocks
    if isinstance(expression, dict):
        found = expression.get("references")
        if isinstance(found, list):
            yield from (each for each in found if isinstance(each, str))
        else:
            for each in expression.values():
                yield from _references(each)
    elif isinstance(expression, list):
        for each in expression:
            yield from _references(each)


def _module(address: str) -> str:
    found = re.match(r"(?:module\.[^.]+\.)*", address)
    return found[0] if found else ""


def _resource(reference: str) -> str:
    """Return the resource in a reference such as `aws_vpc.main.id`."""
    parts = base(reference).split(".")
    return ".".join(parts[:3] if parts[0] == "data" else parts[:2])
