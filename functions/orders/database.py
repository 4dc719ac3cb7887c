"""The relational database as this region sees it: where it is, who asks, and a connection that is never trusted long.

Reads go to the region's own reader endpoint, which answers in a standby as well. Writes go to the endpoint that follows
the writer from region to region. Both names are parameters of the region, the credentials a secret of the region:
nothing here asks another region, except the writer itself.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection

from .clients import bounded

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ssm import SSMClient

TIMEOUT_SECONDS = 1.0
"""For connecting, and again for each answer."""

READER, WRITER, ONLY_WRITER = "reader-endpoint", "writer-endpoint", "endpoint"
"""Parameters with the endpoints. Where there is no Global Database there is no name that follows the writer."""

WRONG_PASSWORD = frozenset({"28P01", "28000"})
NOT_THE_WRITER = "25006"
NO_SUCH_TABLE = "42P01"
"""https://www.postgresql.org/docs/current/errcodes-appendix.html"""

Rows = list[list[object]]


class UnavailableError(Exception):
    """The database did not serve. The message holds nothing that it said: its words may repeat what was written.

    Attributes:
        answered: It was there, and refused.
    """

    def __init__(self, why: str, *, answered: bool) -> None:
        super().__init__(why)
        self.answered = answered


def trust(authorities: Path) -> ssl.SSLContext:
    """Make connections that check certificate and name, against these authorities and no others."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cafile=authorities)
    return context


class Database:
    """The database of the system. Safe to use from any thread; one request at a time is served."""

    def __init__(self, name: str, *, path: str, region: str, authorities: Path) -> None:
        """Prepare; nothing is asked yet.

        Args:
            name: Name of the database.
            path: Under which parameters and secret are, such as `/ecommerce-dev/database`.
            region: The function's own.
            authorities: File with the authorities that vouch for the server.
        """
        self._name = name
        self._path = path
        self._trust = trust(authorities)
        self._ssm: SSMClient = boto3.client("ssm", config=bounded(region))
        self._secrets: SecretsManagerClient = boto3.client("secretsmanager", config=bounded(region))
        self._lock = threading.Lock()
        self._known: dict[str, Mapping[str, str]] = {}
        self._open: dict[bool, Connection] = {}

    def read(self, statement: str, **values: object) -> Rows:
        """Run a statement that changes nothing in this region's own member.

        Raises:
            UnavailableError: It did not serve.
        """
        return self._run(statement, values, writes=False)

    def write(self, statement: str, **values: object) -> Rows:
        """Run a statement where the writer is. It may run twice: it has to be one that may be repeated.

        Raises:
            UnavailableError: It did not serve, or nobody takes writes at the moment.
        """
        return self._run(statement, values, writes=True)

    def close(self) -> None:
        """Give the connections back; the next statement makes new ones."""
        with self._lock:
            self._forget()

    def _run(self, statement: str, values: Mapping[str, object], *, writes: bool) -> Rows:
        # A health check that was given up may still be waiting for an answer on the connection.
        if not self._lock.acquire(timeout=TIMEOUT_SECONDS):
            raise UnavailableError("busy", answered=False)
        try:
            return self._attempt(statement, values, writes=writes)
        except UnavailableError as error:
            if str(error) == NO_SUCH_TABLE:
                raise
            # A connection from before a failover, an endpoint that moved, a password that was rotated: ask anew, once.
            self._forget()
            return self._attempt(statement, values, writes=writes)
        finally:
            self._lock.release()

    def _attempt(self, statement: str, values: Mapping[str, object], *, writes: bool) -> Rows:
        try:
            connection = self._open.get(writes) or self._connect(writes=writes)
            self._open[writes] = connection
            rows: Rows | None = connection.run(statement, **values)
        except DatabaseError as error:
            raise UnavailableError(_code(error), answered=True) from None
        except (InterfaceError, OSError) as error:
            raise UnavailableError(type(error).__name__, answered=False) from None
        return rows or []

    def _connect(self, *, writes: bool) -> Connection:
        who, where = self._credentials(), self._endpoints()
        host = where.get(WRITER) or where.get(ONLY_WRITER) if writes else where.get(READER)
        if not host:
            raise UnavailableError("no endpoint is known", answered=False)
        return Connection(
            who["username"],
            host=host,
            database=self._name,
            password=who["password"],
            timeout=TIMEOUT_SECONDS,
            ssl_context=self._trust,
            application_name="orders",
        )

    def _credentials(self) -> Mapping[str, str]:
        if "credentials" not in self._known:
            answer = self._secrets.get_secret_value(SecretId=f"{self._path}/credentials")
            self._known["credentials"] = json.loads(answer["SecretString"])
        return self._known["credentials"]

    def _endpoints(self) -> Mapping[str, str]:
        if "endpoints" not in self._known:
            names = [f"{self._path}/{name}" for name in (READER, WRITER, ONLY_WRITER)]
            answer = self._ssm.get_parameters(Names=names)
            found = {one["Name"].rsplit("/", 1)[-1]: one["Value"] for one in answer["Parameters"]}
            self._known["endpoints"] = found
        return self._known["endpoints"]

    def _forget(self) -> None:
        """Drop the connections and what was known."""
        self._known.clear()
        for connection in self._open.values():
            try:
                connection.close()
            except (InterfaceError, OSError):  # it is gone already
                continue
        self._open.clear()


def _code(error: DatabaseError) -> str:
    """Take PostgreSQL's five characters for what went wrong."""
    said = error.args[0] if error.args else {}
    return str(said.get("C", "")) if isinstance(said, dict) else ""
