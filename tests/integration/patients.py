"""The deployed patient API, asked as API Gateway asks it, and its database, where a test can reach it."""

from __future__ import annotations

import json
import ssl
import urllib.request
from dataclasses import dataclass
from typing import Any

import pg8000.native
import pytest

from tests.integration.system import Region, System

Json = Any
"""JSON as the API sent it."""

PERSON = {"number": "", "family_name": "Łovelace", "given_name": "Ada", "born": "1985-12-10"}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer of the API."""

    status: int
    document: Json


def call(region: Region, method: str, path: str, body: Json = None, **headers: str) -> Answer:
    """Invoke a region's function with the event of its REST API; skip where the API is another one."""
    name = region.text("function_name")
    region.text("instance_endpoint")
    event = {
        "httpMethod": method,
        "path": path,
        "resource": path,
        "requestContext": {"stage": region.text("rest_api_stage"), "path": path, "requestId": "integration"},
        "headers": {key.replace("_", "-"): value for key, value in headers.items()},
        "body": json.dumps(body) if body else None,
        "isBase64Encoded": False,
    }
    answer = region.aws.functions.invoke(FunctionName=name, Payload=json.dumps(event).encode())
    payload = json.loads(answer["Payload"].read())
    assert not answer.get("FunctionError"), payload
    return Answer(status=payload["statusCode"], document=json.loads(payload["body"]))


def admit(region: Region, key: str) -> Answer:
    """Keep a patient under a key, whose number is the key."""
    return call(region, "POST", "/patients", {**PERSON, "number": key[:40]}, Idempotency_Key=key)


def authorities(system: System) -> str:
    """Return the file with the authorities of the embedded RDS; skip the test where there are no servers."""
    if system.target.endpoint is None:
        pytest.skip("--target aws: the database is private, and this test runs outside")
    with urllib.request.urlopen(f"{system.target.endpoint}/lifeboat/health", timeout=30) as response:  # noqa: S310 loopback
        databases = json.load(response).get("databases", {})
    if not databases.get("certificate"):
        pytest.skip("PostgreSQL's server binaries are not installed: the embedded RDS has a control plane only")
    return str(databases["certificate"])


def read(system: System, region: Region, host: str, statement: str, **values: object) -> list[list[Any]]:
    """Ask a database of the embedded RDS with the credentials that the application reads in a region."""
    __tracebackhide__ = True
    secret = f"{region.text('parameter_prefix')}/database/credentials"
    who = json.loads(region.aws.secrets.get_secret_value(SecretId=secret)["SecretString"])
    trust = ssl.create_default_context(cafile=authorities(system))
    connection = pg8000.native.Connection(
        who["username"], host=host, database="patients", password=who["password"], ssl_context=trust, timeout=10
    )
    try:
        rows: list[list[Any]] = connection.run(statement, **values) or []
    finally:
        connection.close()
    return rows
