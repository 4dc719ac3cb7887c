"""The deployable stacks of a side: a `cdktf.out` as it lies there, or a revision synthesized in a folder of its own.

Snapshots cannot be deployed: they show policies as structures and leave the packed code out.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from deployments.problems import ProblemsError
from lifeboat.failure import Failure
from lifeboat.local.environment import child_environment
from lifeboat.review.files import MANIFEST
from lifeboat.review.revisions import check_out
from lifeboat.review.sides import Origin

COMMAND = (sys.executable, "main.py")
"""What synthesizes a revision: its own entry point, run by the Python that runs this."""
SECONDS_TO_SYNTH = 600.0
LINES_SHOWN = 20


def synthesized(origin: Origin, folder: Path, choice: Mapping[str, str], command: Sequence[str] = COMMAND) -> Path:
    """Return the `cdktf.out` of a side.

    Args:
        origin: The side. A revision is checked out into `folder` and its code is run, as CI does with it anyway.
        folder: An empty folder for what has to be made.
        choice: `DEPLOYMENT` and `ENVIRONMENT_SUFFIX`, as far as they are given.
        command: What synthesizes, run where `cdktf.json` lies; it is told the folder in `CDKTF_OUTDIR`.

    Raises:
        ProblemsError: A folder holds snapshots.
        Failure: It cannot be synthesized.
    """
    if origin.top is None:
        found = origin.folder or Path()
        if not (found / MANIFEST).is_file():
            raise ProblemsError.one(
                str(found),
                "cannot be deployed for --plan",
                allowed="a git revision, or a cdktf.out",
            )
        return found
    project = origin.top
    if origin.commit:
        project = folder / "project"
        project.mkdir(parents=True)
        check_out(origin.top, origin.commit, project)
    out = folder / "cdktf.out"
    _synth(project, out, choice, command, origin.shown)
    return out


def _synth(project: Path, out: Path, choice: Mapping[str, str], command: Sequence[str], name: str) -> None:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("CDKTF_", "PYTHONPATH"))}
    try:
        done = subprocess.run(  # noqa: S603 the revision's own entry point
            list(command),
            cwd=project,
            env={**child_environment(kept), **choice, "CDKTF_OUTDIR": str(out)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=SECONDS_TO_SYNTH,
        )
    except OSError as error:
        raise Failure(f"{name} cannot be synthesized: {command[0]}: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise Failure(f"{name} cannot be synthesized: no end after {SECONDS_TO_SYNTH:.0f} s") from None
    if done.returncode or not (out / MANIFEST).is_file():
        said = done.stdout.strip().splitlines()[-LINES_SHOWN:] or ["it wrote no cdktf.out and gave no reason"]
        raise Failure("\n".join([f"{name} cannot be synthesized:", *said]))
