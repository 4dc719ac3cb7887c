"""Makes the project's own `cdktf.out` fit for the embedded AWS, for people who type cdktf's commands themselves."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence

from deployments.system import System
from lifeboat.failure import Failure
from lifeboat.local.environment import child_environment
from lifeboat.local.overrides import write_override
from lifeboat.stacks import read_stacks
from lifeboat.toolchain import cdktf, check_tools
from lifeboat.workspace import Workspace

OUT = "cdktf.out"


def chosen_variables(systems: Sequence[System]) -> dict[str, str]:
    """Return the variables that choose these systems."""
    names = ",".join(system.spec.name for system in systems)
    return {"DEPLOYMENT": names, "ENVIRONMENT_SUFFIX": systems[0].suffix}


def prepare(workspace: Workspace, systems: Sequence[System]) -> None:
    """Synthesize into `cdktf.out` and put the override files there; a later synth leaves them in place.

    Raises:
        Failure: Synthesis fails.
    """
    check_tools(workspace.project, os.environ)
    done = subprocess.run(  # noqa: S603 the command that package.json pins
        [str(cdktf(workspace.project)), "synth", "--output", OUT],
        cwd=workspace.project,
        env=child_environment(os.environ) | chosen_variables(systems),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise Failure(f"synthesis failed:\n{done.stdout.strip()}")
    for stack in read_stacks(workspace.project / OUT):
        write_override(stack)
