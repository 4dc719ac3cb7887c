"""The parts of a regional stack that only some systems have: their bindings are loaded where they are needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs import Construct

from constructs_lib.foundation import Foundation
from deployments.stores import Cache as CacheSpec

if TYPE_CHECKING:
    from constructs_lib.cache import Cache


def cache(stack: Construct, base: Foundation, spec: CacheSpec | None) -> Cache | None:
    """Make the cache of a region that is to have one."""
    if spec is None:
        return None
    from constructs_lib.cache import Cache  # noqa: PLC0415 its bindings take time to load, and most need none

    return Cache(stack, "cache", base=base, spec=spec)


def cache_parameters(cache: Cache | None) -> dict[str, str]:
    """Tell the application where the cache is, and who it is there."""
    if cache is None:
        return {}
    values = {"cache/endpoint": cache.endpoint, "cache/name": cache.name, "cache/user": cache.user_name}
    return values | ({"cache/reader-endpoint": cache.reader_endpoint} if cache.reader_endpoint else {})


def cache_facts(cache: Cache | None) -> dict[str, Any]:
    """Return the outputs from which tests and the command find the cache. None of them is ever empty."""
    if cache is None:
        return {}
    facts = {
        "cache_replication_group_id": cache.resource.replication_group_id,
        "cache_endpoint": cache.endpoint,
        "cache_security_group_id": cache.security_group.id,
        "cache_user_id": cache.user_name,
    }
    return facts | ({"cache_reader_endpoint": cache.reader_endpoint} if cache.reader_endpoint else {})
