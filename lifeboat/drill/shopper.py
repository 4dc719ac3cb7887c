"""Clients of the system: they resolve its name, place orders, read them again, and note every answer."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from lifeboat.drill.record import WRITE, Attempt
from lifeboat.drill.surroundings import Reply, Surroundings, Way

PAUSE_SECONDS = 0.2
CUSTOMER, SKU, CURRENCY, PRICE = "drill", "drill-article", "USD", 100
STOP_SECONDS = 60.0


@dataclass
class Log:
    """What clients tried, in the order in which it ended. Safe to use from any thread."""

    attempts: list[Attempt] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, attempt: Attempt) -> None:
        """Keep one."""
        with self._lock:
            self.attempts.append(attempt)

    def taken(self) -> list[Attempt]:
        """Return all of them, and begin anew."""
        with self._lock:
            taken, self.attempts = self.attempts, []
        return taken

    def acknowledged(self, kind: str) -> dict[str, Attempt]:
        """Return what clients were told is kept, by key."""
        with self._lock:
            return {each.key: each for each in self.attempts if each.kind == kind and each.is_acknowledged}


@dataclass
class Resolver:
    """Keeps an answer for as long as it may be kept, and not a moment longer; what failed is not asked again sooner."""

    surroundings: Surroundings
    name: str
    asked_at: float = 0.0
    """When the answer of now was given, seconds since the epoch."""
    _way: Way | None = None
    _until: float = 0.0

    def way(self) -> Way:
        """Return where to go."""
        now = time.monotonic()
        if self._way is None or now >= self._until:
            self._way, self.asked_at = self.surroundings.resolve(self.name), time.time()
            self._until = now + self._way.ttl_seconds
        return self._way


class Shopper(threading.Thread):
    """One client that never stops trying."""

    def __init__(self, surroundings: Surroundings, host: str, log: Log, *, kind: str) -> None:
        """Prepare.

        Args:
            surroundings: The way to the system.
            host: The name that failover moves.
            log: Where answers are noted.
            kind: `write` places orders, `read` reads the newest that was acknowledged.
        """
        super().__init__(name=f"shopper-{kind}", daemon=True)
        self._surroundings, self._host, self._log, self._kind = surroundings, host, log, kind
        self._resolver = Resolver(surroundings, host)
        self._over = threading.Event()

    def run(self) -> None:
        """Try until told to stop."""
        act: Callable[[], Attempt | None] = self._place if self._kind == WRITE else self._read
        while not self._over.wait(PAUSE_SECONDS):
            attempt = act()
            if attempt:
                self._log.add(attempt)

    def stop(self) -> None:
        """Stop after the attempt that is under way."""
        self._over.set()
        self.join(STOP_SECONDS)

    def _place(self) -> Attempt:
        key = f"drill-{uuid.uuid4().hex}"
        order = {
            "customer": CUSTOMER,
            "currency": CURRENCY,
            "lines": [{"sku": SKU, "quantity": 1, "unit_price": PRICE}],
        }
        return self._attempt("POST", "/orders", {"idempotency-key": key}, json.dumps(order).encode())

    def _read(self) -> Attempt | None:
        known = list(self._log.acknowledged(WRITE))
        return self._attempt("GET", f"/orders/{known[-1]}", {}, b"") if known else None

    def _attempt(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Attempt:
        at = time.time()
        way = self._resolver.way()
        kind = {"content-type": "application/json"} if body else {}
        reply = self._surroundings.call(way, self._host, method, path, headers={**headers, **kind}, body=body)
        found = document(reply)
        return Attempt(
            at=at,
            until=time.time(),
            kind=self._kind,
            region=way.region,
            key=str(found.get("id", "")),
            status=reply.status,
            code=_code(found),
            placed_in=str(found.get("placed_in", "")),
            resolved=self._resolver.asked_at,
        )


def _code(found: dict[str, object]) -> str:
    error = found.get("error")
    return str(error.get("code", "")) if isinstance(error, dict) else ""


def document(reply: Reply) -> dict[str, object]:
    """Read an answer as JSON; empty when it is none."""
    try:
        found = json.loads(reply.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def stock(surroundings: Surroundings, host: str) -> None:
    """Put the article that is ordered into the catalogue, where the system keeps one."""
    body = json.dumps({"title": "Drill", "currency": CURRENCY, "unit_price": PRICE}).encode()
    way = surroundings.resolve(host)
    kind = {"content-type": "application/json"}
    surroundings.call(way, host, "PUT", f"/products/{SKU}", headers=kind, body=body)
