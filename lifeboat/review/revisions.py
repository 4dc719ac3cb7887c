"""Files of a git revision, read without touching the working tree."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

from deployments.problems import ProblemsError
from lifeboat.failure import Failure

SECONDS_TO_ANSWER = 120.0
OF_A_HOOK = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"}
"""What git sets for its hooks, and what would lead to another repository than the one that is asked for."""


def repository(folder: Path) -> Path:
    """Return the top of the repository that a folder belongs to.

    Raises:
        ProblemsError: It belongs to none.
    """
    done = _git(folder, ["rev-parse", "--show-toplevel"])
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise ProblemsError.one(
            str(folder),
            "is not in a git repository",
            found=said,
            allowed="a folder of one, or two folders of snapshots",
        )
    return Path(done.stdout.decode().strip())


def commit(top: Path, revision: str) -> str:
    """Return the full name of a revision's commit. Empty: there is no such revision."""
    done = _git(top, ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"])
    return done.stdout.decode().strip() if done.returncode == 0 else ""


def revision_files(top: Path, commit_: str, folder: str, suffix: str) -> dict[str, bytes]:
    """Read the files of a folder as a commit has them, by path below the folder. Empty: it has no such folder.

    Raises:
        Failure: git does not hand them over.
    """
    if _git(top, ["cat-file", "-e", f"{commit_}:{folder}"]).returncode:
        return {}
    done = _git(top, ["archive", "--format=tar", f"{commit_}:{folder}"])
    if done.returncode:
        raise Failure(f"git does not hand over {folder} of {commit_}: {done.stderr.decode(errors='replace').strip()}")
    found = {}
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() and member.name.endswith(suffix) else None
            if content:
                found[member.name] = content.read()
    return found


def check_out(top: Path, commit_: str, folder: Path) -> None:
    """Write all files of a commit into a folder, as `git worktree` would, and leave no trace in the repository.

    Raises:
        Failure: git does not hand them over.
    """
    done = _git(top, ["archive", "--format=tar", commit_])
    if done.returncode:
        raise Failure(f"git does not hand over {commit_}: {done.stderr.decode(errors='replace').strip()}")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")


def _git(folder: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 git, with arguments of our own
            ["git", "-C", str(folder), *arguments],  # noqa: S607 found on PATH like everywhere
            env={name: value for name, value in os.environ.items() if name not in OF_A_HOOK},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=SECONDS_TO_ANSWER,
        )
    except FileNotFoundError:
        raise Failure("git is not on the PATH: install it, or give two folders of snapshots") from None
    except subprocess.TimeoutExpired:
        raise Failure(f"git did not answer within {SECONDS_TO_ANSWER:.0f} s") from None
