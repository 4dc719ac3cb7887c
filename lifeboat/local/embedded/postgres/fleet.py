"""All databases of this embedded AWS: made, joined and ended together."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lifeboat.local.embedded.postgres.addresses import Addresses, NoAddressError
from lifeboat.local.embedded.postgres.binaries import Binaries, UnavailableError, find_binaries
from lifeboat.local.embedded.postgres.database import READER, WRITER, Database, Owner
from lifeboat.local.embedded.postgres.doors import Door, Hall, Place
from lifeboat.local.embedded.postgres.images import Images
from lifeboat.local.embedded.postgres.site import Site
from lifeboat.local.embedded.postgres.writers import WriterEndpoints

OFF = "switched off when the embedded AWS was started"


class Fleet:
    """The databases. Safe to use from any thread."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._hall = Hall()
        self._tools: Binaries | None = None
        self._reason = OFF
        self._addresses: Addresses | None = None
        self._site: Site | None = None
        self._databases: dict[str, Database] = {}
        self._writers: WriterEndpoints | None = None
        self.images = Images()
        self.dark: frozenset[str] = frozenset()
        self.held: frozenset[str] = frozenset()

    def switch_on(self) -> None:
        """Find PostgreSQL. Without it every database has a control plane only, and `facts` says why."""
        try:
            tools = find_binaries()
            self._addresses = Addresses()
        except (UnavailableError, NoAddressError) as error:
            self._reason = str(error)
        else:
            self._tools = tools
            self._writers = WriterEndpoints(self._hall, self._addresses.shared)

    @property
    def is_on(self) -> bool:
        """Whether databases have servers."""
        return self._tools is not None

    @property
    def certificate(self) -> Path | None:
        """The certificate that clients must trust, once there is a server."""
        return self._site.certificate if self._site else None

    def facts(self) -> Mapping[str, object]:
        """Return what runs here, or why nothing does."""
        if self._tools is None:
            return {"available": False, "reason": self._reason}
        with self.lock:
            return {
                "available": True,
                "version": self._tools.version,
                "user": self._tools.user,
                "certificate": str(self.certificate) if self.certificate else None,
                "databases": [database.facts() for database in self._databases.values()],
                "backups": len(self.images),
            }

    def find(self, key: str) -> Database | None:
        """Return a database by the id of its RDS resource."""
        return self._databases.get(key)

    @property
    def all(self) -> tuple[Database, ...]:
        """Every database."""
        return tuple(self._databases.values())

    def create(self, key: str, *, name: str, region: str, port: int, ssl_forced: bool) -> Database:
        """Make a database without content; `fill_new`, `fill_from_image` or `fill_behind` starts it.

        Raises:
            UnavailableError: PostgreSQL's programs fail.
        """
        with self.lock:
            site = self._site = self._site or self._found()
        addresses = site.addresses.take()
        database = Database(
            key=key,
            name=name,
            region=region,
            port=port,
            server=site.new_server(addresses),
            addresses=addresses,
            ssl_forced=ssl_forced,
        )
        database.server.let_in(ssl_forced=ssl_forced)
        return database

    def fill_new(self, database: Database, owner: Owner) -> None:
        """Start a database that is empty but for its master user."""
        database.server.fill(self._ground.template)
        database.server.start()
        database.server.create_owner(owner.user, owner.password, owner.database)

    def fill_from_image(self, database: Database, image: Path) -> None:
        """Start a database with the content of a backup."""
        database.server.fill(image)
        database.server.start()

    def fill_behind(self, database: Database, source: Database) -> None:
        """Start a database as a standby of another one."""
        database.server.fill_from(source.server)
        database.source = source
        database.server.follow(source.server)
        database.follows = True
        database.server.start()

    def add(self, database: Database) -> None:
        """Open its endpoints to clients, unless its region is dark."""
        with self.lock:
            self._databases[database.key] = database
            for name in (WRITER, READER):
                self.open_door(database, name)
            self.settle()

    def open_door(self, database: Database, name: str) -> None:
        """Give a database one more endpoint."""
        with self.lock:
            at = Place(host=database.free_address(), port=database.port)
            database.doors[name] = Door(self._hall, at)
            self.settle()

    def close_door(self, database: Database, name: str) -> None:
        """Take an endpoint away."""
        with self.lock:
            door = database.doors.pop(name, None)
            if door:
                door.lead(None)

    def set_serving(self, database: Database, *, serves: bool) -> None:
        """Say whether an instance is there to answer."""
        with self.lock:
            database.serves = serves
            self.settle()

    def set_away(self, database: Database, *, away: bool) -> None:
        """Let a database answer nobody, while it goes on otherwise."""
        with self.lock:
            database.away = away
            self.settle()

    def remove(self, key: str) -> None:
        """End a database and delete its content. One that is not there is no error."""
        with self.lock:
            database = self._databases.pop(key, None)
            if database is None:
                return
            for door in database.doors.values():
                door.lead(None)
            for other in self._databases.values():
                if other.source is database:
                    self.part(other)
            self.settle()
        database.server.remove()
        self._ground.addresses.give_back(database.addresses)

    def discard(self, database: Database) -> None:
        """Forget a database that could not be started."""
        database.server.remove()
        self._ground.addresses.give_back(database.addresses)

    def end_all(self) -> None:
        """End every server and leave nothing behind."""
        with self.lock:
            databases = tuple(self._databases.values())
            self._databases.clear()
            for database in databases:
                for door in database.doors.values():
                    door.lead(None)
        if databases:
            with ThreadPoolExecutor(len(databases)) as pool:
                list(pool.map(lambda database: database.server.kill(), databases))
        if self._site:
            self._site.remove()
            self._site = None
        if self._addresses:
            self._addresses.release()

    def back_up(self, key: str, name: str) -> None:
        """Keep the content that a database has now under a name; nothing happens when it has no server."""
        database = self.find(key)
        if database:
            image = self._ground.new_image()
            database.server.back_up(image)
            self.images.keep(name, image)

    def global_address(self, name: str) -> str | None:
        """Return the address of a Global Database's writer endpoint. None: there is none."""
        return self._writers.address(name) if self._writers else None

    def lead_global(self, name: str, port: int, writer: str | None) -> None:
        """Let a Global Database's writer endpoint lead to a database; None: to nobody."""
        if self._writers:
            with self.lock:
                self._writers.lead(name, port, writer)
                self.settle()

    def remove_global(self, name: str) -> None:
        """Take a Global Database's writer endpoint away."""
        if self._writers:
            with self.lock:
                self._writers.remove(name)

    def shut(self, database: Database) -> None:
        """Send the clients of a database away, so that nobody writes while the writer moves."""
        for door in database.doors.values():
            door.lead(None)
        if self._writers:
            self._writers.settle(lambda writer: None if writer == database.key else self._place(writer))

    def renew(self, database: Database) -> None:
        """Fill a database again from its source."""
        if database.before_renewal:
            database.before_renewal()
            database.before_renewal = None
        source = database.source
        if source is None:
            return
        database.server.empty()
        self.fill_behind(database, source)
        database.diverged = False

    def part(self, database: Database) -> None:
        """Stop the flow from a database's source."""
        if database.follows:
            database.server.follow(None)
            database.follows = False
            database.parted_at = time.monotonic()

    def settle(self) -> None:
        """Bring replication and endpoints in line with who follows whom and which regions are dark."""
        for database in self._databases.values():
            source = database.source
            if source is None:
                continue
            if {database.region, source.region} & (self.dark | self.held) or source.key not in self._databases:
                self.part(database)
            elif database.diverged:
                self.shut(database)
                self.renew(database)
            elif not database.follows:
                database.server.follow(source.server)
                database.follows = True
        for database in self._databases.values():
            for door in database.doors.values():
                door.lead(self._behind(database))
        if self._writers:
            self._writers.settle(self._place)

    def _place(self, key: str) -> Place | None:
        database = self._databases.get(key)
        return self._behind(database) if database else None

    def _behind(self, database: Database) -> Place | None:
        """Return where the endpoints of a database lead; one that was left behind by a failover takes nothing more."""
        hidden = database.away or database.diverged or not database.serves or database.region in self.dark
        return None if hidden else database.server.place

    @property
    def _ground(self) -> Site:
        if self._site is None:
            raise UnavailableError("no database was made yet")
        return self._site

    def _found(self) -> Site:
        if self._tools is None or self._addresses is None:
            raise UnavailableError(self._reason)
        return Site(self._tools, self._addresses)


FLEET = Fleet()
"""The databases of this process."""
