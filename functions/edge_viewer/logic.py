"""The decisions before the cache, without CloudFront: the same request gives the same answer everywhere."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .paths import canonical

AS_IT_IS = "/.well-known/"
"""Below it lie files without an extension that others define (RFC 8615)."""
VARIANT_HEADER = "x-variant"
"""Says which variant to see, for those who test one; `none` is the content itself."""
VISITOR_COOKIE = "visitor"
"""Whatever tells visitors apart. Who has it keeps the variant on every network and in every browser version."""
REDIRECT_SECONDS = 3600
HUNDREDTHS = 100

Cf = dict[str, Any]
"""A request or response as CloudFront writes it."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What synth wrote into the archive.

    Attributes:
        default_page: Page of a folder.
        variants: Share of visitors by variant, in percent; what is left sees the content itself.
    """

    default_page: str
    variants: Mapping[str, int]

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Settings:
        """Read the settings; a missing one fails the first request of a deploy and not some later one."""
        return cls(default_page=document["default_page"], variants=dict(document["variants"]))


def answer(request: Cf, settings: Settings) -> Cf:
    """Return the request in its one spelling and for the visitor's variant; or send the visitor to a folder's slash.

    Only `uri` changes. Headers stay as they are: some are read-only here, and one that is not allowed costs a 502.
    """
    path = canonical(request["uri"])
    if _is_folder_without_slash(path):
        return _moved(f"{path}/", request.get("querystring", ""))
    page = f"{path}{settings.default_page}" if path.endswith("/") else path
    chosen = variant(request, settings.variants)
    return request | {"uri": f"/_{chosen}{page}" if chosen else page}


def variant(request: Cf, variants: Mapping[str, int]) -> str:
    """Choose the variant of a visitor, the same one every time; empty: the content itself.

    Where a header names a known variant, it decides. Else the visitor is told apart by the cookie; without one by
    address and browser, which is stable as long as they are.
    """
    headers = request.get("headers", {})
    asked = _first(headers, VARIANT_HEADER)
    if asked in variants:
        return asked
    if asked == "none":
        return ""
    cookie = _cookie(headers, VISITOR_COOKIE)
    visitor = f"cookie {cookie}" if cookie else f"{request.get('clientIp', '')} {_first(headers, 'user-agent')}"
    place = int.from_bytes(hashlib.sha256(visitor.encode()).digest()[:8], "big") % (100 * HUNDREDTHS)
    upper = 0
    for name in sorted(variants):
        upper += variants[name] * HUNDREDTHS
        if place < upper:
            return name
    return ""


def _is_folder_without_slash(path: str) -> bool:
    last = path.rpartition("/")[2]
    return bool(last) and "." not in last and not path.startswith(AS_IT_IS)


def _moved(location: str, query: str) -> Cf:
    where = f"{location}?{query}" if query else location
    return {
        "status": "301",
        "statusDescription": "Moved Permanently",
        "headers": {
            "location": [{"key": "Location", "value": where}],
            "cache-control": [{"key": "Cache-Control", "value": f"max-age={REDIRECT_SECONDS}"}],
        },
    }


def _first(headers: Mapping[str, Any], name: str) -> str:
    values = headers.get(name) or [{}]
    return str(values[0].get("value", ""))


def _cookie(headers: Mapping[str, Any], name: str) -> str:
    for header in headers.get("cookie", []):
        for pair in str(header.get("value", "")).split(";"):
            key, _, value = pair.strip().partition("=")
            if key == name and re.fullmatch(r"[\x21-\x7e]{1,256}", value):
                return value
    return ""
