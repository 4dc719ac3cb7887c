"""Where the orders that clients were told of are looked for: a table, or the real PostgreSQL of each region."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deployments.system import System
from lifeboat.drill import stores
from lifeboat.drill.postgres import TROUBLE, Access, member_access, writer_access
from lifeboat.drill.surroundings import Surroundings
from lifeboat.failover.clients import Clients
from lifeboat.failure import Failure

MISSING = "SELECT wanted FROM unnest(CAST(:ids AS text[])) AS wanted WHERE wanted NOT IN (SELECT id FROM orders)"
REMOVE = "DELETE FROM orders WHERE id = ANY(CAST(:ids AS text[]))"

Find = Callable[[Clients, System, str, Path], Access]


class Orders(Protocol):
    """What the system keeps orders in."""

    @property
    def come_back(self) -> bool:
        """Whether what an unplanned failover left behind returns with the old region, as it does in a global table.

        A Global Database makes a new secondary of the old writer: what that alone had is lost to the system.
        """

    def missing(self, region: str, orders: Iterable[str], /) -> tuple[str, ...]:
        """Return which orders a region does not have, sorted.

        Raises:
            Failure: It cannot be asked.
        """

    def remove(self, region: str, orders: Iterable[str], /) -> None:
        """Take the orders of a drill out again, in the region that takes writes."""


@dataclass(frozen=True, kw_only=True)
class NoOrders:
    """The system keeps none: no client was told of any."""

    come_back: bool = True

    def missing(self, _region: str, _orders: Iterable[str], /) -> tuple[str, ...]:
        """Return nothing."""
        return ()

    def remove(self, _region: str, _orders: Iterable[str], /) -> None:
        """Do nothing."""


@dataclass(frozen=True, kw_only=True)
class TableOrders:
    """Orders in a DynamoDB global table."""

    clients: Clients
    system: System
    come_back: bool = True

    def missing(self, region: str, orders: Iterable[str]) -> tuple[str, ...]:
        """Look into the region's replica."""
        return stores.missing_orders(self.clients, self.system, region, orders)

    def remove(self, region: str, orders: Iterable[str]) -> None:
        """Delete them one by one."""
        stores.remove_orders(self.clients, self.system, region, orders)


@dataclass(frozen=True, kw_only=True)
class DatabaseOrders:
    """Orders in a Global Database.

    Attributes:
        clients: Clients that look.
        system: What is drilled.
        certificate: The authorities that vouch for the servers.
    """

    clients: Clients
    system: System
    certificate: Path
    come_back: bool = False

    def missing(self, region: str, orders: Iterable[str]) -> tuple[str, ...]:
        """Ask the region's own member.

        Raises:
            Failure: It does not answer.
        """
        return tuple(sorted(str(row[0]) for row in self._run(member_access, region, MISSING, orders)))

    def remove(self, region: str, orders: Iterable[str]) -> None:
        """Delete them where the writer is.

        Raises:
            Failure: It does not answer.
        """
        self._run(writer_access, region, REMOVE, orders)

    def _run(self, find: Find, region: str, statement: str, orders: Iterable[str]) -> list[list[object]]:
        wanted = sorted(set(orders))
        if not wanted:
            return []
        try:
            connection = find(self.clients, self.system, region, self.certificate).connect()
            try:
                return connection.run(statement, ids=wanted) or []
            finally:
                connection.close()
        except TROUBLE as error:
            raise Failure(f"the database of {region} cannot be asked for orders: {error}") from None


def keeps_orders_in_database(system: System) -> bool:
    """Whether orders are in the database: where containers serve them, and it spans the regions."""
    return system.spec.container is not None and system.has_global_database


def keeps_orders(system: System) -> bool:
    """Whether the system keeps orders anywhere."""
    return bool(stores.orders_table(system)) or keeps_orders_in_database(system)


def orders_of(system: System, clients: Clients, surroundings: Surroundings) -> Orders:
    """Return where the orders of a system are looked for."""
    certificate = surroundings.certificate
    if stores.orders_table(system):
        return TableOrders(clients=clients, system=system)
    if keeps_orders_in_database(system) and surroundings.databases and certificate:
        return DatabaseOrders(clients=clients, system=system, certificate=Path(certificate))
    return NoOrders()
