"""From the body of a request to a draft, or to the list of everything that is wrong with it."""

from __future__ import annotations

import json
import re

from .model import Article, Draft, Line
from .refusals import Fault, Refusal, invalid

BODY_LIMIT = 64 * 1024
"""Most bytes of an order's JSON: room for the most lines allowed, far below what the entries accept."""

MOST_LINES = 100
MOST_QUANTITY = 1_000
MOST_TITLE = 200
MOST_UNIT_PRICE = 1_000_000_000
"""In minor units. The largest total, 10**14, is exact in every JSON reader (below 2**53)."""

IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""Customers and articles: needs no escaping in a path, a query, a key or a log."""

_IDENTIFIER_RULE = "1 to 64 letters, digits, dots, hyphens or underscores, the first a letter or digit"

_CODES = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD
    HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL
    LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP
    PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT
    TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES = frozenset(_CODES.split())
"""The national currencies in use, as ISO 4217 names them."""


def parse_draft(body: bytes) -> Draft:
    """Read an order from the body of a request.

    Raises:
        Refusal: 413 when the body is over `BODY_LIMIT` bytes; 400 with every fault at once otherwise.
    """
    if len(body) > BODY_LIMIT:
        raise Refusal(413, "BODY_TOO_LARGE", f"The body of an order has at most {BODY_LIMIT} bytes.")
    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError):  # also text that is not UTF-8, and numbers of thousands of digits
        raise invalid([Fault(at="body", problem="is not JSON")]) from None
    reader = _Reader()
    draft = reader.draft(document)
    if reader.faults:
        raise invalid(reader.faults)
    return draft


def parse_article(sku: str, body: bytes) -> Article:
    """Read an article from the body of a request.

    Raises:
        Refusal: 413 when the body is over `BODY_LIMIT` bytes; 400 with every fault at once otherwise.
    """
    if len(body) > BODY_LIMIT:
        raise Refusal(413, "BODY_TOO_LARGE", f"The body of an article has at most {BODY_LIMIT} bytes.")
    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError):
        raise invalid([Fault(at="body", problem="is not JSON")]) from None
    reader = _Reader()
    article = reader.article(sku, document)
    if reader.faults:
        raise invalid(reader.faults)
    return article


class _Reader:
    """Reads a document and collects faults. What it returns is of use only when there are none."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def draft(self, document: object) -> Draft:
        fields = self._fields(document, at="", names=("customer", "currency", "lines"))
        customer = self._identifier(fields, "customer", at="customer")
        return Draft(customer=customer, currency=self._currency(fields), lines=self._lines(fields))

    def article(self, sku: str, document: object) -> Article:
        fields = self._fields(document, at="", names=("currency", "title", "unit_price"))
        if not IDENTIFIER.fullmatch(sku):
            self._fault("sku", f"must be {_IDENTIFIER_RULE}")
        title = fields.get("title")
        if "title" in fields and not (isinstance(title, str) and 1 <= len(title) <= MOST_TITLE and title.isprintable()):
            self._fault("title", f"must be 1 to {MOST_TITLE} printable characters")
        price = self._integer(fields, "unit_price", at="unit_price", low=0, high=MOST_UNIT_PRICE)
        return Article(sku=sku, currency=self._currency(fields), title=str(title), unit_price=price)

    def _currency(self, fields: dict[str, object]) -> str:
        currency = fields.get("currency")
        if "currency" in fields and not (isinstance(currency, str) and currency in CURRENCIES):
            self._fault("currency", "must be an ISO 4217 code, such as EUR")
        return str(currency)

    def _lines(self, fields: dict[str, object]) -> tuple[Line, ...]:
        lines = fields.get("lines", [{}])
        if not isinstance(lines, list) or not 1 <= len(lines) <= MOST_LINES:
            self._fault("lines", f"must be a list of 1 to {MOST_LINES} lines")
            return ()
        if "lines" not in fields:
            return ()
        return tuple(self._line(line, at=f"lines[{index}]") for index, line in enumerate(lines))

    def _line(self, document: object, *, at: str) -> Line:
        fields = self._fields(document, at=at, names=("sku", "quantity", "unit_price"))
        return Line(
            sku=self._identifier(fields, "sku", at=f"{at}.sku"),
            quantity=self._integer(fields, "quantity", at=f"{at}.quantity", low=1, high=MOST_QUANTITY),
            unit_price=self._integer(fields, "unit_price", at=f"{at}.unit_price", low=0, high=MOST_UNIT_PRICE),
        )

    def _fields(self, document: object, *, at: str, names: tuple[str, ...]) -> dict[str, object]:
        """Take an object's fields; a name that is missing, and one that nobody knows, are faults."""
        if not isinstance(document, dict):
            self._fault(at or "body", "must be an object")
            return {}
        prefix = f"{at}." if at else ""
        for name in names:
            if name not in document:
                self._fault(f"{prefix}{name}", "is missing")
        for name in document:
            if name not in names:
                self._fault(f"{prefix}{name}", f"is not known; known are {', '.join(names)}")
        return document

    def _identifier(self, fields: dict[str, object], name: str, *, at: str) -> str:
        value = fields.get(name)
        if isinstance(value, str) and IDENTIFIER.fullmatch(value):
            return value
        if name in fields:
            self._fault(at, f"must be {_IDENTIFIER_RULE}")
        return ""

    def _integer(self, fields: dict[str, object], name: str, *, at: str, low: int, high: int) -> int:
        value = fields.get(name)
        # JSON's true is a Python int; 1.0 is not one.
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        if name in fields:
            self._fault(at, f"must be a whole number from {low} to {high}")
        return 0

    def _fault(self, at: str, problem: str) -> None:
        self.faults.append(Fault(at=at, problem=problem))
