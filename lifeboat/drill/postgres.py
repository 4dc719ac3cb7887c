"""How the drill reaches the real PostgreSQL of a region: as the master user, with certificate and name checked."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass, field
from pathlib import Path

import pg8000.native
from pg8000.exceptions import DatabaseError, InterfaceError

from deployments.system import System
from lifeboat.failover.clients import Clients

TIMEOUT_SECONDS = 2.0
TROUBLE = (DatabaseError, InterfaceError, OSError)
"""What a database that does not serve raises."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """How to connect.

    Attributes:
        host: Address or name of the endpoint.
        database: Name of the database.
        username: Who asks.
        password: Likewise.
        trust: The authorities that vouch for the server.
    """

    host: str
    database: str
    username: str
    password: str = field(repr=False)
    trust: ssl.SSLContext = field(repr=False)

    def connect(self) -> pg8000.native.Connection:
        """Make a connection; it raises one of `TROUBLE` where that cannot be."""
        return pg8000.native.Connection(
            self.username,
            host=self.host,
            password=self.password,
            database=self.database,
            timeout=TIMEOUT_SECONDS,
            ssl_context=self.trust,
        )


def writer_access(clients: Clients, system: System, region: str, certificate: Path) -> Access:
    """Tell how to reach whoever writes, asking a region that answers now."""
    group = clients("rds", region).describe_global_clusters(
        GlobalClusterIdentifier=system.names.of("global cluster"),
    )
    return _access(clients, system, region, certificate, host=group["GlobalClusters"][0]["Endpoint"])


def member_access(clients: Clients, system: System, region: str, certificate: Path) -> Access:
    """Tell how to reach a region's own member, whether it writes or not."""
    found = clients("rds", region).describe_db_clusters(DBClusterIdentifier=system.names.of("database cluster"))
    return _access(clients, system, region, certificate, host=found["DBClusters"][0]["ReaderEndpoint"])


def _access(clients: Clients, system: System, region: str, certificate: Path, *, host: str) -> Access:
    spec = system.spec.database
    assert spec is not None  # noqa: S101 the caller has looked
    secret = system.names.path("database", "credentials")
    found = json.loads(clients("secretsmanager", region).get_secret_value(SecretId=secret)["SecretString"])
    return Access(
        host=host,
        database=spec.name,
        username=found["username"],
        password=found["password"],
        trust=ssl.create_default_context(cafile=str(certificate)),
    )
