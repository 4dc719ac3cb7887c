"""Headers that a response headers policy adds to every answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from moto.cloudfront.models import CloudFrontBackend

from lifeboat.local.embedded.gaps.cloudfront import items
from lifeboat.local.embedded.viewer.exchange import Answer, Document


def with_policy(backend: CloudFrontBackend, behavior: Document, answer: Answer) -> Answer:
    """Apply the behaviour's policy to an answer; without one it stays as it is."""
    policy = backend.response_headers_policies.get(behavior.get("ResponseHeadersPolicyId") or "")
    if not policy:
        return answer
    headers = dict(answer.headers)
    for name, value, override in _told(policy["ResponseHeadersPolicyConfig"]):
        if override or name not in headers:
            headers[name] = [{"key": name.title(), "value": value}]
    return replace(answer, headers=headers)


def _told(config: Document) -> Iterator[tuple[str, str, bool]]:
    """Yield name, value and whether the origin's own is replaced."""
    security: Document = config.get("SecurityHeadersConfig") or {}
    if part := security.get("StrictTransportSecurity"):
        value = f"max-age={part['AccessControlMaxAgeSec']}"
        value += "; includeSubDomains" if part.get("IncludeSubdomains") else ""
        yield "strict-transport-security", value + ("; preload" if part.get("Preload") else ""), part["Override"]
    if part := security.get("ContentTypeOptions"):
        yield "x-content-type-options", "nosniff", part["Override"]
    if part := security.get("FrameOptions"):
        yield "x-frame-options", part["FrameOption"], part["Override"]
    if part := security.get("ReferrerPolicy"):
        yield "referrer-policy", part["ReferrerPolicy"], part["Override"]
    if part := security.get("ContentSecurityPolicy"):
        yield "content-security-policy", part["ContentSecurityPolicy"], part["Override"]
    for part in items(config, "CustomHeadersConfig"):
        yield part["Header"].lower(), part["Value"], part["Override"]
