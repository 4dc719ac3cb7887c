"""Rows in the real PostgreSQL: written through the endpoint that follows the writer, and found again, or not."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterable
from pathlib import Path

import pg8000.native

from deployments.system import System
from lifeboat.drill.postgres import TROUBLE, writer_access
from lifeboat.drill.record import ROW, Attempt
from lifeboat.drill.shopper import STOP_SECONDS, Log
from lifeboat.failover.clients import Clients

TABLE = "lifeboat_drill"
PAUSE_SECONDS = 0.25
ASK_SECONDS = 30.0
"""How long the writer of now is asked for its rows; rows that it lacks do not come later."""
ACKNOWLEDGED = 200


class Ledger(threading.Thread):
    """One client of the database that never stops writing."""

    def __init__(self, clients: Clients, system: System, log: Log, *, region: str, certificate: Path) -> None:
        """Find the way, and make the table.

        Args:
            clients: Clients of AWS.
            system: What is drilled; it has a Global Database.
            log: Where answers are noted.
            region: A region that answers now.
            certificate: The authorities that vouch for the server.
        """
        super().__init__(name="ledger", daemon=True)
        self._access = writer_access(clients, system, region, certificate)
        self._log = log
        self._over = threading.Event()
        self._connection: pg8000.native.Connection | None = None
        self._ask(f"CREATE TABLE IF NOT EXISTS {TABLE} (id text PRIMARY KEY, at double precision NOT NULL)")

    def run(self) -> None:
        """Write until told to stop."""
        while not self._over.wait(PAUSE_SECONDS):
            at, key = time.time(), uuid.uuid4().hex
            try:
                self._ask(f"INSERT INTO {TABLE} (id, at) VALUES (:id, :at)", id=key, at=at)  # noqa: S608 our own name
                status = ACKNOWLEDGED
            except TROUBLE:
                self._drop()
                status = 0
            self._log.add(Attempt(at=at, until=time.time(), kind=ROW, key=key, status=status))

    def missing(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Return which of the rows the writer of now does not have.

        Raises:
            OSError: Nobody answers for half a minute.
        """
        deadline = time.monotonic() + ASK_SECONDS
        while True:
            try:
                return tuple(sorted(set(keys) - self._rows()))
            except TROUBLE:
                if time.monotonic() > deadline:
                    raise
                time.sleep(PAUSE_SECONDS)

    def _rows(self) -> set[str]:
        connection = self._access.connect()
        try:
            rows = connection.run(f"SELECT id FROM {TABLE}")  # noqa: S608 our own name
        finally:
            connection.close()
        return {str(row[0]) for row in rows or ()}

    def stop(self, *, remove: bool) -> None:
        """Stop writing.

        Args:
            remove: Whether the table goes as well.
        """
        self._over.set()
        if self.is_alive():
            self.join(STOP_SECONDS)
        if remove:
            try:
                self._ask(f"DROP TABLE IF EXISTS {TABLE}")
            except TROUBLE:
                return
            finally:
                self._drop()

    def _ask(self, statement: str, **values: object) -> None:
        self._connection = self._connection or self._access.connect()
        self._connection.run(statement, **values)

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            try:
                connection.close()
            except TROUBLE:
                return
