"""What the shop sells, and for how much: in Aurora, read in every region, written where the writer is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from .database import NO_SUCH_TABLE, Rows, UnavailableError
from .model import Article

SCHEMA = """
CREATE TABLE IF NOT EXISTS articles (
    sku text NOT NULL,
    currency char(3) NOT NULL,
    title text NOT NULL,
    unit_price integer NOT NULL CHECK (unit_price >= 0),
    PRIMARY KEY (sku, currency)
)
"""
"""Made by whoever writes first. A standby never makes it: it arrives there as everything else does."""

PUT = """
INSERT INTO articles (sku, currency, title, unit_price) VALUES (:sku, :currency, :title, :unit_price)
ON CONFLICT (sku, currency) DO UPDATE SET title = excluded.title, unit_price = excluded.unit_price
"""
LIST = """
SELECT sku, currency, title, unit_price FROM articles
WHERE (sku, currency) > (:sku, :currency) ORDER BY sku, currency LIMIT :limit
"""
PRICES = "SELECT sku, unit_price FROM articles WHERE currency = :currency AND sku = ANY(CAST(:skus AS text[]))"

SCHEMA_EXISTS = "23505"
"""What `CREATE TABLE IF NOT EXISTS` says when two create it at the same moment."""


class Store(Protocol):
    """Where statements are run."""

    def read(self, statement: str, **values: object) -> Rows:
        """Run one that changes nothing."""

    def write(self, statement: str, **values: object) -> Rows:
        """Run one that changes something, and may be repeated."""


class Catalogue:
    """The articles. Before the first one was put there are none: that is no error."""

    name = "catalogue"

    def __init__(self, store: Store) -> None:
        self._store = store

    def prices(self, skus: Iterable[str], *, currency: str) -> Mapping[str, int]:
        """Look up unit prices in minor units of the currency; an article that is not sold is left out."""
        rows = self._read(PRICES, skus=sorted(set(skus)), currency=currency)
        return {str(sku): int(str(price)) for sku, price in rows}

    def articles(self, *, after: Article | None, limit: int) -> Sequence[Article]:
        """List articles in the order of their names and currencies, those after a given one."""
        sku, currency = (after.sku, after.currency) if after else ("", "")
        rows = self._read(LIST, sku=sku, currency=currency, limit=limit)
        return [
            Article(sku=str(sku), currency=str(currency), title=str(title), unit_price=int(str(price)))
            for sku, currency, title, price in rows
        ]

    def put(self, article: Article) -> None:
        """Sell an article from now on at a price; repeating it changes nothing."""
        values = vars(article)
        try:
            self._store.write(PUT, **values)
        except UnavailableError as error:
            if str(error) != NO_SUCH_TABLE:
                raise
            self._make_table()
            self._store.write(PUT, **values)

    def probe(self) -> None:
        """Ask this region's member something harmless; raises when it does not answer."""
        self._store.read("SELECT 1")

    def _make_table(self) -> None:
        try:
            self._store.write(SCHEMA)
        except UnavailableError as error:
            if str(error) != SCHEMA_EXISTS:
                raise

    def _read(self, statement: str, **values: object) -> Rows:
        try:
            return self._store.read(statement, **values)
        except UnavailableError as error:
            if str(error) != NO_SUCH_TABLE:
                raise
            return []
