"""One database of the embedded AWS: its server, its endpoints, and whom it follows."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from lifeboat.local.embedded.postgres.addresses import Range
from lifeboat.local.embedded.postgres.doors import Door
from lifeboat.local.embedded.postgres.server import Server

WRITER, READER = "writer", "reader"


@dataclass(frozen=True, kw_only=True)
class Owner:
    """What a new database is made with.

    Attributes:
        user: Master user.
        password: Its password.
        database: Initial database. None: none beside `postgres`.
    """

    user: str
    password: str = field(repr=False)
    database: str | None


@dataclass(kw_only=True, eq=False)
class Database:
    """A cluster or an instance.

    Attributes:
        key: Id of the RDS resource, such as `cluster-ABC`.
        name: Its name, for people.
        region: Where it is.
        port: Port of its endpoints.
        server: Its server.
        addresses: Addresses of its endpoints; the last one is the server's own.
        ssl_forced: Whether clients need TLS.
        doors: Its endpoints: `writer`, `reader`, and one for each instance of a cluster by its id.
        serves: Whether an instance is there to answer; a cluster without one only keeps its content up to date.
        away: Made to answer nobody, for a rehearsal.
        source: Whom it follows. None: nobody, it takes writes.
        follows: Whether it gets what the source writes at the moment.
        diverged: It was left behind by a failover: its content has to be made anew from its source.
        before_renewal: Called once before content is thrown away because it diverged.
        parted_at: When it last stopped to follow, by the monotonic clock.
    """

    key: str
    name: str
    region: str
    port: int
    server: Server
    addresses: Range
    ssl_forced: bool
    doors: dict[str, Door] = field(default_factory=dict)
    serves: bool = True
    away: bool = False
    source: Database | None = None
    follows: bool = False
    diverged: bool = False
    before_renewal: Callable[[], None] | None = None
    parted_at: float = 0.0

    def free_address(self) -> str:
        """Return an address that no endpoint has yet.

        Raises:
            LookupError: All of them are in use.
        """
        taken = {door.at.host for door in self.doors.values()}
        free = next((one for one in self.addresses.all[:-1] if one not in taken), None)
        if free is None:
            raise LookupError(f"{self.name} has no address for another endpoint")
        return free

    def lag(self) -> float:
        """Return how many seconds of writes a failover to here would lose at most; 0 for one that follows nobody.

        Measured where it can be: a standby that has replayed all that its source holds lacks nothing. One that is
        cut off may lack everything since then.
        """
        if self.source is None:
            return 0.0
        if not self.follows:
            return time.monotonic() - self.parted_at
        if self.server.position() >= self.source.server.position():
            return 0.0
        return self.server.seconds_since_replay()

    def facts(self) -> dict[str, object]:
        """Return what the embedded AWS tells about it."""
        return {
            "id": self.key,
            "name": self.name,
            "region": self.region,
            "port": self.port,
            "endpoints": {name: door.at.host for name, door in self.doors.items()},
            "reachable": any(door.leads_to for door in self.doors.values()),
            "follows": self.source.key if self.source else None,
            "replicating": self.follows,
        }
