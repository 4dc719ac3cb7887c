"""PostgreSQL, over TLS and with its certificate checked, as the steps see it."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection, identifier, literal

from .credentials import Credentials, verifier
from .settings import Settings

PORT = 5432
TIMEOUT_SECONDS = 5
REFUSED = frozenset({"28P01", "28000"})
"""Wrong password; a user that does not exist or may not log in, or whose password has ended.
https://www.postgresql.org/docs/current/errcodes-appendix.html"""


class NoWriterError(Exception):
    """The endpoint leads to a replica: passwords can only be changed where the writer is."""


class Postgres:
    """The writer."""

    def __init__(self, settings: Settings, *, endpoint: Callable[[Sequence[str]], str]) -> None:
        self._settings = settings
        self._endpoint = endpoint

    def accepts(self, credentials: Credentials) -> bool:
        """Tell whether the writer lets these credentials in.

        Raises:
            NoWriterError: What answers is a replica.
            InterfaceError: Nothing answers.
            SSLCertVerificationError: The certificate or the name in it is wrong.
        """
        try:
            with self._connected(credentials):
                return True
        except DatabaseError as error:
            if code_of(error) in REFUSED:
                return False
            raise

    def set_own_password(self, login: Credentials, password: str) -> None:
        """Change the password of who is logged in."""
        with self._connected(login) as connection:
            connection.run(f"ALTER ROLE {identifier(login.username)} PASSWORD {literal(verifier(password))}")

    def set_user(self, login: Credentials, user: Credentials) -> None:
        """Make the application's user, or change its password. Both users act as one role, which owns what is made."""
        role, name = identifier(self._settings.application_role), identifier(user.username)
        with self._connected(login) as connection, transaction(connection):
            self._prepare_role(connection)
            if not exists(connection, user.username):
                connection.run(f"CREATE ROLE {name} NOINHERIT")
                connection.run(f"GRANT {role} TO {name}")
            connection.run(
                f"ALTER ROLE {name} LOGIN PASSWORD {literal(verifier(user.password))} VALID UNTIL 'infinity'"
            )
            connection.run(f"ALTER ROLE {name} SET role = {role}")

    def end_password(self, login: Credentials, username: str) -> None:
        """Let a user's password end after the grace period. The database sees to it, in every region."""
        seconds = self._settings.grace_seconds
        with self._connected(login) as connection:
            ends = connection.run("SELECT (now() + make_interval(secs => :seconds))::text", seconds=seconds)
            connection.run(f"ALTER ROLE {identifier(username)} VALID UNTIL {literal(ends[0][0])}")

    def _prepare_role(self, connection: Connection) -> None:
        """Make the role that the application acts as, and give it the database; without a password of its own."""
        role, database = identifier(self._settings.application_role), identifier(self._settings.database)
        if not exists(connection, self._settings.application_role):
            connection.run(f"CREATE ROLE {role} NOLOGIN")
            connection.run(f"GRANT {role} TO CURRENT_USER")
        connection.run(f"GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {database} TO {role}")
        connection.run(f"GRANT USAGE, CREATE ON SCHEMA public TO {role}")
        # What the application made before it had users of its own belongs to the master.
        for kind, relation in made_by_current_user(connection):
            rights = "USAGE, SELECT, UPDATE" if kind == "SEQUENCE" else "SELECT, INSERT, UPDATE, DELETE, REFERENCES"
            connection.run(f"GRANT {rights} ON {kind} public.{identifier(relation)} TO {role}")

    @contextmanager
    def _connected(self, credentials: Credentials) -> Iterator[Connection]:
        connection = Connection(
            credentials.username,
            host=self._endpoint(self._settings.endpoint_parameters),
            port=PORT,
            database=self._settings.database,
            password=credentials.password,
            timeout=TIMEOUT_SECONDS,
            ssl_context=trust(self._settings.authorities),
            application_name="rotation",
        )
        try:
            if connection.run("SELECT pg_is_in_recovery()")[0][0]:
                raise NoWriterError("the writer is not here: what answers is a replica")
            yield connection
        finally:
            connection.close()


def trust(authorities: Path) -> ssl.SSLContext:
    """Check certificates and names, always, against these authorities and no others."""
    context = ssl.create_default_context(cafile=str(authorities))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def code_of(error: DatabaseError) -> str:
    """Return PostgreSQL's code of an error."""
    details = error.args[0] if error.args else {}
    return str(details.get("C", "")) if isinstance(details, dict) else ""


def exists(connection: Connection, role: str) -> bool:
    """Tell whether there is such a role."""
    return bool(connection.run("SELECT 1 FROM pg_roles WHERE rolname = :role", role=role))


def made_by_current_user(connection: Connection) -> list[tuple[str, str]]:
    """List tables and sequences of the public schema that belong to who is logged in."""
    found = connection.run(
        "SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, relname FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')"
        " AND pg_get_userbyid(relowner) = current_user ORDER BY relname"
    )
    return [(str(kind), str(name)) for kind, name in found]


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """Do all or nothing."""
    connection.run("START TRANSACTION")
    try:
        yield
    except (DatabaseError, InterfaceError):
        connection.run("ROLLBACK")
        raise
    connection.run("COMMIT")
