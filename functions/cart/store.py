"""Orders in PostgreSQL: written where the writer is, read from the region's own member."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass

from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection

from .settings import Settings

TIMEOUT_SECONDS = 1.0
"""For connecting, and again for each answer. A failover waits for the last writes, so none may take long."""
NO_SUCH_TABLE, SCHEMA_EXISTS = "42P01", "23505"
"""The second is what `CREATE TABLE IF NOT EXISTS` says when two create it at the same moment:
https://www.postgresql.org/docs/current/errcodes-appendix.html"""
SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    id text PRIMARY KEY, document text NOT NULL, placed_in text NOT NULL, placed_at timestamptz NOT NULL DEFAULT now()
)
"""
INSERT = """
INSERT INTO orders (id, document, placed_in) VALUES (:id, :document, :placed_in) ON CONFLICT (id) DO NOTHING
RETURNING id, document, placed_in
"""
SELECT = "SELECT id, document, placed_in FROM orders WHERE id = :id"
WRITER, READER = "writer", "reader"
BROKEN = (DatabaseError, InterfaceError, OSError)


def unchecked() -> None:
    """Let everything pass: reads may be made in every region."""


class StoreError(Exception):
    """The database did not serve. Carries PostgreSQL's code or the kind of trouble, nothing that was written."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """An order that was placed.

    Attributes:
        id: Derived from the idempotency key.
        document: What was ordered, as canonical JSON.
        placed_in: The region that accepted it.
    """

    id: str
    document: str
    placed_in: str


class OrderStore:
    """The orders of the system, as a region reaches them. One request at a time is served."""

    def __init__(self, settings: Settings, endpoint: Callable[[str], str]) -> None:
        """Prepare; nothing is asked yet.

        Args:
            settings: Which database, and who asks.
            endpoint: Tells where `writer` and `reader` are at the moment.
        """
        self._settings = settings
        self._endpoint = endpoint
        self._trust = ssl.create_default_context(cafile=str(settings.authorities))
        self._open: dict[str, Connection] = {}

    def put_new(self, order: Order, check: Callable[[], None] = unchecked) -> tuple[Order, bool]:
        """Keep an order unless its id is taken.

        Args:
            order: What is kept.
            check: Raises when this region may not write any more. Asked again after a connection had to be made: that
                may have taken longer than a failover waits for the last writes.

        Returns:
            The order that has the id, and whether this call kept it.

        Raises:
            StoreError: The database did not serve, or nobody takes writes at the moment.
        """
        try:
            rows = self._run(WRITER, INSERT, check, **vars(order))
        except StoreError as error:
            if str(error) != NO_SUCH_TABLE:
                raise
            self._make_table()
            rows = self._run(WRITER, INSERT, check, **vars(order))
        if rows:
            return order, True
        return self._read(WRITER, order.id) or order, False

    def get(self, order_id: str) -> Order | None:
        """Find an order as this region last saw it; None when there is none.

        Raises:
            StoreError: The database did not serve.
        """
        try:
            return self._read(READER, order_id)
        except StoreError as error:
            if str(error) != NO_SUCH_TABLE:
                raise
            return None

    def probe(self) -> None:
        """Ask this region's member something harmless.

        Raises:
            StoreError: It did not answer.
        """
        self._run(READER, "SELECT 1")

    def _read(self, role: str, order_id: str) -> Order | None:
        rows = self._run(role, SELECT, id=order_id)
        return Order(id=str(rows[0][0]), document=str(rows[0][1]), placed_in=str(rows[0][2])) if rows else None

    def _make_table(self) -> None:
        try:
            self._run(WRITER, SCHEMA)
        except StoreError as error:
            if str(error) != SCHEMA_EXISTS:
                raise

    def _run(
        self, role: str, statement: str, check: Callable[[], None] = unchecked, /, **values: object
    ) -> list[list[object]]:
        """Run a statement, once more on a new connection where a kept one may be from before a failover."""
        if role in self._open:
            try:
                return self._attempt(role, statement, values)
            except StoreError as error:
                if str(error) == NO_SUCH_TABLE:
                    raise
        self._open[role] = self._connect(role)
        check()
        return self._attempt(role, statement, values)

    def _attempt(self, role: str, statement: str, values: dict[str, object]) -> list[list[object]]:
        try:
            return self._open[role].run(statement, **values) or []
        except BROKEN as error:
            if _code(error) != NO_SUCH_TABLE:
                self._drop(role)
            raise StoreError(_code(error)) from None

    def _connect(self, role: str) -> Connection:
        try:
            return Connection(
                self._settings.username,
                host=self._endpoint(role),
                database=self._settings.database,
                password=self._settings.password,
                timeout=TIMEOUT_SECONDS,
                ssl_context=self._trust,
                application_name="cart",
            )
        except BROKEN as error:
            raise StoreError(_code(error)) from None

    def _drop(self, role: str) -> None:
        connection = self._open.pop(role)
        try:
            connection.close()
        except BROKEN:
            return


def _code(error: Exception) -> str:
    """Take PostgreSQL's five characters for what went wrong, or the kind of trouble where it was not reached."""
    said = error.args[0] if isinstance(error, DatabaseError) and error.args else None
    return str(said.get("C", "")) if isinstance(said, dict) else type(error).__name__
