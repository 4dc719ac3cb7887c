"""Where prices will come from: the relational store (Aurora). Nothing implements this yet, and nothing uses it.

Its place is between reading a draft (`validation.parse_draft`) and placing it (`logic.place`): `api.Api.place` will
ask for the prices of the draft's articles and refuse a draft whose prices are not those. Until then the prices of
an order are the ones its customer sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class Catalogue(Protocol):
    """What the shop sells, and for how much."""

    def prices(self, skus: Sequence[str], *, currency: str) -> Mapping[str, int]:
        """Look up unit prices in minor units of the currency; an article that is not sold is left out."""
