"""What every server of this embedded AWS stands on: a folder that ends with it, addresses, and an authority."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

from lifeboat.local.embedded.postgres.addresses import Addresses, Range
from lifeboat.local.embedded.postgres.binaries import Binaries
from lifeboat.local.embedded.postgres.certificates import Authority
from lifeboat.local.embedded.postgres.doors import Place
from lifeboat.local.embedded.postgres.server import Server
from lifeboat.local.embedded.postgres.settings import ADMIN, ROLES

SERVER_PORT = 5432
WATCHDOG = Path(__file__).with_name("watchdog.py")


class Site:
    """What every database of this process stands on: made when the first one is."""

    def __init__(self, tools: Binaries, addresses: Addresses) -> None:
        """Make the folder, have it watched, and make the content that every new server starts with.

        Raises:
            UnavailableError: PostgreSQL's own programs fail.
        """
        self.tools = tools
        self.addresses = addresses
        self.authority = Authority()
        self.folder = Path(tempfile.mkdtemp(prefix="embedded-rds-", dir=_reachable(tools)))
        self._watchdog = self._watch()
        self.folder.chmod(0o755)  # the certificate in it is for everybody; what is secret is in closed folders
        tools.give(self.folder)
        self.certificate = self.folder / "ca.pem"
        self.certificate.write_bytes(self.authority.certificate)
        self.template = self.folder / "template"
        self._make_template()
        self._numbers = iter(range(1, sys.maxsize))

    def new_server(self, addresses: Range) -> Server:
        """Return a server without content."""
        name = f"server-{next(self._numbers)}"
        certificate = self.authority.issue(name, [*addresses.all, *self.addresses.shared.all])
        place = Place(host=addresses.all[-1], port=SERVER_PORT)
        return Server(tools=self.tools, folder=self.folder / name, place=place, certificate=certificate)

    def new_image(self) -> Path:
        """Return a folder that is not there yet, for a backup."""
        return self.folder / f"image-{uuid.uuid4().hex}"

    def remove(self) -> None:
        """Delete everything; the watchdog then finds nothing and ends."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._watchdog.stdin:
            self._watchdog.stdin.close()
        self._watchdog.wait()

    def _watch(self) -> subprocess.Popen[bytes]:
        # Its pipe is closed by the system when this process ends, however it ends. No child inherits the other end.
        return subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-I", "-S", str(WATCHDOG), str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )

    def _make_template(self) -> None:
        """Make a server once; copying it takes a fifth of the time."""
        self.tools.run(
            *("initdb", "-D", str(self.template), "-U", ADMIN, "-A", "trust", "--wal-segsize=1"),
            *("--no-sync", "--no-instructions", "--locale=C", "--encoding=UTF8"),
        )
        addresses = self.addresses.take()
        self._numbers = iter([0])
        first = self.new_server(addresses)
        first.fill(self.template)
        first.start()
        first.tell(*(statement for statement in ROLES.strip().split("\n") if statement))
        first.stop()
        shutil.rmtree(self.template)
        (first.folder / "data").rename(self.template)
        first.remove()
        self.addresses.give_back(addresses)


def _reachable(tools: Binaries) -> str:
    """Return a folder for temporary files that the unprivileged user can reach."""
    folder = Path(tempfile.gettempdir()).resolve()
    if tools.user is None or all(path.stat().st_mode & 0o001 for path in (folder, *folder.parents)):
        return str(folder)
    return "/tmp"  # noqa: S108 - mkdtemp makes a folder of its own in it
