"""The provider's own schema, and what it has to say about a resource: offline, in milliseconds.

`terraform validate` says the same and more, but takes seconds for a stack; generated descriptions make hundreds.

    schema = read_schema(folder)
    list(schema.faults("resource", "aws_sqs_queue", {"nam": "orders"})) == ["nam: unknown argument"]
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.unit.synthesized import Json

SECTIONS = {
    "resource": "resource_schemas",
    "data": "data_source_schemas",
    "ephemeral": "ephemeral_resource_schemas",
}
META = frozenset({"//", "count", "depends_on", "for_each", "lifecycle", "provider"})
"""Terraform's own arguments, which every resource has."""

_NUMBER = re.compile(r"-?\d+(\.\d+)?")


class Schema:
    """What one version of the provider accepts."""

    def __init__(self, document: Mapping[str, Json]) -> None:
        (self._provider,) = document["provider_schemas"].values()

    def faults(self, section: str, type_: str, arguments: Mapping[str, Json]) -> Iterator[str]:
        """Yield what the provider would refuse or warn about.

        Args:
            section: `resource`, `data` or `ephemeral`.
            type_: Terraform type, without `data.`.
            arguments: The arguments as they stand in `cdk.tf.json`.
        """
        known = self._provider[SECTIONS[section]].get(type_)
        if known is None:
            yield "unknown type"
            return
        yield from _block("", known["block"], {key: each for key, each in arguments.items() if key not in META})

    def provider_faults(self, arguments: Mapping[str, Json]) -> Iterator[str]:
        """Yield what is wrong with a provider's configuration."""
        given = {key: each for key, each in arguments.items() if key != "alias"}
        yield from _block("", self._provider["provider"]["block"], given)

    def has_attribute(self, section: str, type_: str, name: str) -> bool:
        """Tell whether a reference to an attribute leads somewhere."""
        known = self._provider[SECTIONS[section]].get(type_, {}).get("block", {})
        return name in known.get("attributes", {}) or name in known.get("block_types", {})


def read_schema(folder: Path, terraform: str, provider: Mapping[str, str]) -> Schema | str:
    """Ask Terraform for the schema.

    Args:
        folder: An empty folder to work in.
        terraform: The program.
        provider: Source and version, as a stack requires it.

    Returns:
        The schema; or, where the provider cannot be had, what Terraform said.
    """
    required = {"terraform": {"required_providers": {"aws": dict(provider)}}}
    (folder / "main.tf.json").write_text(json.dumps(required), encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("TF_", "AWS_"))}
    for command in (["init", "-backend=false", "-input=false", "-no-color"], ["providers", "schema", "-json"]):
        done = subprocess.run(  # noqa: S603 the program that users run
            [terraform, *command],
            cwd=folder,
            env=environment | {"CHECKPOINT_DISABLE": "1"},
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            return done.stderr.strip()
    return Schema(json.loads(done.stdout))


def _block(place: str, schema: Mapping[str, Json], given: Json) -> Iterator[str]:
    if not isinstance(given, Mapping):
        yield f"{place or 'block'}: {type(given).__name__} where a block is meant"
        return
    attributes, blocks = schema.get("attributes", {}), schema.get("block_types", {})
    for name in given.keys() - attributes.keys() - blocks.keys():
        yield f"{_under(place, name)}: unknown argument"
    for name, attribute in attributes.items():
        yield from _attribute(_under(place, name), attribute, given.get(name))
    for name, nested in blocks.items():
        yield from _nested(_under(place, name), nested, given.get(name))


def _attribute(place: str, attribute: Mapping[str, Json], value: Json) -> Iterator[str]:
    if value is None:
        if attribute.get("required"):
            yield f"{place}: required and missing"
    elif not (attribute.get("required") or attribute.get("optional")):
        yield f"{place}: the provider sets this itself"
    elif attribute.get("deprecated"):
        yield f"{place}: deprecated"
    else:
        yield from _value(place, attribute["type"], value)


def _nested(place: str, nested: Mapping[str, Json], value: Json) -> Iterator[str]:
    items = [] if value is None else value if isinstance(value, list) else [value]
    least, most = nested.get("min_items", 0), nested.get("max_items", 0)
    if nested["nesting_mode"] == "single":
        most = 1
    if len(items) < least:
        yield f"{place}: {len(items)} blocks, at least {least} needed"
    if most and len(items) > most:
        yield f"{place}: {len(items)} blocks, at most {most} allowed"
    for index, item in enumerate(items):
        yield from _block(f"{place}.{index}", nested["block"], item)


def _value(place: str, type_: Json, value: Json) -> Iterator[str]:
    """Judge a value. Text with an expression in it can become anything."""
    if isinstance(value, str) and "${" in value:
        return
    if isinstance(type_, str):
        if not _is_scalar(type_, value):
            yield f"{place}: {value!r} is no {type_}"
        return
    kind, of = type_
    if kind in {"object", "map"}:
        yield from _object(place, kind, of, value)
    elif not isinstance(value, list):
        yield f"{place}: {value!r} is no {kind}"
    else:
        if kind == "set" and len({json.dumps(item, sort_keys=True) for item in value}) < len(value):
            yield f"{place}: a set names something twice in {value!r}"
        for index, item in enumerate(value):
            yield from _value(f"{place}.{index}", of, item)


def _object(place: str, kind: str, of: Json, value: Json) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{place}: {value!r} is no {kind}"
        return
    for name, item in value.items():
        if kind == "object" and name not in of:
            yield f"{_under(place, name)}: unknown argument"
        elif item is not None:
            yield from _value(_under(place, name), of[name] if kind == "object" else of, item)


def _is_scalar(type_: str, value: Json) -> bool:
    """Follow Terraform's conversions: text that reads as a number or a boolean is one."""
    match type_:
        case "string":
            return isinstance(value, str | int | float)
        case "number":
            is_text = isinstance(value, str) and _NUMBER.fullmatch(value) is not None
            return is_text or (isinstance(value, int | float) and not isinstance(value, bool))
        case "bool":
            return isinstance(value, bool) or value in ("true", "false")
    return type_ == "dynamic"


def _under(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
