"""What the dashboard shows of the edge: requests, errors, failovers, and what is blocked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from constructs_lib.cdn import EdgeCode
from constructs_lib.cdn_watch import (
    CLOUDFRONT_METRICS,
    FAILOVER_METRIC,
    FAILOVER_NAMESPACE,
    distribution_dimensions,
    edge_errors,
    failover_dimensions,
)
from constructs_lib.dashboard import Graph, Line
from constructs_lib.firewall import NAMESPACE as FIREWALL_NAMESPACE
from deployments.distribution import EDGE_CACHES, EDGE_REGION


def delivery_graphs(
    distribution_id: str, code: EdgeCode, regions: Iterable[str], web_acl_name: str | None
) -> list[Graph]:
    """Return the graphs in the order in which they are read during an incident.

    Args:
        distribution_id: The distribution.
        code: What runs at the edge.
        regions: The system's regions.
        web_acl_name: The firewall before the distribution. None: there is none.
    """
    places = sorted({*EDGE_CACHES, *regions})
    errors = [_cdn(distribution_id, f"{family} errors", f"{family}ErrorRate") for family in ("5xx", "4xx")]
    return [
        Graph(title="Edge: errors that viewers see (%)", lines=errors),
        _failovers(distribution_id, code, places),
        _failures(code, places),
        _blocked(web_acl_name),
        Graph(title="Edge: requests", lines=[_cdn(distribution_id, "requests", "Requests", "Sum")]),
        Graph(title="Edge: from the cache (%)", lines=[_cdn(distribution_id, "cache hits", "CacheHitRate")]),
    ]


def _failovers(distribution_id: str, code: EdgeCode, places: Iterable[str]) -> Graph:
    return Graph(
        title="Edge: failovers to another region's content, by where viewers are",
        lines=[
            _line(place, place, FAILOVER_NAMESPACE, FAILOVER_METRIC, failover_dimensions(distribution_id))
            for place in places
            if "origin-request" in code.functions
        ],
    )


def _failures(code: EdgeCode, places: Sequence[str]) -> Graph:
    return Graph(
        title="Edge: failures of Lambda@Edge, by where it runs",
        lines=[
            _line(f"{place} {event}", place, "AWS/Lambda", "Errors", edge_errors(function))
            for event, function in code.functions.items()
            for place in places
        ],
    )


def _blocked(web_acl_name: str | None) -> Graph:
    """Show what the firewall blocks; where there is none, there are no lines, and the graph is left out."""
    dimensions = {"WebACL": web_acl_name or "", "Rule": "ALL"}
    line = _line("blocked", EDGE_REGION, FIREWALL_NAMESPACE, "BlockedRequests", dimensions)
    return Graph(title="Edge: requests blocked by the firewall", lines=[line] if web_acl_name else [])


def _cdn(distribution_id: str, label: str, metric: str, statistic: str = "Average") -> Line:
    dimensions = distribution_dimensions(distribution_id)
    return Line(
        label=label,
        region=EDGE_REGION,
        namespace=CLOUDFRONT_METRICS,
        metric=metric,
        dimensions=dimensions,
        statistic=statistic,
    )


def _line(label: str, region: str, namespace: str, metric: str, dimensions: dict[str, str]) -> Line:
    return Line(label=label, region=region, namespace=namespace, metric=metric, dimensions=dimensions, statistic="Sum")
