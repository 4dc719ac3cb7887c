"""What stacks need around them on an embedded AWS, and what keeps everything that they do on this machine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from lifeboat.api_logging import ROLE
from lifeboat.bootstrap import API_LOGGING, SPECIAL_REGION, Wanted
from lifeboat.local.overrides import override
from lifeboat.stacks import Stack

BACKENDS = {"s3", "local"}
"""Backends that can be led to the embedded AWS, or into a folder."""
PROVIDERS = {"archive", "aws", "random", "terraform", "time", "tls"}
"""Providers that call AWS, or nobody. Others may run programs, write files or call other servers."""


def objections(stack: Stack) -> Iterator[str]:
    """Yield why a stack is not run: what it would do outside of the embedded AWS."""
    for why in (*_blocks(stack.content), *_states(stack.content)):
        yield f"  {stack.name}: {why}"


def _blocks(content: Mapping[str, Any]) -> Iterator[str]:
    for section in ("resource", "data", "ephemeral"):
        for type_, named in _items(content.get(section)):
            if type_.partition("_")[0] not in PROVIDERS:
                yield f"{type_} may do more than call AWS"
            for name, block in _items(named):
                if isinstance(block, dict) and block.get("provisioner"):
                    yield f"{type_}.{name} has a provisioner, which runs programs"
    if any("endpoints" in provider for provider in providers(content)):
        yield "its provider has endpoints of its own, which lead elsewhere"
    if content.get("module"):
        yield "it calls modules, which are not read here"


def _states(content: Mapping[str, Any]) -> Iterator[str]:
    terraform = content.get("terraform", {})
    for backend, settings in _items(terraform.get("backend")):
        if backend not in BACKENDS:
            yield f"its state lives in {backend}, not in {' or '.join(sorted(BACKENDS))}"
        elif isinstance(settings, dict) and {"endpoint", "endpoints"} & settings.keys():
            yield "its backend has endpoints of its own, which lead elsewhere"
    if "cloud" in terraform:
        yield "its state lives in HCP Terraform"


def needed(stacks: Iterable[Stack]) -> list[Wanted]:
    """List what has to be there before the stacks: buckets of their states, hosted zones, roles."""
    found: set[Wanted] = set()
    for stack in stacks:
        content = stack.content
        backend = content.get("terraform", {}).get("backend", {}).get("s3")
        if isinstance(backend, dict):
            region = str(backend.get("region", SPECIAL_REGION))
            found.add(Wanted(kind="state bucket", name=str(backend.get("bucket")), region=region))
        for _, zone in _items(content.get("data", {}).get("aws_route53_zone")):
            if isinstance(zone, dict) and isinstance(zone.get("name"), str) and not zone.get("private_zone"):
                found.add(Wanted(kind="hosted zone", name=zone["name"].rstrip(".")))
        if "aws_api_gateway_rest_api" in content.get("resource", {}):
            for provider in providers(content):
                found.add(Wanted(kind=API_LOGGING, name=ROLE, region=str(provider.get("region", SPECIAL_REGION))))
    return sorted(found)


def providers(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the configurations of the AWS provider; Terraform takes a single one without a list, too."""
    found = content.get("provider", {}).get("aws", [])
    return [each for each in (found if isinstance(found, list) else [found]) if isinstance(each, dict)]


def local_override(content: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return the override for a stack's JSON: as for `lifeboat local`, and no state outside of a folder.

    Args:
        content: The stack's JSON.
        folder: Where states that name a path of this machine are kept instead.
    """
    states = content.get("data", {}).get("terraform_remote_state", {})
    whole = {**content, "provider": {"aws": providers(content)}}
    found = override(whole)
    local = content.get("terraform", {}).get("backend", {}).get("local")
    if isinstance(local, dict) and "path" in local:
        found["terraform"] = {"backend": {"local": {"path": _moved(local["path"], folder)}}}
    for name, state in states.items():
        if state.get("backend") == "local":
            config = {**state["config"], "path": _moved(state["config"].get("path"), folder)}
            found.setdefault("data", {}).setdefault("terraform_remote_state", {})[name] = {"config": config}
    return found


def _moved(path: object, folder: Path) -> str:
    """Return the path of a state inside a folder: the same for everybody who means the same file."""
    return str(folder / f"{hashlib.sha256(str(path).encode()).hexdigest()[:16]}.tfstate")


def _items(value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 whatever the file holds
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            yield from each.items()
