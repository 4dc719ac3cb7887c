"""The embedded AWS's own endpoints, under `/lifeboat/`, called without a signature.

| Call | Answer |
|---|---|
| `GET health` | version of moto, names of the gaps filled, dark regions, database servers or why there are none |
| `GET census` | everything that exists, as a list of service, region, kind, id |
| `PUT dark/<region>`, `DELETE dark/<region>` | the dark regions after the change; `global` is one |
| `GET dark/calls` | calls that got no answer |
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import boto3
import moto

from lifeboat.local.embedded.census import census
from lifeboat.local.embedded.dark import DARK, GLOBAL
from lifeboat.local.embedded.gap import Gap
from lifeboat.local.embedded.postgres.fleet import FLEET

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# What a handler returns, written as JSON.
Answer = object


class Admin:
    """The WSGI application behind `/lifeboat/`."""

    def __init__(self, gaps: Sequence[Gap]) -> None:
        self._gaps = gaps
        self._routes: dict[tuple[str, str], Callable[[], Answer]] = {
            ("GET", "health"): self.health,
            ("GET", "census"): lambda: [dataclasses.asdict(thing) for thing in census()],
            ("GET", "dark/calls"): lambda: [dataclasses.asdict(call) for call in DARK.calls],
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request as WSGI asks for."""
        status, answer = self.answer(environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix("/lifeboat/"))
        body = json.dumps(answer).encode() + b"\n"
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    def answer(self, method: str, path: str) -> tuple[str, Answer]:
        """Return status line and answer of one call."""
        handler = self._routes.get((method, path))
        if handler:
            return "200 OK", handler()
        verb = {"PUT": DARK.darken, "DELETE": DARK.lighten}.get(method)
        region = path.removeprefix("dark/")
        if not verb or region == path:
            return "404 Not Found", {"error": f"no such endpoint: {method} /lifeboat/{path}"}
        if region != GLOBAL and region not in known_regions():
            return "400 Bad Request", {"error": f"unknown region: {region}", "allowed": [GLOBAL, *known_regions()]}
        verb(region)
        return "200 OK", {"dark": DARK.regions}

    def health(self) -> Answer:
        """Tell what is running here."""
        return {
            "moto": moto.__version__,
            "gaps": [gap.name for gap in self._gaps],
            "dark": DARK.regions,
            "databases": FLEET.facts(),
        }


def known_regions() -> list[str]:
    """Return the regions of the standard partition, sorted."""
    return sorted(boto3.Session().get_available_regions("ec2"))
