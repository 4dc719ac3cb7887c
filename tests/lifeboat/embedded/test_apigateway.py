"""API Gateway (REST): what its patches do."""

from __future__ import annotations

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


CHECKS = {"apigateway.binary-types": media_types_are_added_by_path}
test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)
