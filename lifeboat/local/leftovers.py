"""What a destroy left behind, by the embedded AWS's own count."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from lifeboat.local.server import Thing


def leftovers(things: Iterable[Thing], copy: str, *, alone: bool, own: Collection[str]) -> list[str]:
    """List what should not be there after a copy was destroyed.

    Args:
        things: The census.
        copy: The copy that was destroyed.
        alone: No other copy is deployed: then nothing at all may be left, whatever its name. Otherwise things count
            whose id carries the copy's name.
        own: Ids of what bootstrap made, which stays.
    """
    named = re.compile(rf"(?<![a-z0-9]){re.escape(copy)}(?![a-z0-9])")
    return [
        f"{thing['service']} {thing['kind']} {thing['id']} in {thing['region']}"
        for thing in things
        if thing["id"] not in own and (alone or named.search(thing["id"]))
    ]
