"""Who gets into the database: tried for real where the database can be reached, which is on the embedded AWS alone."""

from __future__ import annotations

import json
import ssl
import urllib.request
from typing import TYPE_CHECKING

import pytest
from pg8000.exceptions import DatabaseError
from pg8000.native import Connection

if TYPE_CHECKING:
    from tests.integration.system import Region, System

LET_IN = "let in"
SECONDS = 5


def authorities(system: System) -> str:
    """Return the file with the authorities of the embedded databases; skip the test where none can be reached."""
    if system.target.endpoint is None:
        pytest.skip("the database is private: nothing outside of the VPC can log in")
    with urllib.request.urlopen(f"{system.target.endpoint}/lifeboat/health", timeout=SECONDS) as answer:  # noqa: S310 loopback
        databases = json.load(answer).get("databases") or {}
    if not databases.get("certificate"):
        pytest.skip("the embedded AWS runs no database: PostgreSQL's server programs are missing")
    return str(databases["certificate"])


def log_in(system: System, region: Region, secret: str, version: str | None = None) -> str:
    """Log in with a version of a secret; return `let in`, or PostgreSQL's code of the refusal.

    Args:
        system: The system.
        region: Where the database is.
        secret: ARN of the secret, in that region.
        version: Id of the version. Absent: the current one.
    """
    __tracebackhide__ = True
    trusted = ssl.create_default_context(cafile=authorities(system))
    wanted = {"VersionId": version} if version else {}
    held = json.loads(region.aws.secrets.get_secret_value(SecretId=secret, **wanted)["SecretString"])
    (cluster,) = region.aws.rds.describe_db_clusters(DBClusterIdentifier=region.text("database_cluster_identifier"))[
        "DBClusters"
    ]
    try:
        connection = Connection(
            held["username"],
            host=cluster["Endpoint"],
            port=cluster["Port"],
            database=cluster["DatabaseName"],
            password=held["password"],
            ssl_context=trusted,
            timeout=SECONDS,
        )
    except DatabaseError as error:
        details = error.args[0]
        return str(details.get("C", "")) if isinstance(details, dict) else "refused"
    connection.close()
    return LET_IN
