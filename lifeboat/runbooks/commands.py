"""`lifeboat runbooks`: writes them, or tells which are out of date."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from lifeboat.failure import Exit, Failure
from lifeboat.workspace import PROJECT

# ruff: noqa: PLC0415 - pydantic and jinja2 are loaded by the command that needs them, so that all start at once

FOLDER = Path("docs") / "runbooks"


@click.command()
@click.argument("deployments", nargs=-1, metavar="[DEPLOYMENT]...")
@click.option("--suffix", help="Whose names are written. Absent: prod.")
@click.option("--check", is_flag=True, help="Write nothing; end with 2 when one is out of date.")
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=FOLDER,
    show_default=True,
    help="Folder.",
)
def runbooks(deployments: tuple[str, ...], suffix: str | None, folder: Path, *, check: bool) -> None:
    """Write the runbook of each system from its description and its alarms. None given: all of them."""
    from deployments.load import known

    stale = []
    for name in deployments or known():
        path, text = folder / f"{name}.md", written(name, suffix)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            click.echo(f"{path}: up to date")
            continue
        stale.append(str(path))
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            click.echo(f"{path}: written")
    if check and stale:
        raise Failure(f"out of date: {', '.join(stale)}; `lifeboat runbooks` writes them", Exit.CHANGES)


def written(name: str, suffix: str | None) -> str:
    """Return a system's runbook.

    Raises:
        ProblemsError: There is no such deployment, or its file has problems.
        Failure: It cannot be synthesized.
    """
    from deployments.choice import chosen_systems
    from lifeboat.runbooks.alarms import alarms_of
    from lifeboat.runbooks.page import STAGE, render

    chosen = {"DEPLOYMENT": name, "ENVIRONMENT_SUFFIX": suffix or STAGE}
    (system,) = chosen_systems({**os.environ, **chosen})
    return render(system, alarms_of(_synthesized(chosen)))


def _synthesized(chosen: dict[str, str]) -> list[dict[str, Any]]:
    """Return the Terraform JSON of each stack."""
    from lifeboat.local.environment import child_environment
    from lifeboat.stacks import read_stacks

    with tempfile.TemporaryDirectory(prefix="runbooks-") as folder:
        done = subprocess.run(  # noqa: S603 our own program
            [sys.executable, str(PROJECT / "main.py")],
            cwd=PROJECT,
            env=child_environment(os.environ) | chosen | {"CDKTF_OUTDIR": folder},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Failure(f"{chosen['DEPLOYMENT']} cannot be synthesized:\n{(done.stderr or done.stdout).strip()}")
        return [stack.content for stack in read_stacks(Path(folder))]
