"""A synthesized stack as blocks with addresses, in the one form in which two of them can be compared.

JSON inside strings becomes what it holds, policies lose their freedom of notation, hashes of packed code stand apart.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from lifeboat.review.policies import is_policy, normalised

Json: TypeAlias = Any

ASSET = re.compile(r"^(?P<place>assets/[^/]+)/(?P<hash>[0-9a-f]{64})/(?P<name>.+?)(?P<key>-[0-9a-f]{16})?\.zip$")
"""Where cdktf puts what a function is made of: a folder named after its content."""
CODE_HASH = "source_code_hash"
HIDDEN = "<hash>"
SECTIONS = {"resource": "", "data": "data.", "ephemeral": "ephemeral."}
"""Sections with a type and a name below it, and what their addresses begin with."""
KNOWN = {*SECTIONS, "output", "provider", "terraform", "variable", "locals", "module", "moved", "removed", "import"}
"""Top-level keys by which a file is known to be Terraform JSON:
https://developer.hashicorp.com/terraform/language/syntax/json"""


@dataclass(frozen=True, kw_only=True)
class Block:
    """One resource, data source, output, provider or other block.

    Attributes:
        kind: The section it stands in: `resource`, `data`, `output`, `provider`...
        type: Such as `aws_s3_bucket`. Empty for blocks without one.
        address: As Terraform prints it, such as `aws_s3_bucket.logs`.
        path: The construct that made it, inside its stack, such as `logs/bucket`. Empty: the file does not say.
        content: The arguments in canonical form.
        code: Hash of the packed code that it runs. Empty: none, or the files do not say.
    """

    kind: str
    type: str
    address: str
    path: str
    content: Json
    code: str = ""

    def get(self, *path: str) -> Json:
        """Return what stands at a path of keys, one-element lists of blocks seen through. None: nothing."""
        found = self.content
        for key in path:
            if isinstance(found, list) and len(found) == 1:
                found = found[0]
            if not isinstance(found, dict):
                return None
            found = found.get(key)
        return found


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One synthesized stack.

    Attributes:
        name: Such as `shop-dev-us-east-1`.
        source: The file, as people know it.
        blocks: By address.
        moved: New address to old, as the stack's own `moved` blocks say.
        forgotten: Addresses that `removed` blocks let go of without destroying anything.
    """

    name: str
    source: str
    blocks: Mapping[str, Block]
    moved: Mapping[str, str] = field(default_factory=dict)
    forgotten: frozenset[str] = frozenset()

    @property
    def region(self) -> str:
        """Region of the provider that blocks use when they name none. Empty: the stack does not say."""
        provider = self.blocks.get("provider.aws")
        found = provider.get("region") if provider else None
        return found if isinstance(found, str) else ""

    @property
    def family(self) -> str:
        """What the stacks of one system in one environment have in common: the name without its region."""
        return self.name.removesuffix(f"-{self.region}") if self.is_regional else ""

    @property
    def is_regional(self) -> bool:
        """Whether it is one region's stack among others of its kind: it is named after its region."""
        return bool(self.region) and self.name.endswith(f"-{self.region}")


def is_stack(content: Json) -> bool:
    """Whether a file's content is Terraform JSON."""
    return isinstance(content, dict) and bool(content.keys() & KNOWN)


def read_stack(name: str, source: str, content: Mapping[str, Json], assets: Mapping[str, str]) -> Stack:
    """Turn Terraform JSON into a stack.

    Args:
        name: The stack's name.
        source: The file, as people know it.
        content: The Terraform JSON.
        assets: Construct path to hash of packed code, where a snapshot lists it apart.
    """
    blocks = {block.address: block for block in _blocks(name, content, assets)}
    return Stack(
        name=name,
        source=source,
        blocks=blocks,
        moved={str(each["to"]): str(each["from"]) for each in _list(content.get("moved")) if {"to", "from"} <= {*each}},
        forgotten=frozenset(
            str(each.get("from")) for each in _list(content.get("removed")) if not _destroys(each.get("lifecycle"))
        ),
    )


def readable(value: Json) -> Json:
    """Turn strings that hold JSON into what they hold, and take hashes of packed code out."""
    match value:
        case dict():
            inside = {key: HIDDEN if key == CODE_HASH else readable(each) for key, each in value.items() if key != "//"}
            return normalised(inside) if is_policy(inside) else inside
        case list():
            return [readable(each) for each in value]
        case str() if value.startswith(("{", "[")):
            try:
                return readable(json.loads(value))
            except ValueError:  # an expression inside stands where JSON wants a value: it stays a text
                return value
        case str():
            return ASSET.sub(r"\g<place>/<hash>/\g<name>.zip", value)
    return value


def _blocks(stack: str, content: Mapping[str, Json], assets: Mapping[str, str]) -> Iterator[Block]:
    for section, value in content.items():
        if section in SECTIONS and isinstance(value, dict):
            for type_, named in value.items():
                for name, raw in _items(named):
                    yield _typed(stack, section, (type_, name), raw, assets)
        elif section == "provider" and isinstance(value, dict):
            for type_, each in value.items():
                yield from _providers(type_, _list(each))
        elif section == "terraform":
            yield Block(kind=section, type="", address=section, path="", content=readable(value))
        elif section not in {"//", "moved", "removed", "import"} and isinstance(value, dict):
            prefix = "local" if section == "locals" else {"variable": "var"}.get(section, section)
            for name, raw in value.items():
                yield Block(kind=section, type="", address=f"{prefix}.{name}", path="", content=readable(raw))


def _typed(stack: str, section: str, named: tuple[str, str], raw: Json, assets: Mapping[str, str]) -> Block:
    prefix, (type_, name) = SECTIONS[section], named
    path = _construct_path(raw).removeprefix(f"{stack}/")
    return Block(
        kind=section,
        type=prefix + type_,
        address=f"{prefix}{type_}.{name}",
        path=path,
        content=readable(raw),
        code=assets.get(path) or _code(raw),
    )


def _providers(type_: str, found: list[dict[str, Json]]) -> Iterator[Block]:
    for raw in found:
        alias = raw.get("alias")
        address = f"provider.{type_}.{alias}" if alias else f"provider.{type_}"
        yield Block(kind="provider", type="", address=address, path="", content=readable(raw))


def _construct_path(raw: Json) -> str:
    match raw:
        case {"//": {"metadata": {"path": str(path)}}}:
            return path
    return ""


def _code(raw: Json) -> str:
    found = raw.get(CODE_HASH) if isinstance(raw, dict) else None
    return found if isinstance(found, str) and found != HIDDEN and "${" not in found else ""


def _items(named: Json) -> Iterator[tuple[str, Json]]:
    """Yield blocks by name; Terraform takes a list of such tables as well."""
    for each in _list(named):
        yield from ((name, raw) for name, raw in each.items() if name != "//")


def _list(value: Json) -> list[dict[str, Json]]:
    found = value if isinstance(value, list) else [value]
    return [each for each in found if isinstance(each, dict)]


def _destroys(lifecycle: Json) -> bool:
    found = lifecycle[0] if isinstance(lifecycle, list) and lifecycle else lifecycle
    return not (isinstance(found, dict) and found.get("destroy") is False)
