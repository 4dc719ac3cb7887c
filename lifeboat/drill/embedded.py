"""The embedded AWS as the surroundings of a drill."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from lifeboat.drill.record import Call, Moment
from lifeboat.drill.surroundings import Reply, Way
from lifeboat.failure import Failure

TIMEOUT_SECONDS = 30.0
"""Longer than the longest time-out of a function."""
UNREACHABLE = "x-lifeboat-unreachable"
STAND_IN = (
    "No container ran and no image was pulled: an application of this project (functions/cart) answered in its place,"
    " as a process with the variables and secrets of the task definition, as long as tasks were to run."
)


class EmbeddedSurroundings:
    """Darkness by switch, clients through the HTTP front, health checks by the checkers of the embedded AWS."""

    def __init__(self, url: str, *, speed: float, containers: bool = False) -> None:
        """Prepare; nothing is asked yet.

        Args:
            url: Where the embedded AWS answers.
            speed: How many times faster health checks work and DNS answers expire.
            containers: Whether the application is one of containers, in whose place something else answers.
        """
        self._address = urlsplit(url).netloc
        self.detection_factor = speed
        self.databases = False
        self.certificate: str | None = None
        self._containers = containers
        self.simulated: tuple[str, ...] = ()

    def begin(self) -> None:
        """Start the health checkers, and see whether there are databases to write to."""
        self._admin("PUT", "functions?kept=yes")
        self._admin("PUT", f"checkers?speed={self.detection_factor:g}")
        health = self._admin("GET", "health")
        self.databases = bool(health.get("databases", {}).get("available"))
        self.certificate = health.get("databases", {}).get("certificate")
        self.simulated = tuple(self._simulated())

    def _simulated(self) -> list[str]:
        speed = self.detection_factor
        told = [
            "Everything ran on the embedded AWS of one machine: it shows order, calls and data, not AWS's timing.",
            "A dark region closes every connection at once; a real one may leave clients waiting.",
            "Stores promote within moments here; on AWS they take what `lifeboat objectives` plans.",
            "What clients were told is kept was replicated before anything went dark, unless the scenario held"
            " replication back; on AWS a loss takes what the stores lag behind.",
        ]
        if speed != 1:
            told.append(
                f"Health checks worked {speed:g} times faster than Route 53's, and DNS answers expired {speed:g} times"
                " sooner; figures that contain them are shown with AWS's intervals as well."
            )
        if self._containers:
            told.append(STAND_IN)
        if not self.databases:
            told.append("There is no PostgreSQL on this machine: the database moved, but nobody wrote to it.")
        return told

    def end(self) -> None:
        """Light everything and let the checkers rest."""
        self.lighten(None, None)
        self._admin("DELETE", "checkers")
        self._admin("PUT", "functions?kept=no")

    def resolve(self, name: str) -> Way:
        """Ask the Route 53 of the embedded AWS."""
        found = self._admin("GET", f"dns/{quote(name)}")
        ttl = float(found["ttl_seconds"]) / self.detection_factor
        return Way(target=found["target"], region=found["region"], ttl_seconds=ttl)

    def call(self, way: Way, host: str, method: str, path: str, *, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send a request through the HTTP front."""
        connection = http.client.HTTPConnection(self._address, timeout=TIMEOUT_SECONDS)
        try:
            sent = {**headers, "X-Lifeboat-Host": host}
            connection.request(method, f"/lifeboat/web/{way.target}{path}", body=body or None, headers=sent)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            return Reply(status=0)
        finally:
            connection.close()
        got = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(status=0 if UNREACHABLE in got else answer.status, headers=got, body=content)

    def darken(self, where: str, service: str | None) -> None:
        """Turn the dark switch on."""
        self._admin("PUT", f"dark/{where}" + (f"?service={service}" if service else ""))

    def lighten(self, where: str | None, service: str | None) -> None:
        """Turn it off."""
        if where:
            self._admin("DELETE", f"dark/{where}" + (f"?service={service}" if service else ""))
            return
        for each in self._admin("GET", "health")["dark"]:
            self._admin("DELETE", f"dark/{each}")
        for region in self._admin("PUT", "replication/us-east-1?paused=no")["paused"]:
            self._admin("PUT", f"replication/{region}?paused=no")

    def hold_replication(self, region: str, *, held: bool) -> None:
        """Hold or release."""
        self._admin("PUT", f"replication/{region}?paused={'yes' if held else 'no'}")

    def dark_calls(self) -> list[Call]:
        """Read the record of the dark switch."""
        return [Call(**each) for each in self._admin("GET", "dark/calls")]

    def turns(self) -> list[Moment]:
        """Read what the checkers have seen."""
        return [
            Moment(
                at=datetime.fromisoformat(each["time"]).timestamp(),
                lane="health",
                what=_turned(each),
                bad=not each["healthy"] and not each["inverted"],
            )
            for each in self._admin("GET", "checkers")["turns"]
        ]

    def _admin(self, method: str, path: str) -> Any:  # noqa: ANN401 whatever the JSON holds
        connection = http.client.HTTPConnection(self._address, timeout=TIMEOUT_SECONDS)
        try:
            connection.request(method, f"/lifeboat/{path}")
            answer = connection.getresponse()
            document = json.load(answer)
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise Failure(f"the embedded AWS does not answer {method} {path}: {error}") from None
        finally:
            connection.close()
        if answer.status != 200:
            raise Failure(f"the embedded AWS refuses {method} {path}: {document.get('error', answer.status)}")
        return document


def _turned(turn: dict[str, Any]) -> str:
    """Say what a health check found; an inverted one asks whether somebody is unaware of having been replaced."""
    if turn["inverted"]:
        return f"{turn['host']} says that {'nobody' if turn['healthy'] else 'the old primary'} is unaware of it"
    return f"{turn['host']} is {'healthy' if turn['healthy'] else 'unhealthy'}"
