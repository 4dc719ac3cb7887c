"""The patient API as deployed: it keeps records in its database, and repeats nothing of them in its log."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.integration.patients import admit, authorities, call
from tests.integration.system import System

pytestmark = pytest.mark.writes


@pytest.fixture
def served(system: System) -> System:
    """The system, where its database is a real one."""
    system.primary.text("instance_endpoint")
    authorities(system)
    return system


def test_a_patient_is_kept_found_and_changed(served: System) -> None:
    region, key = served.primary, str(uuid4())
    assert admit(region, key).status == 201
    assert admit(region, key).status == 200
    found = call(region, "GET", f"/patients/{key}")
    assert (found.status, found.document["family_name"], found.document["version"]) == (200, "Łovelace", 1)
    person = {name: found.document[name] for name in ("number", "family_name", "given_name", "born")}
    changed = call(region, "PUT", f"/patients/{key}", {**person, "family_name": "King"}, If_Match='"1"')
    assert (changed.status, changed.document["version"]) == (200, 2)
    assert call(region, "PUT", f"/patients/{key}", person, If_Match='"1"').status == 412


def test_a_patients_number_belongs_to_one_record(served: System) -> None:
    first, second = str(uuid4()), str(uuid4())
    admit(served.primary, first)
    person = call(served.primary, "GET", f"/patients/{first}").document
    again = {name: person[name] for name in ("number", "family_name", "given_name", "born")}
    refused = call(served.primary, "POST", "/patients", again, Idempotency_Key=second)
    assert (refused.status, refused.document["error"]["code"]) == (409, "NUMBER_IN_USE")


def test_readiness_asks_the_database(served: System) -> None:
    answer = call(served.primary, "GET", "/ready")
    assert (answer.status, answer.document["database"]["status"]) == (200, "ok")


def test_health_is_answered_without_a_backend(system: System) -> None:
    region = system.primary
    region.text("instance_endpoint")
    api, aws = region.text("rest_api_id"), region.aws.apigateway
    resources = aws.get_resources(restApiId=api, limit=500)["items"]
    (health,) = [one["id"] for one in resources if one["path"] == "/health"]
    integration = aws.get_integration(restApiId=api, resourceId=health, httpMethod="GET")
    assert integration["type"] == "MOCK"
    assert integration.get("uri") is None
    answer = aws.get_integration_response(restApiId=api, resourceId=health, httpMethod="GET", statusCode="200")
    assert answer["responseTemplates"]["application/json"] == '{"status": "ok"}'
