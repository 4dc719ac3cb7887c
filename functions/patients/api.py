"""What the API does: each method serves one route and answers with a status, a document and headers, or a refusal."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from .records import Person, Record, Refusal, check_id, check_open, check_version, parse_person
from .store import StoreError


class Store(Protocol):
    """Where records are kept."""

    def put_new(self, record_id: str, person: Person) -> tuple[Record, bool]:
        """Keep a new record."""

    def get(self, record_id: str) -> Record | None:
        """Find a record."""

    def change(self, record_id: str, person: Person, version: int) -> Record | None:
        """Change a record."""

    def probe(self) -> None:
        """Ask something harmless."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer in JSON."""

    status: int
    document: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=dict)


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


@dataclass(frozen=True, kw_only=True)
class Api:
    """The patient API of one region.

    Attributes:
        region: Where it runs.
        store: The records.
        active_region: Tells which region is open for writes.
        today: The date, for dates of birth.
    """

    region: str
    store: Store
    active_region: Callable[[], str]
    today: Callable[[], dt.date] = _today

    def admit(self, body: str, key: str | None) -> Reply:
        """Serve `POST /patients`: 201 the first time, 200 with the same record when the request is repeated."""
        record_id = check_id(key, "Idempotency-Key")
        person = parse_person(body, self.today())
        check_open(self.active_region(), self.region)
        record, is_new = self.store.put_new(record_id, person)
        return _shown(record, 201 if is_new else 200)

    def show(self, record_id: str) -> Reply:
        """Serve `GET /patients/{id}`."""
        return _shown(_found(self.store.get(check_id(record_id, "id"))))

    def change(self, record_id: str, body: str, seen: str | None) -> Reply:
        """Serve `PUT /patients/{id}`: changes the version that the client has seen, and no other."""
        found = check_id(record_id, "id")
        version = check_version(seen)
        person = parse_person(body, self.today())
        check_open(self.active_region(), self.region)
        return _shown(_found(self.store.change(found, person, version)))

    def report_readiness(self) -> Reply:
        """Serve `GET /ready`: 200 when the database answers, 503 otherwise. `/health` asks nobody."""
        started = time.perf_counter()
        try:
            self.store.probe()
        except StoreError:
            status = "no answer"
        else:
            status = "ok"
        milliseconds = round((time.perf_counter() - started) * 1000)
        document = {
            "status": status,
            "region": self.region,
            "database": {"status": status, "milliseconds": milliseconds},
        }
        return Reply(status=200 if status == "ok" else 503, document=document)


def _found(record: Record | None) -> Record:
    if record is None:
        raise Refusal(404, "NO_SUCH_PATIENT", "There is no such patient.")
    return record


def _shown(record: Record, status: int = 200) -> Reply:
    headers = {"ETag": f'"{record.version}"', "Location": f"/patients/{record.id}"}
    return Reply(status=status, document=record.as_json(), headers=headers)
