"""Descriptions of delivery that are wrong in one way each: changes of the real file, and what is told about them."""

from __future__ import annotations

from deployments.stages import TomlTable

CASES: dict[str, tuple[TomlTable, str, str, str, str]] = {
    "a name outside the zone": (
        {"aliases": ["www.example.org"]},
        "distribution.aliases.0",
        "lies outside the zone, so that no certificate for it can be proved",
        "www.example.org",
        "a name that ends with .example.com",
    ),
    "a name that only looks like one inside the zone": (
        {"aliases": ["evilexample.com"]},
        "distribution.aliases.0",
        "lies outside the zone",
        "evilexample.com",
        "example.com",
    ),
    "a name that is no host name": (
        {"aliases": ["a b.example.com"]},
        "distribution.aliases.0",
        "is no host name",
        "a b.example.com",
        "letters, digits and hyphens",
    ),
    "the same name twice": (
        {"aliases": ["a.example.com", "a.example.com"]},
        "distribution.aliases",
        "the same name twice",
        "a.example.com",
        "each name once",
    ),
    "an error code that CloudFront cannot fail over on": (
        {"failover_codes": [418, 500]},
        "distribution.failover_codes",
        "CloudFront cannot fail over on this answer",
        "418",
        "400, 403, 404, 416, 429, 500, 502, 503, 504",
    ),
    "an error without a page": (
        {"error_pages": {"402": "/x.html"}},
        "distribution.error_pages.402",
        "CloudFront has no error page for this status",
        "402",
        "400, 403, 404, 405, 414",
    ),
    "an error page that is no path": (
        {"error_pages": {"404": "x.html"}},
        "distribution.error_pages.404",
        "is not of the right form",
        "'x.html'",
        "",
    ),
    "the same bucket twice": (
        {"buckets": ["content", "content"], "path_function": "edge_path"},
        "distribution.buckets",
        "the same bucket twice",
        "content",
        "each bucket once",
    ),
    "a bucket that is not described": (
        {"buckets": ["contents", "assets"]},
        "distribution.buckets",
        "names something that this file does not describe",
        "contents",
        "assets, content",
    ),
    "an edge function with environment variables": (
        {"viewer_request": {"environment": {"B": "1", "A": "2"}}},
        "distribution.viewer_request.environment",
        "Lambda@Edge has no environment variables",
        "A, B",
        "none",
    ),
    "an edge function with more time than its event has": (
        {"viewer_request": {"timeout_seconds": 6}},
        "distribution.viewer_request.timeout_seconds",
        "Lambda@Edge gives a function less time at the viewer-request",
        "6",
        "at most 5",
    ),
    "an edge function with more memory than its event has": (
        {"viewer_request": {"memory_mb": 256}},
        "distribution.viewer_request.memory_mb",
        "Lambda@Edge gives a function less memory at the viewer-request",
        "256",
        "at most 128",
    ),
    "an edge function before the origin with more time than there is": (
        {"origin_request": {"timeout_seconds": 31}},
        "distribution.origin_request.timeout_seconds",
        "Lambda@Edge gives a function less time at the origin-request",
        "31",
        "at most 30",
    ),
    "more visitors than there are": (
        {"variants": {"b": 60, "c": 60}},
        "distribution.variants",
        "shares more visitors than there are",
        "120%",
        "100% in all",
    ),
    "an unknown key": (
        {"bucket": "content"},
        "distribution.bucket",
        "unknown key",
        "",
        "did you mean buckets?",
    ),
}
"""Changes of `[distribution]`, then what is told: key, what, found and allowed."""
