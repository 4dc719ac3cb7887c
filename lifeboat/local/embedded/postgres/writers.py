"""The writer endpoints of Global Databases: addresses that stay, whichever region's server they lead to."""

from __future__ import annotations

from collections.abc import Callable

from lifeboat.local.embedded.postgres.addresses import Range
from lifeboat.local.embedded.postgres.doors import Door, Hall, Place


class WriterEndpoints:
    """One door for each Global Database, by its name."""

    def __init__(self, hall: Hall, addresses: Range) -> None:
        self._hall = hall
        self._addresses = addresses
        self._doors: dict[str, tuple[Door, str | None]] = {}

    def address(self, name: str) -> str | None:
        """Return the address of an endpoint. None: there is none."""
        found = self._doors.get(name)
        return found[0].at.host if found else None

    def lead(self, name: str, port: int, writer: str | None) -> None:
        """Say which database an endpoint is for; it leads there with the next `settle`.

        One for which no address is left is not made: it has AWS's name then, which leads nowhere.
        """
        taken = {door.at.host for door, _ in self._doors.values()}
        door = self._doors[name][0] if name in self._doors else None
        host = door.at.host if door else next((one for one in self._addresses.all if one not in taken), None)
        if host is None:
            return
        if door is None or door.at.port != port:
            if door is not None:
                door.lead(None)
            door = Door(self._hall, Place(host=host, port=port))
        self._doors[name] = (door, writer)

    def remove(self, name: str) -> None:
        """Take an endpoint away."""
        found = self._doors.pop(name, None)
        if found:
            found[0].lead(None)

    def settle(self, place_of: Callable[[str], Place | None]) -> None:
        """Turn every endpoint to where its database is now."""
        for door, writer in self._doors.values():
            door.lead(place_of(writer) if writer else None)
