"""What a client outside of AWS sees: where DNS sends it, and what it gets there."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from moto.core import DEFAULT_ACCOUNT_ID

from lifeboat.local.embedded import dns, front
from lifeboat.local.embedded.gaps.route53 import CHECKERS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ALIAS_TTL_SECONDS = 60
"""https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html"""
ACCOUNT = str(DEFAULT_ACCOUNT_ID)


def healthy(check: str) -> bool:
    """Tell what DNS goes by."""
    return CHECKERS.is_healthy(ACCOUNT, check)


def dns_answer(name: str) -> dict[str, object]:
    """Tell where a client is sent that asks for a name, which region that is, and how long a resolver keeps it."""
    target = dns.resolve(ACCOUNT, name, healthy)
    return {"name": name, "target": target, "region": dns.region_of(target), "ttl_seconds": ALIAS_TTL_SECONDS}


def web(environ: WSGIEnvironment, rest: str, start_response: StartResponse) -> Iterable[bytes]:
    """Answer `<host>/<path>` as the host itself would; 504 with nothing where a connection would not be answered."""
    host, _, path = rest.partition("/")
    request = front.Request(
        account=ACCOUNT,
        host=environ.get("HTTP_X_LIFEBOAT_HOST", host),
        path=f"/{path}",
        method=environ["REQUEST_METHOD"],
        query=environ.get("QUERY_STRING", ""),
        headers=_headers(environ) | {"host": environ.get("HTTP_X_LIFEBOAT_HOST", host)},
        body=environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)),
    )
    try:
        answer = front.serve(request, dns.resolve(ACCOUNT, host, healthy))
    except front.UnreachableError as error:
        # No HTTP status says "nobody was there"; this header does.
        answer = front.Answer(status=504, headers={"x-lifeboat-unreachable": str(error)})
    try:
        phrase = HTTPStatus(answer.status).phrase
    except ValueError:
        phrase = "Unknown"
    kept = [(name.title(), value) for name, value in answer.headers.items() if name != "content-length"]
    start_response(f"{answer.status} {phrase}", [*kept, ("Content-Length", str(len(answer.body)))])
    return [answer.body]


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    """Read the headers that the client sent, in lower case."""
    found = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_") and not name.startswith("HTTP_X_LIFEBOAT")
    }
    kind = environ.get("CONTENT_TYPE")
    return found | ({"content-type": str(kind)} if kind else {})
