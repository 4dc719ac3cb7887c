"""API Gateway (REST): what its patches do."""

from __future__ import annotations

import json

from tests.lifeboat.embedded.aws import Aws, promises


def media_types_after(aws: Aws, *patches: tuple[str, str]) -> list[str]:
    api = aws("apigateway")
    api_id = api.create_rest_api(name=aws.name("api"))["id"]
    for operation, media_type in patches:
        path = f"/binaryMediaTypes/{media_type}"
        api.update_rest_api(restApiId=api_id, patchOperations=[{"op": operation, "path": path}])
    return list(api.get_rest_api(restApiId=api_id).get("binaryMediaTypes", []))


def media_types_are_added_by_path(aws: Aws) -> None:
    assert media_types_after(aws, ("add", "image~1png"), ("add", "*~1*")) == ["image/png", "*/*"]


def test_a_media_type_is_removed_by_its_path(embedded_aws: Aws) -> None:
    assert media_types_after(embedded_aws, ("add", "image~1png"), ("add", "*~1*"), ("remove", "image~1png")) == ["*/*"]


def a_mock_is_imported(aws: Aws) -> None:
    api = aws("apigateway")
    mock = {
        "type": "mock",
        "requestTemplates": {"application/json": '{"statusCode": 200}'},
        "responses": {"default": {"statusCode": "200", "responseTemplates": {"application/json": "{}"}}},
    }
    operation = {"responses": {"200": {"description": "ok"}}, "x-amazon-apigateway-integration": mock}
    document = {
        "openapi": "3.0.1",
        "info": {"title": aws.name("api"), "description": "x", "version": "1"},
        "paths": {"/health": {"get": operation}},
    }
    api_id = api.create_rest_api(name=aws.name("api"))["id"]
    api.put_rest_api(restApiId=api_id, mode="overwrite", body=json.dumps(document).encode())
    (resource,) = [one for one in api.get_resources(restApiId=api_id)["items"] if one["path"] == "/health"]
    place = {"restApiId": api_id, "resourceId": resource["id"], "httpMethod": "GET"}
    assert api.get_integration(**place)["type"] == "MOCK"
    assert api.get_integration_response(**place, statusCode="200")["responseTemplates"] == {"application/json": "{}"}


CHECKS = {"apigateway.binary-types": media_types_are_added_by_path, "apigateway.mock": a_mock_is_imported}
test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)
