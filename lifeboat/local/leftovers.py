"""What a destroy left behind, by the embedded AWS's own count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lifeboat.bootstrap import Wanted
from lifeboat.local.server import Thing


def leftovers(things: Iterable[Thing], copy: str, *, alone: bool, own: Sequence[Wanted]) -> list[str]:
    """List what should not be there after a copy was destroyed.

    Args:
        things: The census.
        copy: The copy that was destroyed.
        alone: No other copy is deployed: then nothing at all may be left, whatever its name. Otherwise things count
            whose id carries the copy's name.
        own: What bootstrap made, which stays.
    """
    kept = {thing.name for thing in own}
    named = re.compile(rf"(?<![a-z0-9]){re.escape(copy)}(?![a-z0-9])")
    return [
        f"{thing['service']} {thing['kind']} {thing['id']} in {thing['region']}"
        for thing in things
        if not _is_own(thing, kept) and (alone or named.search(thing["id"]))
    ]


def _is_own(thing: Thing, kept: set[str]) -> bool:
    identifier = thing["id"]
    return identifier in kept or identifier.rstrip(".") in kept
