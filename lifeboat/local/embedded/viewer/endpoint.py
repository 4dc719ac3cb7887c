"""`/lifeboat/edge/<host>/<path>`: asks as a viewer would, under a distribution's own name or one of its aliases.

| Header of the request | What it says |
|---|---|
| `X-Lifeboat-Near` | Region near the viewer. Absent: us-east-1. One that is dark: the next one that is not. |
| `X-Lifeboat-Scheme` | `http` or `https`. Absent: `https`. |
| `X-Lifeboat-Ip` | Address of the viewer. Absent: 192.0.2.1. |

The answer has `X-Lifeboat-Simulation: true`, and what happened on the way in `X-Lifeboat-Trace`, as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING

from moto.cloudfront.models import CloudFrontBackend, Distribution

from lifeboat.local.embedded.dark import DARK
from lifeboat.local.embedded.gaps.cloudfront import all_distributions, items
from lifeboat.local.embedded.viewer.delivery import Delivery, visible
from lifeboat.local.embedded.viewer.exchange import Answer, Headers, Request, headers_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PREFIX = "/lifeboat/edge/"
OWN = "x-lifeboat-"
EDGE_CACHES = ("us-east-1", "us-west-2", "us-east-2", "eu-west-1", "eu-central-1", "ap-southeast-1", "ap-northeast-1")
"""Where code runs for viewers who do not say where they are, or whose region is dark; the first that is not."""


def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer one request as WSGI asks for."""
    host, _, rest = str(environ.get("REQUEST_URI") or environ["PATH_INFO"]).removeprefix(PREFIX).partition("/")
    uri, _, _ = f"/{rest}".partition("?")
    found = distribution_of(host)
    if found is None:
        answer, trace = _no_distribution(host), "{}"
    else:
        given = _headers(environ)
        told = {name.removeprefix(OWN): values[0]["value"] for name, values in given.items() if name.startswith(OWN)}
        headers = {name: values for name, values in given.items() if not name.startswith(OWN)} | headers_of(host=host)
        request = Request(
            method=environ["REQUEST_METHOD"],
            uri=uri,
            query=environ.get("QUERY_STRING", ""),
            headers=visible(headers),
            ip=told.get("ip", "192.0.2.1"),
        )
        delivery = Delivery(*found, near(told.get("near", "")))
        answer = delivery.answer(request, is_https=told.get("scheme", "https") == "https")
        trace = json.dumps(asdict(delivery.trace))
    sent = answer.headers | headers_of(x_lifeboat_simulation="true", x_lifeboat_trace=trace)
    sent |= headers_of(content_length=str(len(answer.body)))
    lines = [(each["key"], each["value"]) for values in sent.values() for each in values]
    start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", lines)
    return [answer.body]


def distribution_of(host: str) -> tuple[CloudFrontBackend, Distribution] | None:
    """Find the distribution that answers under a name, if it is enabled."""
    for backend, distribution in all_distributions():
        config = distribution.distribution_config.__dict__
        if config["Enabled"] and host.lower() in {distribution.domain_name, *items(config, "Aliases")}:
            return backend, distribution
    return None


def near(region: str) -> str:
    """Return the region where code runs: the viewer's, unless it is dark."""
    places = [region, *EDGE_CACHES] if region else list(EDGE_CACHES)
    return next((place for place in places if not DARK.is_dark(place)), places[0])


def _headers(environ: WSGIEnvironment) -> Headers:
    names = {key.removeprefix("HTTP_").replace("_", "-").lower(): str(value) for key, value in environ.items()
             if key.startswith("HTTP_")}  # fmt: skip
    return {name: [{"key": name.title(), "value": value}] for name, value in names.items()}


def _no_distribution(host: str) -> Answer:
    body = f"no enabled distribution answers under {host}\n".encode()
    return Answer(status=404, headers=headers_of(content_type="text/plain"), body=body)
