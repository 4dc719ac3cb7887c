"""Whatever a TOML file can hold, the answer is a system or its problems: never a traceback."""

from __future__ import annotations

import copy
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deployments.load import load, read
from deployments.problems import ProblemsError
from deployments.system import System
from tests.unit.toml_text import toml
from tests.unit.variants import ECOMMERCE

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
numbers = st.integers(-(2**63), 2**63) | st.floats()
scalars = texts | numbers | st.booleans() | st.dates() | st.datetimes() | st.just("10.0.0.0/16")
known_words = st.sampled_from(["name", "regions", "cidr", "database", "stages", "dev", "prod", "tables", "orders", "0"])
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(known_words | texts, inner, max_size=3),
    max_leaves=8,
)
tables = st.dictionaries(known_words | texts, values, max_size=5)


def places(table: Any, above: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:  # noqa: ANN401 any TOML
    """List every place inside a table."""
    pairs = table.items() if isinstance(table, dict) else enumerate(table) if isinstance(table, list) else ()
    return [place for key, value in pairs for place in [(*above, key), *places(value, (*above, key))]]


PLACES = places(read(ECOMMERCE))


def answer(folder: Path, text: str, suffix: str) -> System | ProblemsError:
    """Load a file and return the answer, whatever it is; anything else that is raised fails the test."""
    file = folder / "shop.toml"
    file.write_text(text, encoding="utf-8", newline="")
    try:
        return load(file, suffix)
    except ProblemsError as error:
        return error


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=tables, suffix=st.sampled_from(["dev", "prod", "pr1", "²"]))
def test_arbitrary_tables_are_answered_with_problems(tmp_path: Path, table: dict[str, Any], suffix: str) -> None:
    told = answer(tmp_path, toml(table), suffix)
    assert isinstance(told, ProblemsError)
    assert str(told).startswith("error: ")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(PLACES), value=values, suffix=st.sampled_from(["dev", "prod"]))
def test_an_arbitrary_value_anywhere_in_the_real_file_is_answered(
    tmp_path: Path, place: tuple[str | int, ...], value: object, suffix: str
) -> None:
    table: Any = copy.deepcopy(read(ECOMMERCE))
    holder = table
    for part in place[:-1]:
        holder = holder[part]
    holder[place[-1]] = value
    told = answer(tmp_path, toml(table), suffix)
    assert isinstance(told, System) or all(problem.where for problem in told.problems)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_arbitrary_text_is_answered_with_problems(tmp_path: Path, text: str) -> None:
    assert isinstance(answer(tmp_path, text, "dev"), ProblemsError)


@pytest.mark.parametrize(
    "text",
    [
        '"²" = 1',  # a digit that is no number
        "zones = " + "9" * 5000,  # more digits than Python turns into a number
        "[network]\nzones = 0x" + "f" * 5000,  # more digits than Python writes out
        "zones = " + "[" * 3000 + "]" * 3000,  # deeper than Python's stack
        '"" = 1',
        '"a.b" = 1',
    ],
    ids=["superscript", "huge", "huge hexadecimal", "nested", "empty key", "dotted key"],
)
def test_what_breaks_readers_is_answered_with_problems(tmp_path: Path, text: str) -> None:
    assert isinstance(answer(tmp_path, text, "dev"), ProblemsError)


def test_the_writer_of_these_tests_writes_what_the_reader_reads(tmp_path: Path) -> None:
    table = {"a": {"b": [1, 2.5, True, 'x"\x7f\n', dt.date(2026, 1, 2)]}, "c d": {}}
    file = tmp_path / "a.toml"
    file.write_text(toml(table), encoding="utf-8")
    assert read(file) == table
