"""Patient records in PostgreSQL: what happens to the connection, and what a database's words become."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest
from pg8000.exceptions import DatabaseError, InterfaceError

from functions.patients import store
from functions.patients.records import Person, Refusal
from functions.patients.settings import Settings
from functions.patients.store import PatientStore, StoreError
from tests.functions.test_patients import ADA, KEY


class Line:
    """A connection that answers what it is told to, once each."""

    def __init__(self, answers: list[object]) -> None:
        self.answers = answers
        self.closed = False

    def run(self, statement: str, **_values: object) -> list[list[object]]:
        if "advisory" in statement or "create table" in statement:
            return []
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return cast("list[list[object]]", answer)

    def close(self) -> None:
        self.closed = True


ROW = [KEY, 1, *ADA.values()]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What connecting gives, one after another: a line, or an error."""
    waiting: list[object] = []

    def connect(*_who: object, **_options: object) -> Line:
        line = waiting.pop(0)
        if isinstance(line, Exception):
            raise line
        assert isinstance(line, Line)
        return line

    monkeypatch.setattr(store, "Connection", connect)
    return waiting


@pytest.fixture
def patients(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> PatientStore:
    monkeypatch.setattr("ssl.create_default_context", lambda **_options: None)
    names = {"deployment", "suffix", "region", "host", "database", "secret", "active_region_parameter"}
    settings = Settings(**dict.fromkeys(names, "x"), authorities=tmp_path)
    asked: list[bool] = []

    def credentials(*, fresh: bool = False) -> Mapping[str, str]:
        asked.append(fresh)
        return {"username": "u", "password": "p"}

    kept = PatientStore(settings, credentials)
    kept.asked = asked  # type: ignore[attr-defined] # for the tests to read
    return kept


def test_a_connection_that_went_away_is_replaced_once(patients: PatientStore, lines: list[object]) -> None:
    gone = Line([[ROW], InterfaceError("network error")])
    lines += [gone, Line([[ROW]])]
    assert patients.get(KEY) == patients.get(KEY)
    assert gone.closed


def test_a_database_that_is_away_is_told_without_its_words(patients: PatientStore, lines: list[object]) -> None:
    lines += [ConnectionRefusedError("host 10.0.0.1 refused")]
    with pytest.raises(StoreError, match=r"^ConnectionRefusedError$"):
        patients.probe()


def test_a_rotated_password_is_asked_for_again(patients: PatientStore, lines: list[object]) -> None:
    lines += [DatabaseError({"C": "28P01", "M": "password authentication failed"}), Line([[[1]]])]
    patients.probe()
    assert patients.asked == [False, True]  # type: ignore[attr-defined] # see the fixture


def test_a_number_that_is_taken_is_a_conflict_and_is_not_repeated(patients: PatientStore, lines: list[object]) -> None:
    lines += [Line([DatabaseError({"C": "23505", "D": "Key (number)=(P-1) already exists."})])]
    with pytest.raises(Refusal, match=r"^Another record has this number\.$"):
        patients.put_new(KEY, Person(**ADA))


def test_a_key_that_was_used_for_somebody_else_is_a_conflict(patients: PatientStore, lines: list[object]) -> None:
    lines += [Line([[], [ROW], [], [ROW]])]
    assert patients.put_new(KEY, Person(**ADA))[1] is False
    with pytest.raises(Refusal, match="another record"):
        patients.put_new(KEY, Person(**{**ADA, "given_name": "Augusta"}))


def test_a_change_of_another_version_is_refused_and_of_nobody_is_none(
    patients: PatientStore, lines: list[object]
) -> None:
    lines += [Line([[], [ROW], [], [], [[KEY, 2, *ADA.values()]]])]
    with pytest.raises(Refusal, match="Somebody else"):
        patients.change(KEY, Person(**ADA), 7)
    assert patients.change(KEY, Person(**ADA), 7) is None
    changed = patients.change(KEY, Person(**ADA), 1)
    assert changed is not None
    assert changed.version == 2
