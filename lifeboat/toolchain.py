"""The tools that a deploy needs, and what to do where one is missing or too old."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from lifeboat.failure import Failure

TERRAFORM = (1, 11)
"""Ephemeral resources with write-only arguments: https://developer.hashicorp.com/terraform/language/resources/ephemeral"""
NODE = (20, 0)
SECONDS_TO_ANSWER = 30.0


def check_tools(project: Path, environment: Mapping[str, str]) -> None:
    """See that Terraform, Node and the pinned cdktf are there and new enough.

    Raises:
        Failure: With everything that is missing, and what to do about each.
    """
    problems = [
        *_terraform(environment),
        *_node(environment),
        *_cdktf(project),
    ]
    if problems:
        raise Failure("\n".join(problems))


def terraform_version(environment: Mapping[str, str]) -> str:
    """Return the version of the Terraform on the PATH, such as `1.11.4`.

    Raises:
        Failure: There is none, or it is too old.
    """
    problems = _terraform(environment)
    if problems:
        raise Failure("\n".join(problems))
    return str(json.loads(_ask("terraform", ["version", "-json"], environment) or "{}")["terraform_version"])


def cdktf(project: Path) -> Path:
    """Return the command that `package.json` pins."""
    return project / "node_modules" / ".bin" / "cdktf"


def _terraform(environment: Mapping[str, str]) -> list[str]:
    advice = f"install Terraform {_text(TERRAFORM)} or newer (https://developer.hashicorp.com/terraform/install)"
    said = _ask("terraform", ["version", "-json"], environment)
    if said is None:
        return [f"terraform is not on the PATH: {advice}"]
    try:
        found = str(json.loads(said)["terraform_version"])
    except (ValueError, KeyError, TypeError):
        return [f"terraform does not tell its version: {advice}"]
    return _too_old("terraform", found, TERRAFORM, advice)


def _node(environment: Mapping[str, str]) -> list[str]:
    advice = f"install Node {NODE[0]} or newer (https://nodejs.org)"
    said = _ask("node", ["--version"], environment)
    if said is None:
        return [f"node is not on the PATH: {advice}"]
    return _too_old("node", said.strip().removeprefix("v"), NODE, advice)


def _cdktf(project: Path) -> list[str]:
    if cdktf(project).exists():
        return []
    return ["the cdktf command is not installed in node_modules: run `make setup`"]


def _too_old(tool: str, found: str, wanted: tuple[int, int], advice: str) -> list[str]:
    match = re.match(r"(\d+)\.(\d+)", found)
    if match is None:
        return [f"{tool} does not tell its version: {advice}"]
    if (int(match[1]), int(match[2])) >= wanted:
        return []
    return [f"{tool} is {found}, which is older than {_text(wanted)}: {advice}"]


def _ask(tool: str, arguments: list[str], environment: Mapping[str, str]) -> str | None:
    """Return what a tool says. None: it is not there, or cannot be run."""
    path = shutil.which(tool, path=environment.get("PATH", ""))
    if path is None:
        return None
    try:
        return subprocess.run(  # noqa: S603 found by name on the user's own PATH
            [path, *arguments],
            env=dict(environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS_TO_ANSWER,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None


def _text(version: tuple[int, int]) -> str:
    return ".".join(str(part) for part in version)
