"""The one file that makes a stack's unchanged JSON work on the embedded AWS: a Terraform override beside it.

Terraform merges `*_override.tf.json` into what it overrides:
https://developer.hashicorp.com/terraform/language/files/override
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lifeboat.stacks import Stack
from lifeboat.workspace import write_json

FILE = "lifeboat_local_override.tf.json"

LOCAL_PROVIDER = {
    # A bucket's own host name resolves nowhere on loopback.
    "s3_use_path_style": True,
    # A call that the embedded AWS does not know must fail now; the default of 25 takes minutes.
    "max_retries": 2,
}


def override(content: dict[str, Any]) -> dict[str, Any]:
    """Return the override for a stack's JSON.

    Providers are merged by their alias, one by one. A remote state's `config` is one value, so it is repeated whole.
    """
    aliases = [provider.get("alias") for provider in content.get("provider", {}).get("aws", [])]
    providers = [{**({"alias": alias} if alias else {}), **LOCAL_PROVIDER} for alias in aliases]
    states = {
        name: {"config": {**state["config"], "use_path_style": True}}
        for name, state in content.get("data", {}).get("terraform_remote_state", {}).items()
        if state["backend"] == "s3"
    }
    result: dict[str, Any] = {"provider": {"aws": providers}}
    return result | ({"data": {"terraform_remote_state": states}} if states else {})


def write_override(stack: Stack) -> Path:
    """Write the override of a stack beside its JSON, which stays as it is."""
    path = stack.folder / FILE
    write_json(path, override(stack.content))
    return path
