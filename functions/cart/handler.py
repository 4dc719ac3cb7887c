"""Where requests come in, one at a time, in a load balancer's event: `cart.handler.handle`."""

from __future__ import annotations

import base64
import binascii
import json
import os
import time
from collections.abc import Mapping
from functools import cache, partial
from urllib.parse import unquote_plus

from .api import Api, Reply, refused
from .region import Region
from .settings import Settings
from .store import OrderStore

NEUTRAL_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Type": "application/json",
    "X-Content-Type-Options": "nosniff",
}


@cache
def connect() -> Api:
    """Read the environment and make the clients, once for all requests that this process serves.

    Raises:
        SettingsError: When the environment does not describe a system.
    """
    settings = Settings.from_environment(os.environ)
    region = Region(settings.region)
    return Api(settings=settings, orders=OrderStore(settings, partial(endpoint, region, settings)), parameters=region)


def endpoint(region: Region, settings: Settings, role: str) -> str:
    """Find a member of the database by the region's parameters."""
    return region.parameter(f"{settings.parameters}/database/{role}-endpoint")


def handle(event: dict[str, object], _context: object) -> dict[str, object]:
    """Answer one request; a refusal is an answer too."""
    started = time.perf_counter()
    method, path = str(event["httpMethod"]), str(event["path"])
    try:
        body = _body(event)
    except (binascii.Error, ValueError):
        reply = refused(400, "INVALID_REQUEST", "The body is not what the request says it is.")
    else:
        headers = {name.lower(): value for name, value in _texts(event.get("headers")).items()}
        # A load balancer passes the query on as it came.
        query = {
            unquote_plus(name): unquote_plus(value)
            for name, value in _texts(event.get("queryStringParameters")).items()
        }
        reply = connect().answer(method, path, headers=headers, query=query, body=body)
    if (path, reply.status) != ("/health", 200):  # checkers ask several times a second
        milliseconds = round((time.perf_counter() - started) * 1000)
        print(json.dumps({"method": method, "path": path, "status": reply.status, "milliseconds": milliseconds}))  # noqa: T201 what a container prints is its log
    return _answer(reply)


def _answer(reply: Reply) -> dict[str, object]:
    return {
        "statusCode": reply.status,
        "headers": {**NEUTRAL_HEADERS, **reply.headers},
        "body": json.dumps(reply.document, separators=(",", ":")),
        "isBase64Encoded": False,
    }


def _texts(found: object) -> dict[str, str]:
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, Mapping) else {}


def _body(event: Mapping[str, object]) -> bytes:
    text = str(event.get("body") or "")
    return base64.b64decode(text, validate=True) if event.get("isBase64Encoded") else text.encode()
