"""The decisions of the order API, without AWS: the same input gives the same answer."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime

from .model import Article, Draft, Order, Position
from .refusals import Fault, Refusal, invalid
from .validation import CURRENCIES, IDENTIFIER

ATTACHMENT_LIMIT = 700 * 1024
"""Most bytes of an attachment: a load balancer gives a function at most 1 MB of JSON in each direction, and
base64 makes a third more of it (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html)."""

DEFAULT_LIMIT = 20
MOST_PER_PAGE = 100

EVERY_REGION = "all"
"""Value of the active-region parameter in an active-active system: every region is open for writes."""

NO_REGION = "none"
"""Value of the active-region parameter while a failover runs: no region is open for writes."""

FENCED_RETRY_SECONDS = 5
"""Longer than the active region is cached, so that a repeated write meets the value of now."""

_KEY = re.compile(r"[\x21-\x7e]{8,128}")
_ORDER_ID = re.compile(r"ord_[0-9a-f]{32}")
_PLACED_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_CONTENT_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+(; ?[A-Za-z0-9-]+=[A-Za-z0-9._-]+)*")


def order_id(key: str | None) -> str:
    """Derive an order's id from its idempotency key.

    The id is a hash of the key and of nothing else: no clock, no randomness, no region. A client that repeats a
    request writes to the same item, so a conditional write can refuse the second one; and when the repetition
    reaches another region before replication has caught up, both regions hold that item under the same id, and
    the global table's last-writer-wins makes one order of the two instead of billing twice.

    Raises:
        Refusal: 400 when the key is absent, or is not 8 to 128 visible ASCII characters.
    """
    if key is None:
        raise invalid([Fault(at="Idempotency-Key", problem="is missing")])
    if not _KEY.fullmatch(key):
        raise invalid([Fault(at="Idempotency-Key", problem="must be 8 to 128 visible ASCII characters")])
    return f"ord_{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def place(draft: Draft, *, order_id: str, region: str, now: datetime) -> Order:
    """Make the order that a first request asks for; `now` is aware of its time zone."""
    return Order(
        order_id=order_id,
        draft=draft,
        placed_at=now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        placed_in=region,
        fingerprint=fingerprint(draft),
    )


def fingerprint(draft: Draft) -> str:
    """Tell drafts apart by what they order, not by how their JSON was spelled."""
    return hashlib.sha256(json.dumps(asdict(draft), sort_keys=True).encode()).hexdigest()


def check_prices(draft: Draft, prices: Mapping[str, int]) -> None:
    """Let a draft pass that asks for articles that are sold, at their prices.

    Raises:
        Refusal: 422 with every line that does not.
    """
    faults = []
    for number, line in enumerate(draft.lines):
        price = prices.get(line.sku)
        if price is None:
            faults.append(Fault(at=f"lines[{number}].sku", problem=f"is not sold in {draft.currency}"))
        elif price != line.unit_price:
            faults.append(Fault(at=f"lines[{number}].unit_price", problem=f"is {price} by now"))
    if faults:
        raise Refusal(422, "NOT_AS_SOLD", "The order does not agree with the catalogue.", faults=faults)


def reconcile(asked: Order, found: Order) -> Order:
    """Answer a request whose idempotency key was used before: with the order that was placed then.

    Raises:
        Refusal: 422 when the key was used for something else.
    """
    if asked.fingerprint != found.fingerprint:
        raise Refusal(
            422,
            "IDEMPOTENCY_KEY_REUSED",
            "This Idempotency-Key was used for another order; send a new key, or the same order.",
        )
    return found


def is_open(active: str | None, region: str) -> bool:
    """Tell whether a region accepts writes; `active` is None in a system that nothing fences."""
    return active in {None, EVERY_REGION, region}


def is_elsewhere(active: str, region: str) -> bool:
    """Tell whether clients belong to another region: not while nobody is open, since all can be read from."""
    return active not in {EVERY_REGION, NO_REGION, region}


def check_open(active: str | None, region: str) -> None:
    """Let a write pass only in the region that is open for writes.

    Raises:
        Refusal: 503 `FENCED` that says which region is open.
    """
    if is_open(active, region):
        return
    place_to_go = "No region is open" if active == NO_REGION else f"{active} is open"
    raise Refusal(
        503,
        "FENCED",
        f"{region} is not open for writes. {place_to_go}.",
        retry_after=FENCED_RETRY_SECONDS,
    )


def check_order_id(value: str) -> str:
    """Let an id pass that could be an order's.

    Raises:
        Refusal: 404 otherwise: there is no such order, and no store has to be asked.
    """
    if not _ORDER_ID.fullmatch(value):
        raise no_such_order()
    return value


def no_such_order() -> Refusal:
    """Refuse what concerns an order that does not exist."""
    return Refusal(404, "NO_SUCH_ORDER", "There is no such order.")


def listing(query: Mapping[str, str]) -> tuple[str, int, Position | None]:
    """Read what a listing asks for: the customer, how many orders at most, and where to go on.

    Raises:
        Refusal: 400 with every fault at once.
    """
    faults = []
    customer = query.get("customer", "")
    if not IDENTIFIER.fullmatch(customer):
        faults.append(Fault(at="customer", problem="must name a customer"))
    limit = query.get("limit", str(DEFAULT_LIMIT))
    if not re.fullmatch(r"[1-9][0-9]{0,2}", limit) or int(limit) > MOST_PER_PAGE:
        faults.append(Fault(at="limit", problem=f"must be a whole number from 1 to {MOST_PER_PAGE}"))
    position = read_position(query["next"]) if "next" in query else None
    if "next" in query and position is None:
        faults.append(Fault(at="next", problem="must be the next of an earlier answer"))
    if faults:
        raise invalid(faults)
    return customer, int(limit), position


def products_listing(query: Mapping[str, str]) -> tuple[int, Article | None]:
    """Read what a listing of articles asks for: how many at most, and after which one.

    Raises:
        Refusal: 400 with every fault at once.
    """
    faults = []
    limit = query.get("limit", str(DEFAULT_LIMIT))
    if not re.fullmatch(r"[1-9][0-9]{0,2}", limit) or int(limit) > MOST_PER_PAGE:
        faults.append(Fault(at="limit", problem=f"must be a whole number from 1 to {MOST_PER_PAGE}"))
    sku, _, currency = query.get("after", "").partition(":")
    if "after" in query and not (IDENTIFIER.fullmatch(sku) and currency in CURRENCIES):
        faults.append(Fault(at="after", problem="must be an article and a currency, such as tea:EUR"))
    if faults:
        raise invalid(faults)
    return int(limit), Article(sku=sku, currency=currency, title="", unit_price=0) if sku else None


def write_position(position: Position) -> str:
    """Spell a position so that it travels in a query: the client has no use for its inside."""
    return base64.urlsafe_b64encode(f"{position.order_id} {position.placed_at}".encode()).decode().rstrip("=")


def read_position(text: str) -> Position | None:
    """Read a position back; None when it is none of ours."""
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    identifier, _, placed_at = decoded.partition(" ")
    if not (_ORDER_ID.fullmatch(identifier) and _PLACED_AT.fullmatch(placed_at)):
        return None
    return Position(order_id=identifier, placed_at=placed_at)


def check_attachment_name(name: str) -> str:
    """Let a name pass that is one plain file name: no path, no escape, no hidden file.

    Raises:
        Refusal: 400 otherwise.
    """
    if not _NAME.fullmatch(name):
        rule = "must be 1 to 100 letters, digits, dots, hyphens or underscores, the first a letter or digit"
        raise invalid([Fault(at="name", problem=rule)])
    return name


def check_attachment(content: bytes, content_type: str | None) -> str:
    """Let an attachment pass that can be kept and given back; return its content type.

    An absent content type becomes `application/octet-stream`.

    Raises:
        Refusal: 413 when it is over `ATTACHMENT_LIMIT` bytes, 400 when it is empty or its content type is none.
    """
    if len(content) > ATTACHMENT_LIMIT:
        raise Refusal(413, "ATTACHMENT_TOO_LARGE", f"An attachment has at most {ATTACHMENT_LIMIT} bytes.")
    faults = []
    if not content:
        faults.append(Fault(at="body", problem="is empty"))
    kept = content_type or "application/octet-stream"
    if len(kept) > 100 or not _CONTENT_TYPE.fullmatch(kept):
        faults.append(Fault(at="Content-Type", problem="must be a media type, such as image/png"))
    if faults:
        raise invalid(faults)
    return kept
