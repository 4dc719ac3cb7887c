"""Which region's bucket is asked, without CloudFront: the distribution's own headers say which there are.

CloudFront runs this once for each member of an origin group: first for the one that is asked first, and again for the
other when the first failed. Whichever bucket a member is configured with, its turn decides which one is asked:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .places import by_distance

ORIGINS_HEADER = "x-lifeboat-origins"
"""Every region's bucket: `us-west-2=<domain> us-east-1=<domain>`."""
TURN_HEADER = "x-lifeboat-turn"
"""`1` for the member of the origin group that is asked first, `2` for the one after it."""
NAMESPACE = "Lifeboat/Edge"
METRIC = "OriginFailovers"

Cf = dict[str, Any]
"""A request as CloudFront writes it."""


def route(request: Cf, here: str) -> tuple[Cf, bool]:
    """Return the request as it goes to a bucket, and whether another region failed it before.

    Args:
        request: The request that CloudFront would send.
        here: Region that this runs in, which is near the viewer.
    """
    origin = request.get("origin", {}).get("s3")
    own = origin.get("customHeaders", {}) if origin else {}
    domains = _domains(_value(own, ORIGINS_HEADER))
    turn = _value(own, TURN_HEADER)
    if not domains or turn not in {"1", "2"}:
        return request, False  # an origin that is none of ours
    order = by_distance(here, list(domains))
    region = order[min(int(turn), len(order)) - 1]
    domain = domains[region]
    headers = request["headers"] | {"host": [{"key": "Host", "value": domain}]}
    changed = origin | {"domainName": domain, "region": region}
    return request | {"headers": headers, "origin": {"s3": changed}}, turn == "2"


def failover_metric(distribution: str, request: Cf, now: int) -> dict[str, Any]:
    """Return a log line that CloudWatch counts, in the region that this runs in.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

    Args:
        distribution: Id of the distribution.
        request: The request as it goes to the second bucket.
        now: Milliseconds since 1970.
    """
    counted = {"Namespace": NAMESPACE, "Dimensions": [["Distribution"]], "Metrics": [{"Name": METRIC, "Unit": "Count"}]}
    return {
        "_aws": {"Timestamp": now, "CloudWatchMetrics": [counted]},
        "Distribution": distribution,
        METRIC: 1,
        "to": request["origin"]["s3"]["region"],
        "uri": request["uri"],
    }


def _domains(text: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in text.split())
    return {region: domain for region, _, domain in pairs if region and domain}


def _value(headers: Mapping[str, Any], name: str) -> str:
    values = headers.get(name) or [{}]
    return str(values[0].get("value", ""))
