"""In which order the databases of a region that goes dark are cut off."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

from lifeboat.local.embedded.postgres.addresses import Range
from lifeboat.local.embedded.postgres.database import Database
from lifeboat.local.embedded.postgres.doors import Door
from lifeboat.local.embedded.postgres.fleet import Fleet
from lifeboat.local.embedded.postgres.server import Server

HOME, AWAY = "us-west-1", "us-west-2"


@dataclass
class Noting:
    """A server or an endpoint that notes what is done to it."""

    name: str
    notes: list[str] = field(default_factory=list)
    place: str = "somewhere"

    def lead(self, to: object) -> None:
        self.notes.append(f"{self.name} leads {'on' if to else 'nowhere'}")

    def follow(self, server: object) -> None:
        self.notes.append(f"{self.name} follows {'on' if server else 'nobody'}")


def test_clients_are_sent_away_before_replication_stops() -> None:
    """Else a client could be told of a write that nobody gets any more, although the region was well."""
    fleet, notes = Fleet(), list[str]()
    made: list[Database] = []
    for region in (HOME, AWAY):
        thing: Any = Noting(region, notes)
        made.append(
            Database(
                key=region,
                name=region,
                region=region,
                port=5432,
                server=cast("Server", thing),
                addresses=cast("Range", None),
                ssl_forced=True,
                doors={"writer": cast("Door", thing)},
                source=made[0] if made else None,
                follows=bool(made),
            )
        )
        fleet._databases[region] = made[-1]
    fleet.darken(HOME)
    assert notes.index(f"{HOME} leads nowhere") < notes.index(f"{AWAY} follows nobody")
    assert f"{AWAY} leads nowhere" not in notes
    notes.clear()
    fleet.lighten(HOME)
    assert notes == [f"{AWAY} follows on", f"{HOME} leads on", f"{AWAY} leads on"]
