"""Terraform itself accepts every stack: no error, no warning, so no deprecated argument either."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Stack

TERRAFORM = shutil.which("terraform")
pytestmark = pytest.mark.skipif(TERRAFORM is None, reason="terraform is not installed")
STACKS = [
    ("dev", "us-east-1"),
    ("dev", "us-west-2"),
    ("dev", "global"),
    ("prod", "us-east-1"),
    ("active-active", "global"),
    ("three-regions", "global"),
    ("nat-per-zone", "us-east-1"),
    ("one-region", "global"),
    ("healthcare-prod", "eu-west-1"),
    ("healthcare-dev", "eu-central-1"),
    ("cache-cluster", "us-east-1"),
    ("globecart-dev", "global"),
    ("globecart-prod", "us-west-2"),
    ("edge", "us-west-2"),
    ("edge", "global"),
]
"""Between them every argument that any variant writes; Terraform needs seconds for each."""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    assert TERRAFORM is not None
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("TF_", "AWS_"))}
    return subprocess.run(  # noqa: S603 the program that users run
        [TERRAFORM, *arguments],
        cwd=folder,
        env=environment | {"CHECKPOINT_DISABLE": "1", "AWS_REGION": "us-east-1"},
        check=False,
        capture_output=True,
        text=True,
    )


def copy_of(stack: Stack, folder: Path) -> Path:
    """Copy a stack, so that what `init` writes stays out of what is compared elsewhere."""
    return Path(shutil.copytree(stack.file.parent, folder / stack.file.parent.name))


@pytest.fixture(scope="module")
def initialized(synthesized: Synthesize, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the provider linked and locked, from which the others are filled."""
    folder = copy_of(synthesized("dev").primary, tmp_path_factory.mktemp("init"))
    result = run(folder, "init", "-backend=false", "-input=false", "-no-color")
    assert result.returncode == 0, result.stderr
    return folder


@pytest.mark.parametrize(("name", "place"), STACKS)
def test_terraform_finds_no_error_and_no_warning(
    synthesized: Synthesize, initialized: Path, tmp_path: Path, name: str, place: str
) -> None:
    folder = copy_of(synthesized(name).stacks[place], tmp_path)
    shutil.copy2(initialized / ".terraform.lock.hcl", folder)
    shutil.copytree(initialized / ".terraform", folder / ".terraform", symlinks=True)
    found = json.loads(run(folder, "validate", "-json").stdout)
    assert found["diagnostics"] == []
    assert found["valid"] is True
