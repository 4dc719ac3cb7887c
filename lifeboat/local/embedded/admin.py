"""The embedded AWS's own endpoints, under `/lifeboat/`, called without a signature.

| Call | Answer |
|---|---|
| `GET health` | version of moto, names of the gaps filled, dark regions, database servers or why there are none |
| `GET census` | everything that exists, as a list of service, region, kind, id |
| `PUT dark/<region>`, `DELETE dark/<region>` | what is dark now; `global` is one, `?service=` names a single service |
| `PUT away/<region>/<name>`, `DELETE away/<region>/<name>` | the databases that answer nobody after the change |
| `GET dark/calls` | calls that got no answer |
| `PUT replication/<region>?paused=yes`, `?paused=no` | regions that serve but replicate nothing, after the change |
| `PUT functions?kept=yes`, `?kept=no` | environments of functions are kept between invocations, or not |
| `PUT checkers?speed=<number>`, `DELETE checkers` | health checkers work, so many times faster than on AWS; rest |
| `GET checkers` | what the health checkers have seen |
| `GET dns/<name>` | where a client is sent, and for how long it may keep that |
| any method, `web/<host>/<path>` | what a client gets there over HTTPS |
| `GET failures` | calls that the embedded AWS itself failed on, with the error |
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import boto3
import moto

from lifeboat.local.embedded import clients, replication
from lifeboat.local.embedded.census import census
from lifeboat.local.embedded.dark import DARK, GLOBAL
from lifeboat.local.embedded.gap import Gap
from lifeboat.local.embedded.gaps.route53 import CHECKERS
from lifeboat.local.embedded.lambda_warm import WARMTH
from lifeboat.local.embedded.postgres import cuts
from lifeboat.local.embedded.postgres.fleet import FLEET
from lifeboat.local.embedded.turns import FAILURES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# What a handler returns, written as JSON.
Answer = object
Query = Mapping[str, str]

FASTEST = 100.0


class Refusal(Exception):  # noqa: N818 - what is told to who asked for something impossible
    """A call that cannot be obeyed: status line and document."""

    def __init__(self, status: str, **document: object) -> None:
        super().__init__(status)
        self.status, self.document = status, document


class Admin:
    """The WSGI application behind `/lifeboat/`."""

    def __init__(self, gaps: Sequence[Gap]) -> None:
        self._gaps = gaps
        self._routes: dict[tuple[str, str], Callable[[], Answer]] = {
            ("GET", "health"): self.health,
            ("GET", "census"): lambda: [dataclasses.asdict(thing) for thing in census()],
            ("GET", "dark/calls"): lambda: [dataclasses.asdict(call) for call in DARK.calls],
            ("GET", "checkers"): CHECKERS.facts,
            ("DELETE", "checkers"): _rest,
            ("GET", "failures"): lambda: [dataclasses.asdict(call) for call in FAILURES.kept],
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request as WSGI asks for."""
        path = environ["PATH_INFO"].removeprefix("/lifeboat/")
        if path.startswith("web/"):
            return clients.web(environ, path.removeprefix("web/"), start_response)
        query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
        status, answer = self.answer(environ["REQUEST_METHOD"], path, query)
        body = json.dumps(answer).encode() + b"\n"
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    def answer(self, method: str, path: str, query: Query) -> tuple[str, Answer]:
        """Return status line and answer of one call."""
        handler = self._routes.get((method, path))
        try:
            return "200 OK", handler() if handler else self._named(method, path, query)
        except Refusal as refusal:
            return refusal.status, refusal.document

    def _named(self, method: str, path: str, query: Query) -> Answer:
        """Obey a call that names something."""
        match method, path.split("/"):
            case "PUT" | "DELETE", ["dark", region]:
                turn = DARK.darken if method == "PUT" else DARK.lighten
                turn(_known(region), query.get("service", ""))
                return {"dark": DARK.regions}
            case "PUT" | "DELETE", ["away", region, name]:
                return self.away(method, f"{region}/{name}")
            case "PUT", ["replication", region]:
                return _replicate(_known(region), query)
            case "PUT", ["functions"]:
                return _keep_functions(query)
            case "PUT", ["checkers"]:
                CHECKERS.start(_speed(query))
                return CHECKERS.facts()
            case "GET", ["dns", name]:
                return clients.dns_answer(name)
        raise Refusal("404 Not Found", error=f"no such endpoint: {method} /lifeboat/{path}")

    def away(self, method: str, which: str) -> Answer:
        """Let one database answer nobody, or again: what no other part of its region notices."""
        found = [database for database in FLEET.all if f"{database.region}/{database.name}" == which]
        if not found:
            known = [f"{database.region}/{database.name}" for database in FLEET.all]
            raise Refusal("404 Not Found", error=f"no such database: {which}", allowed=known)
        for database in found:
            FLEET.set_away(database, away=method == "PUT")
        return {"away": [f"{one.region}/{one.name}" for one in FLEET.all if one.away]}

    def health(self) -> Answer:
        """Tell what is running here."""
        return {
            "moto": moto.__version__,
            "gaps": [gap.name for gap in self._gaps],
            "dark": DARK.regions,
            "databases": FLEET.facts(),
        }


def _rest() -> Answer:
    CHECKERS.stop()
    return CHECKERS.facts()


def _replicate(region: str, query: Query) -> Answer:
    held = query.get("paused")
    if held not in {"yes", "no"}:
        raise Refusal("400 Bad Request", error="paused is missing or unknown", allowed=["yes", "no"])
    if held == "yes":
        replication.pause(region)
    else:
        replication.resume(region)
    cuts.hold(FLEET, region, held=held == "yes")
    return {"paused": sorted(replication.paused() | FLEET.held)}


def _keep_functions(query: Query) -> Answer:
    kept = query.get("kept")
    if kept not in {"yes", "no"}:
        raise Refusal("400 Bad Request", error="kept is missing or unknown", allowed=["yes", "no"])
    WARMTH.switch(on=kept == "yes")
    return {"kept": kept}


def _speed(query: Query) -> float:
    try:
        speed = float(query.get("speed", "1"))
    except ValueError:
        speed = 0.0
    if not 0 < speed <= FASTEST:
        raise Refusal("400 Bad Request", error="speed is no number in its range", allowed=f"above 0, up to {FASTEST:g}")
    return speed


def _known(region: str) -> str:
    if region != GLOBAL and region not in known_regions():
        raise Refusal("400 Bad Request", error=f"unknown region: {region}", allowed=[GLOBAL, *known_regions()])
    return region


def known_regions() -> list[str]:
    """Return the regions of the standard partition, sorted."""
    return sorted(boto3.Session().get_available_regions("ec2"))
