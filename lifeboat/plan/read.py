"""Plan files: read as JSON, or shown by Terraform first where they are its own binary format."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
from msgspec import UNSET

from deployments.problems import ProblemsError
from lifeboat.local.environment import child_environment
from lifeboat.plan.format import Plan, decode_plan

ZIP = b"PK\x03\x04"
"""A binary plan is a ZIP archive."""
STDIN = "-"
SHOW_IT = "what `terraform show -json PLANFILE` prints, or the plan file itself"


def read_plan(path: str) -> Plan:
    """Read a plan.

    Args:
        path: JSON or binary plan file; `-`: standard input, JSON.

    Raises:
        ProblemsError: It cannot be read, is no JSON, is cut short, is a state, or Terraform is needed and not there.
    """
    return parse_plan(_content(path), path)


def parse_plan(content: bytes, where: str) -> Plan:
    """Read a plan from what a file holds.

    Raises:
        ProblemsError: As `read_plan`.
    """
    if not content.strip():
        raise ProblemsError.one(where, "is empty", allowed=SHOW_IT)
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise ProblemsError.one(where, "is UTF-16, as a shell on Windows writes it", allowed=f"UTF-8: {SHOW_IT}")
    try:
        plan = decode_plan(content.removeprefix(b"\xef\xbb\xbf"))
    except msgspec.ValidationError as error:
        raise ProblemsError.one(where, f"is JSON, but not shaped like a plan: {error}", allowed=SHOW_IT) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        cut = "truncated" in str(error)
        what = "is cut short in the middle of the JSON" if cut else f"is not JSON: {error}"
        raise ProblemsError.one(where, what, allowed=SHOW_IT) from None
    if plan.is_state:
        raise ProblemsError.one(where, "is a state, not a plan", allowed=SHOW_IT)
    if plan.format_version is UNSET:
        raise ProblemsError.one(where, "is JSON, but no plan: it has no format_version", allowed=SHOW_IT)
    return plan


def show(path: Path, folder: Path | None = None) -> bytes:
    """Let Terraform write a binary plan as JSON.

    Args:
        path: The plan file.
        folder: Where the stack was planned, whose providers Terraform needs. Absent: the plan file's folder.

    Raises:
        ProblemsError: Terraform is not there, or does not accept the plan.
    """
    terraform = shutil.which("terraform")
    if terraform is None:
        raise ProblemsError.one(
            str(path),
            "is a binary plan, and terraform is not on the PATH to show it",
            allowed="install Terraform, or hand over what `terraform show -json` prints",
        )
    done = subprocess.run(  # noqa: S603 found by name on the user's own PATH
        [terraform, "show", "-json", "-no-color", str(path.absolute())],
        cwd=folder or path.parent,
        env=child_environment(os.environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        said = " ".join(done.stderr.decode(errors="replace").split()) or "no reason"
        raise ProblemsError.one(
            str(path),
            f"terraform show does not accept it: {said}",
            allowed="a plan file in the folder of its stack, initialized and with the Terraform that made it",
        )
    return done.stdout


def _content(path: str) -> bytes:
    if path == STDIN:
        return sys.stdin.buffer.read()
    file = Path(path)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ProblemsError.one(path, f"cannot be read: {error.strerror}", allowed=SHOW_IT) from None
    return show(file) if content.startswith(ZIP) else content
