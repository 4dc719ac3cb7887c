"""Decisions of the order API, without AWS."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.orders import logic
from functions.orders.model import Draft, Line, Position
from functions.orders.refusals import Refusal
from functions.orders.validation import BODY_LIMIT, CURRENCIES, parse_draft

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DRAFT = Draft(customer="c-1", currency="EUR", lines=(Line(sku="tea", quantity=2, unit_price=450),))

identifiers = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True)
lines = st.builds(
    Line,
    sku=identifiers,
    quantity=st.integers(min_value=1, max_value=1_000),
    unit_price=st.integers(min_value=0, max_value=1_000_000_000),
)
drafts = st.builds(
    Draft,
    customer=identifiers,
    currency=st.sampled_from(sorted(CURRENCIES)),
    lines=st.lists(lines, min_size=1, max_size=100).map(tuple),
)
keys = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=8, max_size=128)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def as_body(draft: Draft) -> bytes:
    fields = {"customer": draft.customer, "currency": draft.currency, "lines": [vars(line) for line in draft.lines]}
    return json.dumps(fields).encode()


def faults_of(body: bytes) -> list[tuple[str, str]]:
    with pytest.raises(Refusal) as caught:
        parse_draft(body)
    assert (caught.value.status, caught.value.code) == (400, "INVALID_REQUEST")
    return [(fault.at, fault.problem) for fault in caught.value.faults]


@given(draft=drafts)
def test_every_valid_draft_is_read_as_it_was_meant(draft: Draft) -> None:
    if len(as_body(draft)) <= BODY_LIMIT:
        assert parse_draft(as_body(draft)) == draft


@given(document=json_values)
def test_every_other_json_is_refused_with_reasons(document: object) -> None:
    assert faults_of(json.dumps(document).encode())


@given(body=st.binary(max_size=200))
def test_no_bytes_are_more_than_refused(body: bytes) -> None:
    assert faults_of(body)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 60_000, b"9" * 5_000])
def test_what_is_no_json_is_called_so(body: bytes) -> None:
    assert faults_of(body) == [("body", "is not JSON")]


def test_a_body_over_the_limit_is_not_read() -> None:
    with pytest.raises(Refusal) as caught:
        parse_draft(b" " * (BODY_LIMIT + 1))
    assert (caught.value.status, caught.value.code) == (413, "BODY_TOO_LARGE")


def test_all_faults_are_reported_at_once() -> None:
    body = {
        "customer": "no spaces please",
        "currency": "EURO",
        "lines": [{"sku": "", "quantity": True, "unit_price": 1.5}, 7, {"sku": "a", "quantity": 0, "vat": 1}],
        "coupon": "x",
    }
    name = "must be 1 to 64 letters, digits, dots, hyphens or underscores, the first a letter or digit"
    quantity = "must be a whole number from 1 to 1000"
    assert faults_of(json.dumps(body).encode()) == [
        ("coupon", "is not known; known are customer, currency, lines"),
        ("customer", name),
        ("currency", "must be an ISO 4217 code, such as EUR"),
        ("lines[0].sku", name),
        ("lines[0].quantity", quantity),
        ("lines[0].unit_price", "must be a whole number from 0 to 1000000000"),
        ("lines[1]", "must be an object"),
        ("lines[2].unit_price", "is missing"),
        ("lines[2].vat", "is not known; known are sku, quantity, unit_price"),
        ("lines[2].quantity", quantity),
    ]


@pytest.mark.parametrize("lines", [[], "tea", [{"sku": "a", "quantity": 1, "unit_price": 1}] * 101])
def test_an_order_has_one_to_a_hundred_lines(lines: object) -> None:
    body = json.dumps({"customer": "c", "currency": "EUR", "lines": lines}).encode()
    assert faults_of(body) == [("lines", "must be a list of 1 to 100 lines")]


def test_what_is_missing_is_named_once() -> None:
    assert faults_of(b"{}") == [(name, "is missing") for name in ("customer", "currency", "lines")]


@given(draft=drafts)
def test_a_total_is_the_exact_sum_in_minor_units(draft: Draft) -> None:
    order = logic.place(draft, order_id="ord_x", region="eu-west-1", now=NOON)
    assert order.as_json()["total"] == sum(line.quantity * line.unit_price for line in draft.lines)
    assert draft.total < 2**53


@given(key=keys)
def test_a_key_gives_the_same_id_in_every_region_at_every_time(key: str) -> None:
    first = logic.order_id(key)
    assert logic.order_id(key) == first
    assert logic.check_order_id(first) == first


@given(one=keys, other=keys)
def test_two_keys_give_two_ids(one: str, other: str) -> None:
    assert (logic.order_id(one) == logic.order_id(other)) is (one == other)


def test_an_id_stays_what_it_was_for_the_clients_that_hold_it() -> None:
    assert logic.order_id("checkout-0001") == "ord_144252e947c7a75bfdd326101d525747"


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        (None, "is missing"),
        ("", "must be 8 to 128 visible ASCII characters"),
        ("seven77", "must be 8 to 128 visible ASCII characters"),
        ("x" * 129, "must be 8 to 128 visible ASCII characters"),
        ("with space", "must be 8 to 128 visible ASCII characters"),
        ("newline-\n", "must be 8 to 128 visible ASCII characters"),
    ],
)
def test_a_write_needs_an_idempotency_key(key: str | None, problem: str) -> None:
    with pytest.raises(Refusal) as caught:
        logic.order_id(key)
    assert caught.value.status == 400
    assert [(fault.at, fault.problem) for fault in caught.value.faults] == [("Idempotency-Key", problem)]


@given(draft=drafts, key=keys, minutes=st.integers(min_value=0, max_value=10_000))
def test_a_repeated_request_gets_the_first_order(draft: Draft, key: str, minutes: int) -> None:
    identifier = logic.order_id(key)
    first = logic.place(draft, order_id=identifier, region="eu-west-1", now=NOON)
    again = logic.place(draft, order_id=identifier, region="us-east-1", now=NOON + timedelta(minutes=minutes))
    assert logic.reconcile(again, first) is first


@given(one=drafts, other=drafts)
def test_a_key_reused_for_another_order_is_refused(one: Draft, other: Draft) -> None:
    first, second = (logic.place(draft, order_id="ord_x", region="eu-west-1", now=NOON) for draft in (one, other))
    if one == other:
        assert logic.reconcile(second, first) is first
        return
    with pytest.raises(Refusal) as caught:
        logic.reconcile(second, first)
    assert (caught.value.status, caught.value.code) == (422, "IDEMPOTENCY_KEY_REUSED")


def test_the_time_of_an_order_is_utc_whatever_the_clock_says() -> None:
    tokyo = NOON.astimezone(timezone(timedelta(hours=9)))
    order = logic.place(DRAFT, order_id="ord_x", region="eu-west-1", now=tokyo)
    assert order.placed_at == "2026-11-20T12:00:00.000000Z"


@pytest.mark.parametrize(
    ("active", "is_open"),
    [(None, True), ("all", True), ("eu-west-1", True), ("us-east-1", False), ("none", False), ("", False)],
)
def test_only_the_open_region_accepts_writes(active: str | None, is_open: bool) -> None:
    assert logic.is_open(active, "eu-west-1") is is_open


@pytest.mark.parametrize(
    ("active", "message"),
    [
        ("us-east-1", "eu-west-1 is not open for writes. us-east-1 is open."),
        ("none", "eu-west-1 is not open for writes. No region is open."),
    ],
)
def test_a_fenced_region_says_which_one_is_open_and_when_to_come_back(active: str, message: str) -> None:
    with pytest.raises(Refusal) as caught:
        logic.check_open(active, "eu-west-1")
    refusal = caught.value
    assert (refusal.status, refusal.code, refusal.message, refusal.retry_after) == (503, "FENCED", message, 5)


@pytest.mark.parametrize("value", ["ord_1", "", "ord_" + "g" * 32, "../orders", "ord_" + "a" * 32 + "\n"])
def test_what_is_no_id_is_no_order(value: str) -> None:
    with pytest.raises(Refusal) as caught:
        logic.check_order_id(value)
    assert (caught.value.status, caught.value.code) == (404, "NO_SUCH_ORDER")


def test_a_listing_has_a_limit_of_twenty_unless_asked_otherwise() -> None:
    assert logic.listing({"customer": "c-1"}) == ("c-1", 20, None)
    assert logic.listing({"customer": "c-1", "limit": "100"}) == ("c-1", 100, None)


@pytest.mark.parametrize("limit", ["0", "101", "-1", "1.5", "ten", "", "٣"])
def test_a_limit_is_one_to_a_hundred(limit: str) -> None:
    with pytest.raises(Refusal) as caught:
        logic.listing({"customer": "c-1", "limit": limit})
    assert [fault.at for fault in caught.value.faults] == ["limit"]


def test_all_faults_of_a_listing_are_reported_at_once() -> None:
    with pytest.raises(Refusal) as caught:
        logic.listing({"limit": "x", "next": "y"})
    assert [fault.at for fault in caught.value.faults] == ["customer", "limit", "next"]


@given(key=keys, moment=st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_a_position_comes_back_as_it_left(key: str, moment: datetime) -> None:
    order = logic.place(DRAFT, order_id=logic.order_id(key), region="r", now=moment.replace(tzinfo=UTC))
    position = Position(order_id=order.order_id, placed_at=order.placed_at)
    text = logic.write_position(position)
    assert text.isascii()
    assert not set("+/=&? ") & set(text)
    assert logic.read_position(text) == position


@given(text=st.text(max_size=60))
def test_a_made_up_position_is_none(text: str) -> None:
    assert logic.read_position(text) is None


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "..", "a%2Fb", "x" * 101, "a b", "a\n", "é"])
def test_a_name_that_is_more_than_a_plain_file_name_is_refused(name: str) -> None:
    with pytest.raises(Refusal) as caught:
        logic.check_attachment_name(name)
    assert [fault.at for fault in caught.value.faults] == ["name"]


def test_an_attachment_keeps_its_content_type() -> None:
    assert logic.check_attachment_name("invoice_1.pdf") == "invoice_1.pdf"
    assert logic.check_attachment(b"x", "text/plain; charset=utf-8") == "text/plain; charset=utf-8"
    assert logic.check_attachment(b"x" * logic.ATTACHMENT_LIMIT, None) == "application/octet-stream"


def test_an_attachment_over_the_limit_is_refused() -> None:
    with pytest.raises(Refusal) as caught:
        logic.check_attachment(b"x" * (logic.ATTACHMENT_LIMIT + 1), "image/png")
    assert (caught.value.status, caught.value.code) == (413, "ATTACHMENT_TOO_LARGE")


@pytest.mark.parametrize("content_type", ["image", "a/b\r\nX-Header: 1", "a/" + "b" * 100, "text/plain; x"])
def test_all_faults_of_an_attachment_are_reported_at_once(content_type: str) -> None:
    with pytest.raises(Refusal) as caught:
        logic.check_attachment(b"", content_type)
    assert [fault.at for fault in caught.value.faults] == ["body", "Content-Type"]
