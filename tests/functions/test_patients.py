"""The patient API: keeps what it is told once, changes what was seen, and repeats nothing of a patient anywhere."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.patients import handler
from functions.patients.api import Api
from functions.patients.records import Person, Record, Refusal
from functions.patients.settings import Settings, SettingsError
from functions.patients.store import StoreError
from tests.functions.calls import Context

KEY = "7f6c2a2e-6f0a-4b54-9a0e-0a6d3f1c5b10"
ADA = {"number": "P-1", "family_name": "Łovelace", "given_name": "Ada", "born": "1985-12-10"}
TODAY = dt.date(2026, 1, 1)


class Shelf:
    """Keeps records in memory, as the store promises to."""

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self.trouble: Exception | None = None

    def put_new(self, record_id: str, person: Person) -> tuple[Record, bool]:
        self.probe()
        if record_id in self.records:
            return self.records[record_id], False
        self.records[record_id] = Record(id=record_id, version=1, person=person)
        return self.records[record_id], True

    def get(self, record_id: str) -> Record | None:
        self.probe()
        return self.records.get(record_id)

    def change(self, record_id: str, person: Person, version: int) -> Record | None:
        found = self.get(record_id)
        if found and found.version != version:
            raise Refusal(412, "CHANGED_MEANWHILE", "x")
        if found:
            self.records[record_id] = Record(id=record_id, version=version + 1, person=person)
        return self.records.get(record_id)

    def probe(self) -> None:
        if self.trouble:
            raise self.trouble


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def active() -> list[str]:
    """The open region; a test may change it."""
    return ["eu-west-1"]


@pytest.fixture
def ask(shelf: Shelf, active: list[str], monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401 a function of the tests
    api = Api(region="eu-west-1", store=shelf, active_region=lambda: active[0], today=lambda: TODAY)
    resolver = handler.build_resolver(api)
    monkeypatch.setattr(handler, "connect", lambda: resolver)

    def call(method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict[str, Any], dict[str, Any]]:
        event = {
            "httpMethod": method,
            "path": path,
            "resource": "/patients/{id}",
            "requestContext": {"stage": "live", "path": f"/live{path}", "requestId": "r"},
            "headers": {name.replace("_", "-"): value for name, value in headers.items()},
            "body": body if isinstance(body, str) else json.dumps(body) if body else "",
            "isBase64Encoded": False,
        }
        answer = handler.handle(event, cast("LambdaContext", Context()))
        headers_of = cast("dict[str, list[str]]", answer["multiValueHeaders"])
        return (
            cast("int", answer["statusCode"]),
            json.loads(str(answer["body"])),
            {k: v[0] for k, v in headers_of.items()},
        )

    return call


def test_a_patient_is_kept_once_however_often_the_request_is_repeated(ask: Any, shelf: Shelf) -> None:  # noqa: ANN401 as above
    first = ask("POST", "/patients", ADA, Idempotency_Key=KEY)
    again = ask("POST", "/patients", ADA, Idempotency_Key=KEY)
    assert (first[0], again[0], first[1]) == (201, 200, again[1])
    assert first[1] == {"id": KEY, "version": 1, **ADA}
    assert (first[2]["ETag"], first[2]["Cache-Control"]) == ('"1"', "no-store")
    assert len(shelf.records) == 1


def test_a_patient_is_found_by_id_and_by_nothing_else(ask: Any) -> None:  # noqa: ANN401 as above
    ask("POST", "/patients", ADA, Idempotency_Key=KEY)
    assert ask("GET", f"/patients/{KEY}")[1]["family_name"] == "Łovelace"
    assert ask("GET", "/patients/7f6c2a2e-6f0a-4b54-9a0e-000000000000")[0] == 404
    assert ask("GET", "/patients/P-1")[1]["error"]["code"] == "INVALID_REQUEST"
    assert ask("GET", "/nowhere")[1]["error"]["code"] == "NO_SUCH_ROUTE"


def test_a_change_is_of_the_version_that_was_seen(ask: Any) -> None:  # noqa: ANN401 as above
    ask("POST", "/patients", ADA, Idempotency_Key=KEY)
    married = {**ADA, "family_name": "King"}
    assert ask("PUT", f"/patients/{KEY}", married)[0] == 428
    assert ask("PUT", f"/patients/{KEY}", married, If_Match='"1"')[1]["version"] == 2
    assert ask("PUT", f"/patients/{KEY}", ADA, If_Match='"1"')[1]["error"]["code"] == "CHANGED_MEANWHILE"
    assert ask("PUT", f"/patients/{KEY}", ADA, If_Match="x")[0] == 400


@pytest.mark.parametrize("open_", ["eu-central-1", "none"])
def test_a_region_that_is_fenced_reads_and_does_not_write(ask: Any, active: list[str], open_: str) -> None:  # noqa: ANN401 as above
    ask("POST", "/patients", ADA, Idempotency_Key=KEY)
    active[0] = open_
    refused = ask("POST", "/patients", ADA, Idempotency_Key=KEY)
    assert (refused[0], refused[1]["error"]["code"], refused[2]["Retry-After"]) == (503, "FENCED", "30")
    assert ask("PUT", f"/patients/{KEY}", ADA, If_Match="1")[1]["error"]["code"] == "FENCED"
    assert ask("GET", f"/patients/{KEY}")[0] == 200


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"born": "10.12.1985"}, "born"),
        ({"born": "2031-01-01"}, "born"),
        ({"born": "1815-12-10"}, "born"),
        ({"born": "19851210"}, "born"),
        ({"number": "x" * 41}, "number"),
        ({"given_name": "   "}, "given_name"),
        ({"given_name": "A\x00da"}, "given_name"),
        ({"family_name": 7}, "family_name"),
        ({"diagnosis": "x"}, "diagnosis"),
    ],
)
def test_what_is_wrong_is_named_without_being_repeated(ask: Any, change: Mapping[str, object], at: str) -> None:  # noqa: ANN401 as above
    status, document, _ = ask("POST", "/patients", {**ADA, **change}, Idempotency_Key=KEY)
    assert (status, [problem["at"] for problem in document["error"]["problems"]]) == (400, [at])
    for value in change.values():
        assert len(str(value).strip()) < 3 or str(value) not in json.dumps(document)


def test_everything_that_is_wrong_is_named_at_once(ask: Any) -> None:  # noqa: ANN401 as above
    document = ask("POST", "/patients", {"born": "x"}, Idempotency_Key=KEY)[1]
    assert {problem["at"] for problem in document["error"]["problems"]} == {
        "number",
        "family_name",
        "given_name",
        "born",
    }
    assert ask("POST", "/patients", "[]", Idempotency_Key=KEY)[0] == 400
    assert ask("POST", "/patients", "x" * 17000, Idempotency_Key=KEY)[0] == 413
    assert ask("POST", "/patients", ADA)[1]["error"]["problems"][0]["at"] == "Idempotency-Key"


def test_no_log_line_says_anything_of_a_patient(ask: Any, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401 as above
    written = io.StringIO()
    monkeypatch.setattr(handler.logger.registered_handler, "stream", written)
    ask("POST", "/patients", ADA, Idempotency_Key=KEY)
    shelf.trouble = RuntimeError(f"Key (number)=({ADA['number']}) of {ADA['family_name']} already exists")
    assert ask("GET", f"/patients/{KEY}")[1]["error"]["code"] == "INTERNAL"
    shelf.trouble = StoreError("08006")
    assert ask("GET", f"/patients/{KEY}")[1]["error"]["code"] == "STORE_UNAVAILABLE"
    logged = written.getvalue()
    assert "RuntimeError" in logged
    assert "08006" in logged
    for secret in (*ADA.values(), KEY, "Lovelace"):
        assert secret not in logged
    assert repr(Person(**ADA)) == "<Person>"


def test_readiness_follows_the_database(ask: Any, shelf: Shelf) -> None:  # noqa: ANN401 as above
    assert ask("GET", "/ready")[:1] == (200,)
    shelf.trouble = StoreError("timeout")
    status, document, _ = ask("GET", "/ready")
    assert (status, document["database"]["status"]) == (503, "no answer")


ENVIRONMENT = {
    "DEPLOYMENT": "healthcare",
    "ENVIRONMENT_SUFFIX": "dev",
    "AWS_REGION": "eu-west-1",
    "DATABASE_HOST": "db",
    "DATABASE_NAME": "patients",
    "DATABASE_SECRET": "/healthcare-dev/database/credentials",
    "ACTIVE_REGION_PARAMETER": "/healthcare-dev/active-region",
}


def test_a_function_that_could_not_tell_the_database_from_an_impostor_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="PGSSLROOTCERT names no file of authorities"):
        Settings.from_environment({**ENVIRONMENT, "PGSSLROOTCERT": str(tmp_path / "none.pem")})
    with pytest.raises(SettingsError, match=r"DATABASE_HOST is missing or empty; .*DATABASE_SECRET"):
        Settings.from_environment({"PGSSLROOTCERT": str(tmp_path)})
