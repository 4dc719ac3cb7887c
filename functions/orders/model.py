"""What an order is. Money is whole minor units (cents) with a currency, never a fraction."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Line:
    """One article of an order; `unit_price` is in minor units of the order's currency."""

    sku: str
    quantity: int
    unit_price: int


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An order as a customer asks for it; `currency` is an ISO 4217 code."""

    customer: str
    currency: str
    lines: tuple[Line, ...]

    @property
    def total(self) -> int:
        """What the lines cost together, in minor units."""
        return sum(line.quantity * line.unit_price for line in self.lines)


@dataclass(frozen=True, kw_only=True)
class Order:
    """An order that was placed.

    Attributes:
        order_id: Derived from the idempotency key (`logic.order_id`).
        draft: What was ordered.
        placed_at: UTC, ISO 8601 with microseconds: its text sorts by time.
        placed_in: The region that accepted it.
        fingerprint: Equal for equal drafts; tells a repeated request from a reused idempotency key.
    """

    order_id: str
    draft: Draft
    placed_at: str
    placed_in: str
    fingerprint: str

    def as_json(self) -> dict[str, object]:
        """Show the order to its customer. The fingerprint is ours and stays here."""
        return {
            "id": self.order_id,
            "customer": self.draft.customer,
            "currency": self.draft.currency,
            "total": self.draft.total,
            "lines": [
                {"sku": line.sku, "quantity": line.quantity, "unit_price": line.unit_price} for line in self.draft.lines
            ],
            "placed_at": self.placed_at,
            "placed_in": self.placed_in,
        }


@dataclass(frozen=True, kw_only=True)
class Article:
    """Something that is sold; `unit_price` is in minor units of the currency."""

    sku: str
    currency: str
    title: str
    unit_price: int

    def as_json(self) -> dict[str, object]:
        """Show the article to whoever asks."""
        return {"sku": self.sku, "currency": self.currency, "title": self.title, "unit_price": self.unit_price}


@dataclass(frozen=True, kw_only=True)
class Position:
    """A place in a customer's list of orders: the last order already shown."""

    order_id: str
    placed_at: str


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some of a customer's orders, newest first; `after` is None on the last page."""

    orders: tuple[Order, ...]
    after: Position | None


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that belongs to an order, with the content type it came with."""

    content: bytes
    content_type: str
