"""One PostgreSQL server: its folder, its process, and what it is told through the socket in the folder."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pg8000.exceptions
import pg8000.native

from lifeboat.local.embedded.postgres.binaries import Binaries
from lifeboat.local.embedded.postgres.doors import Place
from lifeboat.local.embedded.postgres.settings import (
    ADMIN,
    SUPERUSERS,
    access_settings,
    main_settings,
    replication_settings,
)

SECONDS_TO_START = 60.0
SECONDS_TO_STOP = 20.0
SECONDS_TO_CATCH_UP = 30.0
SECONDS_TO_STREAM = 5.0
PAUSE = 0.02
TROUBLE = (pg8000.exceptions.InterfaceError, pg8000.exceptions.DatabaseError, OSError)


class ServerError(Exception):
    """A server does not do what it should; the message says what, and what it wrote last."""


class Server:
    """A server with a folder of its own. Made empty of everything: fill it, then start it."""

    def __init__(self, *, tools: Binaries, folder: Path, place: Place, certificate: tuple[bytes, bytes]) -> None:
        """Make the folder.

        Args:
            tools: The programs.
            folder: To be made, with a path short enough for a socket in it.
            place: Where it listens.
            certificate: Certificate and private key, PEM.
        """
        self.place = place
        self._tools = tools
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(mode=0o700)
        self._write("postgresql.conf", main_settings(str(folder), place.host, place.port))
        self._write("server.crt", certificate[0].decode())
        self._write("server.key", certificate[1].decode())
        self._write("replication.conf", replication_settings(None, place.port, folder.name))
        self._write("access.conf", access_settings(ssl_forced=True))
        tools.give(folder)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def is_running(self) -> bool:
        """Whether its process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def is_standby(self) -> bool:
        """Whether it only follows: it cannot be written to."""
        return bool(self.ask("SELECT pg_is_in_recovery()")[0][0])

    # Content ----------------------------------------------------------------------------------------------------

    def fill(self, image: Path) -> None:
        """Take the content of a stopped server or of a backup."""
        self._tools.run("/bin/cp", "-a", "--reflink=auto", str(image), str(self._data))
        (self._data / "standby.signal").unlink(missing_ok=True)

    def fill_from(self, source: Server) -> None:
        """Take the content that a running server has now, to follow it from there."""
        source.back_up(self._data)
        self._follow_at_start()

    def back_up(self, image: Path) -> None:
        """Write the content of now into a new folder, while the server goes on."""
        self._tools.run(
            *("pg_basebackup", "--host", str(self.folder), "--port", str(self.place.port), "--username", ADMIN),
            *("--pgdata", str(image), "--checkpoint=fast", "--wal-method=stream", "--no-sync", "--no-manifest"),
        )

    # Process ----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            ServerError: It does not.
        """
        with (self.folder / "log").open("ab") as log:
            command = ("postgres", "-D", str(self._data), "-c", f"config_file={self.folder}/postgresql.conf")
            self._process = self._tools.start(command, stdout=log, stderr=log)
        deadline = time.monotonic() + SECONDS_TO_START
        while not self._answers():
            if not self.is_running or time.monotonic() > deadline:
                raise ServerError(f"a PostgreSQL server did not start: {self.last_words()}")
            time.sleep(PAUSE)

    def stop(self) -> None:
        """End it in order: clients are sent away, standbys get everything that was written."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End it at once, as a machine that is lost."""
        self._end(signal.SIGQUIT)

    def remove(self) -> None:
        """End it and delete its folder."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def empty(self) -> None:
        """End it and delete its content, so that it can be filled again."""
        self.kill()
        shutil.rmtree(self._data, ignore_errors=True)

    def last_words(self) -> str:
        """Return the end of its log."""
        try:
            return " ".join((self.folder / "log").read_text("utf-8", "replace").splitlines()[-3:])
        except FileNotFoundError:
            return "it wrote nothing"

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(how)
        try:
            self._process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    # Settings ---------------------------------------------------------------------------------------------------

    def let_in(self, *, ssl_forced: bool) -> None:
        """Say whether clients may do without TLS."""
        self._write("access.conf", access_settings(ssl_forced=ssl_forced))
        self._reread()

    def create_owner(self, user: str, password: str, database: str | None) -> None:
        """Create the master user and the initial database. Absent database: only `postgres`, which is there."""
        name = pg8000.native.identifier(user)
        self.tell(
            f"CREATE ROLE {name} LOGIN CREATEDB CREATEROLE PASSWORD {pg8000.native.literal(password)}",
            f"GRANT {SUPERUSERS} TO {name} WITH ADMIN OPTION",
            f"ALTER DATABASE postgres OWNER TO {name}",
        )
        if database and database != "postgres":
            self.tell(f"CREATE DATABASE {pg8000.native.identifier(database)} OWNER {name}")

    def change_password(self, user: str, password: str) -> None:
        """Give a user another password; connections that are open stay open."""
        name = pg8000.native.identifier(user)
        self.tell(f"ALTER ROLE {name} PASSWORD {pg8000.native.literal(password)}")

    # Replication ------------------------------------------------------------------------------------------------

    def follow(self, source: Server | None) -> None:
        """Follow a server from now on; None: stand still, and stay a standby."""
        where = str(source.folder) if source else None
        port = source.place.port if source else self.place.port
        self._write("replication.conf", replication_settings(where, port, self.folder.name))
        self._reread()

    def restart_behind(self, source: Server) -> bool:
        """Become the standby of a server that took over; tell whether the two histories agree."""
        self._follow_at_start()
        self.follow(source)
        self.start()
        deadline = time.monotonic() + SECONDS_TO_STREAM
        while time.monotonic() < deadline:
            if self.ask("SELECT 1 FROM pg_stat_wal_receiver WHERE status = 'streaming'"):
                return True
            time.sleep(PAUSE)
        return False

    def promote(self) -> None:
        """Let a standby take writes, as a server of its own.

        Raises:
            ServerError: It is not done in time.
        """
        self.follow(None)
        if not self.ask("SELECT pg_promote(true, 30)")[0][0]:
            raise ServerError(f"a standby was not promoted: {self.last_words()}")

    def position(self) -> int:
        """How far its content goes: bytes of write-ahead log written, or replayed by a standby."""
        here = "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END"
        return int(str(self.ask(f"SELECT pg_wal_lsn_diff({here}, '0/0')")[0][0]))

    def catch_up_with(self, source: Server, *, within: float = SECONDS_TO_CATCH_UP) -> None:
        """Wait until everything that the source holds is here as well.

        Args:
            source: Whom it follows.
            within: Seconds. Absent: as long as a switchover may take.

        Raises:
            ServerError: It is not, in time.
        """
        goal = source.position()
        deadline = time.monotonic() + within
        while self.position() < goal:
            if time.monotonic() > deadline:
                raise ServerError("a standby does not catch up with its source")
            time.sleep(PAUSE)

    def seconds_since_replay(self) -> float:
        """How long ago the last transaction was committed that is visible here; 0 when there was none."""
        found = self.ask("SELECT extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())")[0][0]
        return max(0.0, float(str(found))) if found is not None else 0.0

    def _follow_at_start(self) -> None:
        signal_file = self._data / "standby.signal"
        signal_file.touch(mode=0o600)
        self._tools.give(signal_file)

    # Talking ----------------------------------------------------------------------------------------------------

    def ask(self, question: str) -> list[list[object]]:
        """Ask as the superuser and return the rows."""
        with self._connected() as connection:
            rows: list[list[object]] | None = connection.run(question)
        return rows or []

    def tell(self, *statements: str) -> None:
        """Run statements as the superuser; none of them is written to the log, whatever comes of it."""
        with self._connected() as connection:
            connection.run("SET log_min_error_statement = 'panic'")
            for statement in statements:
                connection.run(statement)

    @contextlib.contextmanager
    def _connected(self, database: str = "postgres") -> Iterator[pg8000.native.Connection]:
        socket = f"{self.folder}/.s.PGSQL.{self.place.port}"
        connection = pg8000.native.Connection(ADMIN, unix_sock=socket, database=database, timeout=SECONDS_TO_START)
        try:
            yield connection
        finally:
            with contextlib.suppress(*TROUBLE):
                connection.close()

    def _answers(self) -> bool:
        try:
            return bool(self.ask("SELECT 1"))
        except TROUBLE:
            return False

    def _reread(self) -> None:
        if self.is_running and self._process is not None:
            self._process.send_signal(signal.SIGHUP)

    def _write(self, name: str, text: str) -> None:
        """Write a file of its folder whole: the server may be reading the old one."""
        draft = self.folder / f"{name}.draft"
        draft.touch(mode=0o600)
        draft.write_text(text, encoding="utf-8")
        self._tools.give(draft)
        draft.replace(self.folder / name)

    def facts(self) -> Mapping[str, object]:
        """Return what the embedded AWS tells about it."""
        return {"address": self.place.host, "port": self.place.port, "running": self.is_running}
