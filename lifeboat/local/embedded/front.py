"""What a client of an entry gets: a request to a load balancer or a REST API, answered by the function behind it.

The function is really invoked, with the event that the entry would send; for the tasks of an ECS service an application
of this project stands in (`containers`). Targets that do not run here (instances, addresses) are taken for healthy and
answer with nothing, and so does every other endpoint of a region that is not dark.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from moto.awslambda.models import lambda_backends
from moto.ecs.models import Service
from moto.elbv2.models import FakeListener, FakeLoadBalancer, elbv2_backends
from werkzeug.exceptions import HTTPException

from lifeboat.local.embedded import containers, front_events
from lifeboat.local.embedded.dark import DARK
from lifeboat.local.embedded.front_rest import route_of

REGION = re.compile(r"\.(?P<region>[a-z]{2}(?:-[a-z]+)+-\d)\.")
"""A region inside a host name of AWS: `x.execute-api.eu-west-1.amazonaws.com`."""


class UnreachableError(Exception):
    """Nothing answers; the message says what a health checker would report."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked.

    Attributes:
        account: Account of the entry.
        host: The name that the client asked for.
        path: Resource path, starting with a slash.
        port: TCP port.
        method: HTTP method.
        query: The query as it came, without question mark.
        headers: Names in lower case.
        body: The body.
    """

    account: str
    host: str
    path: str
    port: int = 443
    method: str = "GET"
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What comes back."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


Server = Callable[[Request, str], Answer | None]
"""Answers, or None when the host is none of its own."""


def serve(request: Request, host: str) -> Answer:
    """Answer a request at a host that was resolved to the end.

    Raises:
        UnreachableError: The host is unknown, its region is dark, or the target does not answer HTTP.
    """
    for server in SERVERS:
        answer = server(request, host)
        if answer is not None:
            return answer
    raise UnreachableError(f"DNS resolution failed: {host} is no endpoint in this account")


def from_load_balancer(request: Request, host: str) -> Answer | None:
    """Answer for an application load balancer."""
    for region, backend in list(elbv2_backends[request.account].items()):
        for balancer in list(backend.load_balancers.values()):
            if balancer.dns_name.lower() == host:
                with lit(region, "elasticloadbalancing"):
                    return _listened(request, region, balancer)
    return None


def _listened(request: Request, region: str, balancer: FakeLoadBalancer) -> Answer:
    """Answer with the default action of the listener on the port."""
    listener: FakeListener | None = next(
        (found for found in balancer.listeners.values() if int(found.port) == request.port), None
    )
    if listener is None:
        raise UnreachableError(f"Connection refused: nothing listens on port {request.port}")
    action = listener.default_actions[-1]
    if action.type == "redirect":
        return Answer(status=int(action.data["RedirectConfig"]["StatusCode"].removeprefix("HTTP_")))
    if action.type == "fixed-response":
        return Answer(status=int(action.data["FixedResponseConfig"]["StatusCode"]))
    groups = action.data.get("ForwardConfig", {}).get("TargetGroups") or [action.data]
    return _forwarded(request, region, str(groups[0]["TargetGroupArn"]))


def _forwarded(request: Request, region: str, target_group_arn: str) -> Answer:
    """Answer with the first target of a target group."""
    group = elbv2_backends[request.account][region].target_groups[target_group_arn]
    service = containers.behind(request.account, region, group.arn)
    if service:
        return _contained(request, region, service, group.arn)
    targets = list(group.targets)
    if not targets:
        return Answer(status=503)
    if group.target_type != "lambda":
        return Answer(status=200)
    multiple = str(group.attributes.get("lambda.multi_value_headers.enabled", "false")) == "true"
    event = front_events.of_load_balancer(request, group.arn, multiple=multiple)
    return invoked(request.account, str(targets[0]), event)


def _contained(request: Request, region: str, service: Service, target_group_arn: str) -> Answer:
    """Answer with a task of a service."""
    if DARK.is_dark(region, "ecs"):
        return Answer(status=504)  # what a load balancer says when a target does not answer
    if not containers.is_running(service):
        return Answer(status=503)
    event = front_events.of_load_balancer(request, target_group_arn, multiple=False)
    try:
        outcome = containers.answered(request.account, region, target_group_arn, event)
    except containers.NotStartedError:
        return Answer(status=503)
    return Answer(status=504) if DARK.is_dark(region, "ecs") else _read_json(outcome.payload, failed=outcome.error)


def from_rest_api(request: Request, host: str) -> Answer | None:
    """Answer for a REST API with a domain name of its own, whose methods hand requests to functions."""
    route = route_of(request.account, host, request.method, request.path)
    if route is None:
        return None
    with lit(route.region, "apigateway"):
        if not route.function_arn:
            return Answer(status=403)  # what API Gateway says of a path that it does not know
        return invoked(request.account, route.function_arn, front_events.of_rest_api(request, route))


def invoked(account: str, function_arn: str, event: Mapping[str, object]) -> Answer:
    """Invoke a function for an entry and read its answer."""
    region = function_arn.split(":")[3]
    if DARK.is_dark(region, "lambda"):
        return Answer(status=502)
    told: dict[str, str] = {}
    try:
        payload = lambda_backends[account][region].invoke(function_arn, None, json.dumps(event), {}, told)
    except HTTPException:
        return Answer(status=502)
    return _read_json(payload, failed="x-amz-function-error" in told or DARK.is_dark(region, "lambda"))


def _read_json(payload: str | bytes, *, failed: bool) -> Answer:
    document = None if failed else json.loads(payload)
    return _read(document) if isinstance(document, Mapping) else Answer(status=502)


def _read(document: Mapping[str, object]) -> Answer:
    """Read what a function returns to an entry; what is no answer becomes the entry's own error."""
    status, body = document.get("statusCode"), str(document.get("body") or "")
    if not (isinstance(status, int | str) and str(status).isdigit()):
        return Answer(status=502)
    headers: dict[str, str] = {}
    for name in ("headers", "multiValueHeaders"):
        found = document.get(name)
        for key, value in found.items() if isinstance(found, Mapping) else ():
            headers[str(key).lower()] = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    content = base64.b64decode(body) if document.get("isBase64Encoded") else body.encode()
    return Answer(status=int(status), headers=headers, body=content)


def from_region(_request: Request, host: str) -> Answer | None:
    """Answer for any other endpoint of AWS whose name tells its region."""
    found = REGION.search(host)
    if not found or not host.endswith(".amazonaws.com"):
        return None
    require_light(found["region"], "")
    return Answer(status=200)


@contextmanager
def lit(region: str, service: str) -> Iterator[None]:
    """Require light before something is asked and still when it has answered: no answer leaves what is dark.

    Raises:
        UnreachableError: It is dark, or went dark meanwhile.
    """
    require_light(region, service)
    yield
    require_light(region, service)


def require_light(region: str, service: str) -> None:
    """Raise `UnreachableError` when a region, or a service of it, is dark."""
    if DARK.is_dark(region, service):
        raise UnreachableError("Connection timed out. The endpoint or the internet connection is down")


# Asked in this order; a new kind of entry is one more function.
SERVERS: list[Server] = [from_load_balancer, from_rest_api, from_region]
