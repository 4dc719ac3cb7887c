"""What a Route 53 health checker would get from an endpoint of the embedded AWS.

A name is followed through the account's public zones (alias and CNAME records) to a load balancer; its default action
decides. A Lambda target is really invoked with the event that the load balancer would send. Targets that do not run
here (instances, addresses) are taken for healthy, and so is any other AWS endpoint of a region that is not dark.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from moto.awslambda.models import lambda_backends
from moto.elbv2.models import FakeListener, FakeLoadBalancer, elbv2_backends
from moto.route53.models import RecordSet, route53_backends
from werkzeug.exceptions import HTTPException

from lifeboat.local.embedded.dark import DARK

# A region inside a host name of AWS: `x.execute-api.eu-west-1.amazonaws.com`.
REGION = re.compile(r"\.(?P<region>[a-z]{2}(?:-[a-z]+)+-\d)\.")

LONGEST_CHAIN = 8


class UnreachableError(Exception):
    """Nothing answers; the message says what a health checker would report."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """What is asked.

    Attributes:
        account: Account of the health check.
        host: Fully qualified name.
        port: TCP port.
        path: Resource path, starting with a slash.
    """

    account: str
    host: str
    port: int
    path: str


# Answers with an HTTP status, or None when the host is none of its own.
Server = Callable[[Endpoint, str], int | None]


def ask(endpoint: Endpoint) -> int:
    """Return the HTTP status that the endpoint answers with.

    Raises:
        UnreachableError: The name does not resolve, the region is dark, or the target does not answer HTTP.
    """
    host = resolve(endpoint.account, endpoint.host)
    for server in SERVERS:
        status = server(endpoint, host)
        if status is not None:
            return status
    raise UnreachableError(f"DNS resolution failed: {host} is no endpoint in this account")


def resolve(account: str, host: str) -> str:
    """Follow alias and CNAME records of the account's public zones; a name without one is its own answer."""
    name = host.lower().rstrip(".")
    for _ in range(LONGEST_CHAIN):
        record = record_of(account, name)
        if record is None:
            break
        target = record.alias_target["DNSName"] if record.alias_target else record.records[0]
        name = str(target).lower().rstrip(".").removeprefix("dualstack.")
    return name


def record_of(account: str, name: str) -> RecordSet | None:
    """Return the record that leads on from a name: of a failover pair, the primary one."""
    zones = route53_backends[account]["aws"].zones.values()
    records = (record for zone in zones if not zone.private_zone for record in zone.rrsets)
    leading = [
        record
        for record in records
        if record.name.lower().rstrip(".") == name
        and (record.type == "CNAME" or (record.alias_target and record.type in {"A", "AAAA"}))
    ]
    return min(leading, key=lambda record: record.failover == "SECONDARY", default=None)


def from_load_balancer(endpoint: Endpoint, host: str) -> int | None:
    """Answer for an application load balancer."""
    for region, backend in list(elbv2_backends[endpoint.account].items()):
        for balancer in backend.load_balancers.values():
            if balancer.dns_name.lower() == host:
                require_light(region)
                return listened(endpoint, region, balancer)
    return None


def listened(endpoint: Endpoint, region: str, balancer: FakeLoadBalancer) -> int:
    """Answer with the default action of the listener on the endpoint's port."""
    listener: FakeListener | None = next(
        (found for found in balancer.listeners.values() if int(found.port) == endpoint.port), None
    )
    if listener is None:
        raise UnreachableError(f"Connection refused: nothing listens on port {endpoint.port}")
    action = listener.default_actions[-1]
    if action.type == "redirect":
        return int(action.data["RedirectConfig"]["StatusCode"].removeprefix("HTTP_"))
    if action.type == "fixed-response":
        return int(action.data["FixedResponseConfig"]["StatusCode"])
    groups = action.data.get("ForwardConfig", {}).get("TargetGroups") or [action.data]
    return forwarded(endpoint, region, str(groups[0]["TargetGroupArn"]))


def forwarded(endpoint: Endpoint, region: str, target_group_arn: str) -> int:
    """Answer with the first target of a target group."""
    group = elbv2_backends[endpoint.account][region].target_groups[target_group_arn]
    targets = list(group.targets)
    if not targets:
        return 503
    return invoked(endpoint, str(targets[0]), group.arn) if group.target_type == "lambda" else 200


def invoked(endpoint: Endpoint, function_arn: str, target_group_arn: str) -> int:
    """Invoke a Lambda target as its load balancer does."""
    event = {
        "requestContext": {"elb": {"targetGroupArn": target_group_arn}},
        "httpMethod": "GET",
        "path": endpoint.path,
        "queryStringParameters": {},
        "headers": {"host": endpoint.host, "user-agent": "Amazon-Route53-Health-Check-Service"},
        "body": "",
        "isBase64Encoded": False,
    }
    answered: dict[str, str] = {}
    backend = lambda_backends[endpoint.account][function_arn.split(":")[3]]
    try:
        payload = backend.invoke(function_arn, None, json.dumps(event), {}, answered)
    except HTTPException:
        return 502
    document = json.loads(payload)
    if "x-amz-function-error" in answered or not isinstance(document, Mapping):
        return 502
    status = document.get("statusCode")
    return int(status) if isinstance(status, int | str) and str(status).isdigit() else 502


def from_region(_endpoint: Endpoint, host: str) -> int | None:
    """Answer for any other endpoint of AWS whose name tells its region."""
    found = REGION.search(host)
    if not found or not host.endswith(".amazonaws.com"):
        return None
    require_light(found["region"])
    return 200


def require_light(region: str) -> None:
    """Raise `UnreachableError` when the region is dark."""
    if DARK.is_dark(region):
        raise UnreachableError("Connection timed out. The endpoint or the internet connection is down")


# Asked in this order; a new kind of endpoint is one more function.
SERVERS: list[Server] = [from_load_balancer, from_region]
