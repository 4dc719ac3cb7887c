"""What the cart does: places an order once, shows it, and tells whether this region serves."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from .region import NO_REGION, SilentError, is_elsewhere, is_open
from .settings import Settings
from .store import Order, StoreError

KEY = re.compile(r"[\x21-\x7e]{8,128}")
ORDER = re.compile(r"/orders/(?P<id>ord_[0-9a-f]{32})")
BODY_LIMIT = 64 * 1024


class FencedError(Exception):
    """Another region, or none, takes writes; the message says which."""


class Orders(Protocol):
    """Where orders are kept."""

    def put_new(self, order: Order, check: Callable[[], None]) -> tuple[Order, bool]:
        """Keep an order, checked again where time has passed; return the one that has the id, and if it is new."""

    def get(self, order_id: str) -> Order | None:
        """Find an order."""

    def probe(self) -> None:
        """Ask something harmless."""


class Parameters(Protocol):
    """The parameters of the region."""

    def parameter(self, name: str) -> str:
        """Return one as of now."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer in JSON."""

    status: int
    document: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=dict)


def refused(status: int, code: str, message: str) -> Reply:
    """Say no: a stable code for clients, a sentence for people; 503 may be repeated."""
    retry = {"Retry-After": "1"} if status == 503 else {}
    return Reply(status=status, document={"error": {"code": code, "message": message}}, headers=retry)


@dataclass(frozen=True, kw_only=True)
class Api:
    """The cart of one region."""

    settings: Settings
    orders: Orders
    parameters: Parameters

    def answer(
        self, method: str, path: str, *, headers: Mapping[str, str], query: Mapping[str, str], body: bytes
    ) -> Reply:
        """Answer a request. Header names are in lower case."""
        order = ORDER.fullmatch(path)
        if (method, path) == ("GET", "/health"):
            return self._health(query.get("for", ""))
        if (method, path) == ("POST", "/orders"):
            return self._served(lambda: self._place(headers.get("idempotency-key", ""), body))
        if method == "GET" and order:
            return self._served(lambda: self._show(order["id"]))
        return refused(404, "NOT_FOUND", "There is nothing at this path and method.")

    def _served(self, serve: Callable[[], Reply]) -> Reply:
        """Serve, or say why not; nothing that went wrong inside goes further than its kind."""
        try:
            return serve()
        except FencedError as error:
            return refused(503, "FENCED", f"{self.settings.region} is not open for writes; open is: {error}.")
        except SilentError:
            return refused(503, "REGION_UNAVAILABLE", "The region did not tell who takes writes; try again.")
        except StoreError:
            return refused(503, "STORE_UNAVAILABLE", "The database did not answer; try again.")

    def _place(self, key: str, body: bytes) -> Reply:
        """Place an order: 201 the first time, 200 with the same order when the request is repeated."""
        self._check_open()
        document = _canonical(body)
        if document is None or not KEY.fullmatch(key):
            return refused(400, "INVALID_REQUEST", "An order is a JSON object with lines, sent with Idempotency-Key.")
        # A hash of the key alone: a request that is repeated in another region means the same order.
        order_id = f"ord_{hashlib.sha256(key.encode()).hexdigest()[:32]}"
        asked = Order(id=order_id, document=document, placed_in=self.settings.region)
        found, is_new = self.orders.put_new(asked, self._check_open)
        if found.document != document:
            return refused(422, "IDEMPOTENCY_KEY_REUSED", "This Idempotency-Key was used for another order.")
        return Reply(status=201 if is_new else 200, document=_shown(found))

    def _check_open(self) -> None:
        active = self.parameters.parameter(self.settings.active_region_parameter)
        if not is_open(active, self.settings.region):
            raise FencedError(active)

    def _show(self, order_id: str) -> Reply:
        found = self.orders.get(order_id)
        if found is None:
            return refused(404, "NO_SUCH_ORDER", "There is no such order.")
        return Reply(status=200, document=_shown(found))

    def _health(self, question: str) -> Reply:
        """Tell whether this region can serve; asked for clients, also whether they belong here."""
        stores: dict[str, str] = {}
        active = self._read("active-region", self.settings.active_region_parameter, stores)
        unaware = NO_REGION
        if question != "writes":
            self._probe(stores)
        elif self.settings.unaware_region_parameter:
            unaware = self._read("unaware-region", self.settings.unaware_region_parameter, stores)
        healthy = set(stores.values()) == {"ok"}
        elsewhere = healthy and question == "clients" and is_elsewhere(active, self.settings.region)
        is_writer = is_open(active, self.settings.region)
        document = {
            "status": "elsewhere" if elsewhere else "ok" if healthy else "failing",
            "region": self.settings.region,
            "role": "unknown" if not active else "writer" if is_writer else "standby",
            "deployment": self.settings.deployment,
            "suffix": self.settings.suffix,
            "stores": stores,
        }
        if healthy and is_writer and unaware != NO_REGION:
            # It was replaced without an answer: records lead past it until it has heard of it.
            document["unaware"] = unaware
        return Reply(status=200 if healthy and not elsewhere else 503, document=document)

    def _read(self, name: str, parameter: str, stores: dict[str, str]) -> str:
        """Read a parameter, and note whether it answered. Empty: it did not."""
        try:
            value = self.parameters.parameter(parameter)
        except SilentError:
            stores[name] = "no answer"
            return ""
        stores[name] = "ok"
        return value

    def _probe(self, stores: dict[str, str]) -> None:
        try:
            self.orders.probe()
        except (SilentError, StoreError):
            stores["database"] = "no answer"
        else:
            stores["database"] = "ok"


def _shown(order: Order) -> dict[str, object]:
    return {**json.loads(order.document), "id": order.id, "placed_in": order.placed_in}


def _canonical(body: bytes) -> str | None:
    """Spell an order so that equal ones are equal texts; None when it is none."""
    try:
        document: object = json.loads(body) if len(body) <= BODY_LIMIT else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or not isinstance(document.get("lines"), list) or not document["lines"]:
        return None
    return json.dumps(document, sort_keys=True, separators=(",", ":"))
