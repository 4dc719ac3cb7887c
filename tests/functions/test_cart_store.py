"""The cart's orders in PostgreSQL: what happens to the connections, and what a database's words become."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from pg8000.exceptions import DatabaseError, InterfaceError

from functions.cart import store
from functions.cart.settings import Settings
from functions.cart.store import INSERT, SCHEMA, SELECT, Order, OrderStore, StoreError

ORDER = Order(id="ord_1", document="{}", placed_in="us-west-1")
ROW: list[object] = ["ord_1", "{}", "us-west-1"]
NO_TABLE, READ_ONLY = DatabaseError({"C": "42P01"}), DatabaseError({"C": "25006"})


class Line:
    """A connection that answers what it is told to, once each, and remembers what it was asked."""

    def __init__(self, *answers: object) -> None:
        self.answers, self.asked, self.closed = list(answers), list[str](), False

    def run(self, statement: str, **_values: object) -> list[list[object]] | None:
        self.asked.append(statement)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return cast("list[list[object]] | None", answer)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[object]]:
    """What connecting to a host gives, one after another: a line, or an error."""
    waiting: dict[str, list[object]] = {"writer.example": [], "reader.example": []}

    def connect(who: str, *, host: str, **_options: object) -> Line:
        assert who == "master"
        line = waiting[host].pop(0)
        if isinstance(line, Exception):
            raise line
        assert isinstance(line, Line)
        return line

    monkeypatch.setattr(store, "Connection", connect)
    monkeypatch.setattr("ssl.create_default_context", lambda **_options: None)
    return waiting


@pytest.fixture
def orders(lines: dict[str, list[object]]) -> OrderStore:  # noqa: ARG001 - the order of set-up
    names = ("deployment", "suffix", "region", "parameters", "active_region_parameter", "database", "password")
    settings = Settings(username="master", authorities=Path("x"), **dict.fromkeys(names, "x"))
    return OrderStore(settings, lambda role: f"{role}.example")


def test_writes_go_to_the_writer_and_reads_to_the_region(orders: OrderStore, lines: dict[str, list[object]]) -> None:
    writer, reader = Line([ROW]), Line([ROW], [])
    lines["writer.example"], lines["reader.example"] = [writer], [reader]
    assert orders.put_new(ORDER) == (ORDER, True)
    assert orders.get("ord_1") == ORDER
    assert orders.get("ord_1") is None
    assert (writer.asked, reader.asked) == ([INSERT], [SELECT, SELECT])


def test_who_is_open_is_asked_again_after_connecting_and_not_on_a_kept_connection(
    orders: OrderStore, lines: dict[str, list[object]]
) -> None:
    writer, asked = Line([ROW], [ROW]), list[str]()
    lines["writer.example"] = [writer]
    for _ in range(2):
        orders.put_new(ORDER, lambda: asked.append(f"after {len(writer.asked)} statements"))
    assert asked == ["after 0 statements"]


def test_an_order_that_is_there_already_is_returned(orders: OrderStore, lines: dict[str, list[object]]) -> None:
    other = ["ord_1", '{"a":1}', "us-west-2"]
    lines["writer.example"] = [Line([], [other])]
    assert orders.put_new(ORDER) == (Order(id="ord_1", document='{"a":1}', placed_in="us-west-2"), False)


def test_the_first_order_makes_the_table(orders: OrderStore, lines: dict[str, list[object]]) -> None:
    writer = Line(NO_TABLE, None, [ROW])
    lines["writer.example"] = [writer]
    assert orders.put_new(ORDER) == (ORDER, True)
    assert writer.asked == [INSERT, SCHEMA, INSERT]


def test_two_may_make_the_table_at_the_same_moment(orders: OrderStore, lines: dict[str, list[object]]) -> None:
    made = DatabaseError({"C": "23505"})
    lines["writer.example"] = [Line(NO_TABLE, made), Line(made), Line([ROW])]
    assert orders.put_new(ORDER) == (ORDER, True)


def test_a_table_that_cannot_be_made_keeps_nothing(orders: OrderStore, lines: dict[str, list[object]]) -> None:
    lines["writer.example"] = [Line(NO_TABLE, READ_ONLY), Line(READ_ONLY)]
    with pytest.raises(StoreError, match="25006"):
        orders.put_new(ORDER)


def test_before_the_first_order_there_is_none(orders: OrderStore, lines: dict[str, list[object]]) -> None:
    lines["reader.example"] = [Line(NO_TABLE)]
    assert orders.get("ord_1") is None


@pytest.mark.parametrize("broken", [InterfaceError("gone"), READ_ONLY, OSError("reset")])
def test_a_kept_connection_from_before_a_failover_is_replaced_once(
    orders: OrderStore, lines: dict[str, list[object]], broken: Exception
) -> None:
    old, new = Line([ROW], broken), Line([ROW])
    lines["writer.example"] = [old, new]
    orders.put_new(ORDER)
    assert orders.put_new(ORDER) == (ORDER, True)
    assert old.closed
    assert not new.closed


@pytest.mark.parametrize(
    ("broken", "why"), [(READ_ONLY, "25006"), (DatabaseError("?"), "DatabaseError"), (OSError("refused"), "OSError")]
)
def test_what_the_database_said_goes_no_further_than_its_code(
    orders: OrderStore, lines: dict[str, list[object]], broken: Exception, why: str
) -> None:
    lines["writer.example"] = [broken, Line(broken)]
    for _ in range(2):
        with pytest.raises(StoreError) as raised:
            orders.put_new(ORDER)
        assert str(raised.value) == why


def test_a_member_that_answers_is_well(orders: OrderStore, lines: dict[str, list[object]]) -> None:
    lines["reader.example"] = [Line([[1]], OSError("gone"))]
    orders.probe()
    lines["reader.example"].append(OSError("refused"))
    with pytest.raises(StoreError):
        orders.probe()
