"""What a viewer gets, by the embedded AWS's simulation of a request through the deployed distribution."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.system import System


@dataclass(frozen=True, kw_only=True)
class Seen:
    """An answer of the simulation.

    Attributes:
        status: HTTP status.
        headers: Headers by their names in lower case.
        text: Content.
    """

    status: int
    headers: dict[str, str]
    text: str

    @property
    def asked(self) -> list[tuple[str, int]]:
        """Region and status of every bucket that was asked, in order; 0 is no answer."""
        trace: dict[str, Any] = json.loads(self.headers["x-lifeboat-trace"])
        return [(domain.split(".")[2], status) for domain, status in trace["origins"]]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Follow nothing: a redirect is an answer, too."""


_OPENER = urllib.request.build_opener(_NoRedirect)


def see(system: System, path: str, *, host: str = "", **headers: str) -> Seen:
    """Ask as a viewer would. An underscore in a header's name stands for a hyphen; absent host: the system's own."""
    if system.target.endpoint is None:
        pytest.skip("--target aws: only the embedded AWS simulates viewers")
    host = host or system.shared.texts("distribution_hostnames")[0]
    request = urllib.request.Request(  # noqa: S310 loopback
        f"{system.target.endpoint}/lifeboat/edge/{host}{path}",
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )
    try:
        response = _OPENER.open(request, timeout=60)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        names = {name.lower(): value for name, value in response.headers.items()}
        seen = Seen(status=response.status, headers=names, text=response.read().decode())
    assert seen.headers["x-lifeboat-simulation"] == "true"
    return seen
