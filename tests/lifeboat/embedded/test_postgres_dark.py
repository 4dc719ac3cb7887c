"""In which order the databases of a region that goes dark are cut off."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from lifeboat.local.embedded.postgres import cuts
from lifeboat.local.embedded.postgres.addresses import Range
from lifeboat.local.embedded.postgres.database import Database
from lifeboat.local.embedded.postgres.doors import Door
from lifeboat.local.embedded.postgres.fleet import Fleet
from lifeboat.local.embedded.postgres.server import Server, ServerError

HOME, AWAY = "us-west-1", "us-west-2"


@dataclass
class Noting:
    """A server or an endpoint that notes what is done to it."""

    name: str
    notes: list[str] = field(default_factory=list)
    place: str = "somewhere"
    trouble: Exception | None = None

    def lead(self, to: object) -> None:
        self.notes.append(f"{self.name} leads {'on' if to else 'nowhere'}")

    def catch_up_with(self, source: Noting, *, within: float) -> None:
        self.notes.append(f"{self.name} has all of {source.name}")
        assert within < 10  # a drill waits for it
        if self.trouble:
            raise self.trouble

    def follow(self, server: object) -> None:
        self.notes.append(f"{self.name} follows {'on' if server else 'nobody'}")


@pytest.mark.parametrize("trouble", [None, ServerError("late"), ConnectionRefusedError("gone")])
def test_clients_are_sent_away_and_standbys_have_all_before_replication_stops(trouble: Exception | None) -> None:
    """Else a client could be told of a write that nobody gets any more, although the region was well."""
    fleet, notes = Fleet(), list[str]()
    made: list[Database] = []
    for region in (HOME, AWAY):
        thing: Any = Noting(region, notes, trouble=trouble)
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
    cuts.darken(fleet, HOME)
    order = [f"{HOME} leads nowhere", f"{AWAY} has all of {HOME}", f"{AWAY} follows nobody"]
    assert list(dict.fromkeys(note for note in notes if note in order)) == order
    assert f"{AWAY} leads nowhere" not in notes
    notes.clear()
    cuts.lighten(fleet, HOME)
    assert notes == [f"{AWAY} follows on", f"{HOME} leads on", f"{AWAY} leads on"]
