"""Patient records in PostgreSQL: one connection that is made when it is needed and thrown away when it is broken."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection

from .records import Person, Record, Refusal
from .settings import Settings

TIMEOUT_SECONDS = 4
"""For connecting and for each answer. A database in the same network answers in milliseconds."""
LOCK = 8_402_615
"""Of this function's schema; any number that nobody else takes."""
SCHEMA = """
create table if not exists patients (
    id uuid primary key,
    version integer not null check (version > 0),
    number text not null unique,
    family_name text not null,
    given_name text not null,
    born date not null,
    changed_at timestamptz not null default now()
)
"""
INSERT = """
insert into patients (id, version, number, family_name, given_name, born)
values (:id, 1, :number, :family_name, :given_name, :born)
on conflict (id) do nothing
returning id::text, version, number, family_name, given_name, born::text
"""
SELECT = """
select id::text, version, number, family_name, given_name, born::text from patients where id = :id
"""
UPDATE = """
update patients
set version = version + 1, number = :number, family_name = :family_name, given_name = :given_name, born = :born,
    changed_at = now()
where id = :id and version = :version
returning id::text, version, number, family_name, given_name, born::text
"""
UNIQUE_VIOLATION, BAD_PASSWORD = "23505", "28P01"
BROKEN = (InterfaceError, OSError)
"""What a connection says that has gone: https://github.com/tlocke/pg8000#exceptions"""


class Credentials(Protocol):
    """User and password, from wherever they are kept."""

    def __call__(self, *, fresh: bool = False) -> Mapping[str, str]:
        """Return them; `fresh` asks the keeper again, since a rotation may have changed them."""


class StoreError(Exception):
    """The database did not serve. Carries the kind of trouble, never what the database said: that may be a patient."""


class PatientStore:
    """The records of one database."""

    def __init__(self, settings: Settings, credentials: Credentials) -> None:
        self._settings = settings
        self._credentials = credentials
        self._trust = ssl.create_default_context(cafile=str(settings.authorities))
        self._connection: Connection | None = None

    def put_new(self, record_id: str, person: Person) -> tuple[Record, bool]:
        """Keep a new record; repeating it with the same id changes nothing.

        Returns:
            The record that has the id, and whether this call made it.

        Raises:
            Refusal: 409 when another record has the same number, or the id was used for somebody else.
            StoreError: The database did not serve.
        """
        inserted = self._run(INSERT, id=record_id, **vars(person))
        if inserted:
            return _read(inserted[0]), True
        found = self.get(record_id)
        if found is None or found.person != person:
            raise Refusal(409, "ID_IN_USE", "This key was used for another record before.")
        return found, False

    def get(self, record_id: str) -> Record | None:
        """Find a record; None when there is none.

        Raises:
            StoreError: The database did not serve.
        """
        rows = self._run(SELECT, id=record_id)
        return _read(rows[0]) if rows else None

    def change(self, record_id: str, person: Person, version: int) -> Record | None:
        """Change a record that is still in the version that the client has seen.

        Returns:
            The record as it is now; None when there is none.

        Raises:
            Refusal: 412 when somebody else changed it, 409 when another record has the same number.
            StoreError: The database did not serve.
        """
        rows = self._run(UPDATE, id=record_id, version=version, **vars(person))
        if rows:
            return _read(rows[0])
        if self.get(record_id) is None:
            return None
        raise Refusal(412, "CHANGED_MEANWHILE", "Somebody else changed the record; read it again.")

    def probe(self) -> None:
        """Ask something harmless.

        Raises:
            StoreError: The database did not serve.
        """
        self._run("select 1")

    def _run(self, statement: str, **values: object) -> list[list[Any]]:
        """Run a statement; on a connection that turns out to be gone, once more on a new one.

        Every statement here may be repeated: an insert under its id, an update under its version.
        """
        kept = self._connection is not None
        try:
            return self._attempt(statement, values)
        except BROKEN as error:
            self._forget()
            if not kept:
                raise StoreError(type(error).__name__) from None
        try:
            return self._attempt(statement, values)
        except BROKEN as error:
            self._forget()
            raise StoreError(type(error).__name__) from None

    def _attempt(self, statement: str, values: Mapping[str, object]) -> list[list[Any]]:
        try:
            connection = self._connection or self._connect()
            rows: list[list[Any]] = connection.run(statement, **values) or []
        except DatabaseError as error:
            code = _code(error)
            if code == UNIQUE_VIOLATION:
                raise Refusal(409, "NUMBER_IN_USE", "Another record has this number.") from None
            self._forget()
            raise StoreError(code) from None  # the database's own words repeat what was to be written
        return rows

    def _connect(self) -> Connection:
        """Connect, with the password asked for again when the known one is refused; make the table once."""
        connection = _retry_with_fresh(self._open)
        try:
            connection.run("select pg_advisory_lock(:lock)", lock=LOCK)
            connection.run(SCHEMA)
            connection.run("select pg_advisory_unlock(:lock)", lock=LOCK)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _open(self, *, fresh: bool) -> Connection:
        who = self._credentials(fresh=fresh)
        return Connection(
            who["username"],
            host=self._settings.host,
            database=self._settings.database,
            password=who["password"],
            ssl_context=self._trust,
            timeout=TIMEOUT_SECONDS,
            application_name="patients",
        )

    def _forget(self) -> None:
        connection, self._connection = self._connection, None
        try:
            if connection:
                connection.close()
        except BROKEN:
            return


def _retry_with_fresh(connect: Callable[..., Connection]) -> Connection:
    try:
        return connect(fresh=False)
    except DatabaseError as error:
        if _code(error) != BAD_PASSWORD:
            raise
    return connect(fresh=True)


def _code(error: DatabaseError) -> str:
    """Take PostgreSQL's five characters for what went wrong."""
    said = error.args[0] if error.args else {}
    return str(said.get("C", "")) if isinstance(said, dict) else ""


def _read(row: list[Any]) -> Record:
    record_id, version, number, family_name, given_name, born = row
    person = Person(number=number, family_name=family_name, given_name=given_name, born=born)
    return Record(id=record_id, version=version, person=person)
