"""Where PostgreSQL's server programs are, and the user who may run them: PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

NEEDED = ("initdb", "postgres", "pg_basebackup")
OLDEST = 14
"""The first major version with the roles that a master user has on AWS."""

# Debian keeps the programs of every major version in a folder of its own, off the PATH; so do Red Hat and Homebrew.
FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")

# As root: the package's own user, else one that owns nothing.
UNPRIVILEGED = ("postgres", "nobody")

INSTALL = "bin/install-postgres says which package brings them, and installs it when it may"


class UnavailableError(Exception):
    """No server can run here; the message says why, and what to do about it."""


@dataclass(frozen=True, kw_only=True)
class Binaries:
    """An installed PostgreSQL and how to run it.

    Attributes:
        folder: Folder of the programs.
        version: Such as `15.18`.
        user: Name of the user whom the programs run as. None: the current one.
    """

    folder: Path
    version: str
    user: str | None

    @property
    def major(self) -> int:
        """The major version."""
        return int(self.version.split(".")[0])

    def start(self, command: Sequence[str], **options: object) -> subprocess.Popen[bytes]:
        """Start a program as the unprivileged user, in a session of its own and without the caller's environment."""
        environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        return subprocess.Popen(  # type: ignore[call-overload,no-any-return] # noqa: S603 - options are those of Popen; the programs are PostgreSQL's
            [str(self.folder / command[0]), *command[1:]] if "/" not in command[0] else list(command),
            env=environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            **self._identity(),
            **options,
        )

    def run(self, *command: str) -> None:
        """Run a program to its end.

        Raises:
            UnavailableError: It failed; the message is the last line of what it said.
        """
        process = self.start(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said, _ = process.communicate()
        if process.returncode:
            last = said.decode("utf-8", "replace").strip().splitlines()[-1:]
            raise UnavailableError(f"{Path(command[0]).name} failed: {' '.join(last)}")

    def _identity(self) -> dict[str, object]:
        if self.user is None:
            return {}
        found = pwd.getpwnam(self.user)
        return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Make the unprivileged user the owner of a file or folder."""
        if self.user is not None:
            found = pwd.getpwnam(self.user)
            os.chown(path, found.pw_uid, found.pw_gid)


def find_binaries() -> Binaries:
    """Find the newest PostgreSQL: on the PATH, where `pg_config` says, or where distributions put it.

    Raises:
        UnavailableError: There is none, it is too old, or nobody may run it.
    """
    if not sys.platform.startswith("linux"):
        raise UnavailableError("only Linux gives every server a loopback address of its own")
    folders = [folder for folder in _folders() if all((folder / name).is_file() for name in NEEDED)]
    if not folders:
        raise UnavailableError(f"no PostgreSQL server programs ({', '.join(NEEDED)}) are installed; {INSTALL}")
    found = max((_version(folder), folder) for folder in folders)
    if found[0][0] < OLDEST:
        raise UnavailableError(f"PostgreSQL {found[0][0]} in {found[1]} is too old, {OLDEST} is needed; {INSTALL}")
    return Binaries(folder=found[1], version=".".join(map(str, found[0])), user=_user())


def _folders() -> Iterator[Path]:
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    config = shutil.which("pg_config")
    if config:
        told = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)  # noqa: S603 - as found
        yield Path(told.stdout.strip() or "/nowhere")
    for pattern in FOLDERS:
        yield from Path("/").glob(pattern.lstrip("/"))


def _version(folder: Path) -> tuple[int, ...]:
    told = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - as found
    numbers = re.search(r"(\d+)(?:\.(\d+))?", told.stdout)
    return tuple(int(number) for number in numbers.groups() if number) if numbers else (0,)


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    raise UnavailableError(f"PostgreSQL does not run as root, and there is no user {' or '.join(UNPRIVILEGED)}")
