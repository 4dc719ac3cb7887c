"""What the tests of the database servers share: connections as an application makes them."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pg8000.exceptions
import pg8000.native
import pytest

from tests.lifeboat.embedded.aurora import USER, new_cluster, new_instance
from tests.lifeboat.embedded.aws import MISSING, Aws

SECONDS = 5
ABSENT = (*MISSING, OSError, ValueError, pg8000.exceptions.InterfaceError)
"""How it shows that no server is there."""
REFUSED = (OSError, pg8000.exceptions.InterfaceError)
Rows = list[list[Any]]

TABLE = "CREATE TABLE stock (sku text PRIMARY KEY, pieces int)"
ONE = "INSERT INTO stock VALUES ('lifeboat', 1)"
ALL = "SELECT sku, pieces FROM stock ORDER BY sku"


@contextmanager
def connected(
    aws: Aws,
    host: str,
    *,
    password: str = USER["MasterUserPassword"],
    user: str = USER["MasterUsername"],
    database: str = "shop",
    port: int = 5432,
    tls: bool = True,
) -> Iterator[pg8000.native.Connection]:
    """Connect as an application does: the certificate and the address in it are verified."""
    trusted = trust(aws) if tls else False
    connection = pg8000.native.Connection(
        user, host=host, port=port, password=password, database=database, ssl_context=trusted, timeout=SECONDS
    )
    try:
        yield connection
    finally:
        with suppress(*REFUSED):  # the server may be gone
            connection.close()


def trust(aws: Aws) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(aws.admin("GET", "health")["databases"]["certificate"])
    except OSError as error:  # plain moto has no such endpoint
        raise ConnectionError("nothing to trust") from error
    return context


def ask(aws: Aws, host: str, *statements: str, **how: Any) -> Rows:  # noqa: ANN401 - the keywords of `connected`
    """Run statements and return the rows of the last one."""
    with connected(aws, host, **how) as connection:
        rows: Rows = []
        for statement in statements:
            rows = connection.run(statement) or []
    return rows


def new_database(aws: Aws, region: str = "us-east-1", **settings: object) -> str:
    """Make a cluster with an instance and return its name."""
    name = new_cluster(aws, region, DatabaseName="shop", **(USER | settings))
    new_instance(aws, name, region)
    return name


def new_single(aws: Aws, region: str = "us-east-1", **settings: object) -> dict[str, Any]:
    """Make an instance that stands alone."""
    name, rds = aws.name("single"), aws("rds", region)
    asked = {"DBInstanceClass": "db.t4g.medium", "Engine": "postgres", "EngineVersion": "16.8", "AllocatedStorage": 20}
    rds.create_db_instance(DBInstanceIdentifier=name, DBName="shop", **(asked | USER | settings))
    return single(aws, name, region)


def single(aws: Aws, name: str, region: str = "us-east-1") -> dict[str, Any]:
    return dict(aws("rds", region).describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0])


def skip_without(missing: type[Exception], find: Callable[[], object]) -> None:
    """Skip a test where PostgreSQL is not installed, and say so; in CI it has to be."""
    try:
        find()
    except missing as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


def rows_if_any(aws: Aws, host: str) -> Rows:
    """Return the stock; nothing while the table has not arrived."""
    try:
        return ask(aws, host, ALL)
    except pg8000.exceptions.DatabaseError:
        return []
