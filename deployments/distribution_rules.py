"""Rules of delivery from the edge: what CloudFront, Lambda@Edge and the rest of the file rule out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from deployments.distribution import Distribution, EdgeFunction
from deployments.model import Deployment
from deployments.problems import Problem

FAILOVER_CODES = frozenset({400, 403, 404, 416, 429, 500, 502, 503, 504})
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html"""
ERROR_CODES = frozenset({400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504})
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/creating-custom-error-pages.html"""
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class EdgeLimits:
    """What Lambda@Edge allows at one event.

    Attributes:
        memory_mb: Most memory, in MB.
        timeout_seconds: Longest time limit, in seconds.
        archive_bytes: Largest archive, in bytes.
    """

    memory_mb: int
    timeout_seconds: int
    archive_bytes: int


EDGE_LIMITS = {
    "viewer-request": EdgeLimits(memory_mb=128, timeout_seconds=5, archive_bytes=MEGABYTE),
    "origin-request": EdgeLimits(memory_mb=10240, timeout_seconds=30, archive_bytes=50 * MEGABYTE),
}
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-lambda-at-edge"""


def distribution_problems(deployment: Deployment) -> Iterator[Problem]:
    """Yield every broken rule (keys only; the caller knows the file)."""
    spec = deployment.distribution
    if spec is None:
        return
    yield from _regions(deployment)
    yield from _buckets(deployment, spec)
    yield from _names(deployment, spec)
    yield from _codes(spec)
    for event, function in spec.edge_functions.items():
        yield from _edge_function(event, function)
    yield from _variants(spec)


def _problem(key: str, what: str, found: object, allowed: str) -> Problem:
    return Problem(where="", key=f"distribution.{key}".rstrip("."), what=what, found=str(found), allowed=allowed)


def _regions(deployment: Deployment) -> Iterator[Problem]:
    if deployment.strategy == "backup-restore":
        yield _problem("", "fails over between replicated buckets", "strategy backup-restore", "another strategy")
    elif len(deployment.regions) == 1:
        yield _problem("", "fails over between two regions or more", "1 region", "a second region")


def _buckets(deployment: Deployment, spec: Distribution) -> Iterator[Problem]:
    known = ", ".join(sorted(deployment.buckets)) or "nothing"
    for name in _once(spec.buckets):
        if name not in deployment.buckets:
            yield _problem("buckets", "names something that this file does not describe", name, known)
    yield from _twice("buckets", spec.buckets, "the same bucket twice", "each bucket once")
    service = deployment.service
    if service and service.bucket in spec.buckets:
        what = "would publish what the service keeps (service.bucket)"
        yield _problem("buckets", what, service.bucket, "buckets with nothing but content")
    if spec.path_function and len(_once(spec.buckets)) == 1:
        what = "runs before the buckets after the first, and there is none"
        yield _problem("path_function", what, spec.path_function, "a second bucket, or viewer_request alone")


def _names(deployment: Deployment, spec: Distribution) -> Iterator[Problem]:
    """Keep names where their certificate can be proved: inside the zone."""
    zone = deployment.domain.zone
    for index, name in enumerate(spec.aliases):
        labels = name.removesuffix(f".{zone}").split(".") if name.endswith(f".{zone}") else []
        if name != zone and not labels:
            yield _problem(
                f"aliases.{index}",
                "lies outside the zone, so that no certificate for it can be proved",
                name,
                f"{zone}, or a name that ends with .{zone}",
            )
        elif not all(_is_label(label) for label in labels) or len(name) > LONGEST_ALIAS:
            yield _problem(f"aliases.{index}", "is no host name", name, f"letters, digits and hyphens before .{zone}")
    yield from _twice("aliases", spec.aliases, "the same name twice", "each name once")


LONGEST_ALIAS = 253
"""https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html"""


def _is_label(text: str) -> bool:
    letters = text.replace("-", "a")
    return letters.isascii() and letters.isalnum() and text == text.lower().strip("-") and len(text) <= 63


def _codes(spec: Distribution) -> Iterator[Problem]:
    allowed = ", ".join(str(code) for code in sorted(FAILOVER_CODES))
    for code in _once(spec.failover_codes):
        if code not in FAILOVER_CODES:
            yield _problem("failover_codes", "CloudFront cannot fail over on this answer", code, allowed)
    yield from _twice("failover_codes", spec.failover_codes, "the same code twice", "each code once")
    for code in spec.error_pages:
        if not (code.isascii() and code.isdecimal() and int(code) in ERROR_CODES):
            what = "CloudFront has no error page for this status"
            yield _problem(f"error_pages.{code}", what, code, ", ".join(str(each) for each in sorted(ERROR_CODES)))


def _edge_function(event: str, function: EdgeFunction) -> Iterator[Problem]:
    key, limits = event.replace("-", "_"), EDGE_LIMITS[event]
    if function.memory_mb > limits.memory_mb:
        what = f"Lambda@Edge gives a function less memory at the {event}"
        yield _problem(f"{key}.memory_mb", what, function.memory_mb, f"at most {limits.memory_mb}")
    if function.timeout_seconds > limits.timeout_seconds:
        what = f"Lambda@Edge gives a function less time at the {event}"
        yield _problem(f"{key}.timeout_seconds", what, function.timeout_seconds, f"at most {limits.timeout_seconds}")
    if function.environment:
        yield _problem(
            f"{key}.environment",
            "Lambda@Edge has no environment variables",
            ", ".join(sorted(function.environment)),
            "none; what the code must know is written into its archive, or into headers of the origins",
        )


def _variants(spec: Distribution) -> Iterator[Problem]:
    total = sum(spec.variants.values())
    if total > 100:
        yield _problem("variants", "shares more visitors than there are", f"{total}%", "100% in all")
    if spec.variants and spec.viewer_request is None:
        yield _problem("variants", "needs code that assigns them", "no viewer_request", "[distribution.viewer_request]")


def _twice(key: str, values: Iterable[object], what: str, allowed: str) -> Iterator[Problem]:
    for value, count in Counter(values).items():
        if count > 1:
            yield _problem(key, what, value, allowed)


def _once(values: Iterable[str | int]) -> list[str | int]:
    return list(dict.fromkeys(values))
