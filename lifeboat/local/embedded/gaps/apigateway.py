"""API Gateway (REST): binary media types under their own names, and answers that need no backend."""

from __future__ import annotations

from collections.abc import Mapping

from moto.apigateway.models import APIGatewayBackend, RestAPI
from moto.apigateway.models import Integration as MotoIntegration

from lifeboat.local.embedded.gap import Gap

PREFIX = "/binaryMediaTypes/"


def _media_type(path: str) -> str:
    """Read the media type from a patch path, where JSON Pointer writes / as ~1 and ~ as ~0 (RFC 6901)."""
    return path.removeprefix(PREFIX).replace("~1", "/").replace("~0", "~")


def _fill() -> None:
    plain = RestAPI.apply_patch_operations

    def apply(self: RestAPI, patch_operations: list[Mapping[str, str]]) -> None:
        others = []
        for operation in patch_operations:
            kind, path = operation["op"], operation["path"]
            if not path.startswith(PREFIX) or kind not in {"add", "remove", "replace"}:
                others.append(operation)
                continue
            media_type = _media_type(path)
            kept = [each for each in self.binaryMediaTypes if each != media_type]
            added = {"add": [media_type], "replace": [operation.get("value", "")], "remove": []}[kind]
            self.binaryMediaTypes = kept + added
        plain(self, others)

    RestAPI.apply_patch_operations = apply


def _import_mocks() -> None:
    plain = APIGatewayBackend.put_integration

    def put_integration(self: APIGatewayBackend, *args: object, **given: object) -> MotoIntegration:
        if str(given.get("integration_type", "")).upper() == "MOCK":
            given = {"uri": None, "integration_method": None, **given, "integration_type": "MOCK"}
        return plain(self, *args, **given)

    APIGatewayBackend.put_integration = put_integration


GAPS = (
    Gap(
        name="apigateway.binary-types",
        missing="A media type that a patch names in its path, as the API asks for, is added as an empty text.",
        matters="Every plan of an API that passes on files wants to change its media types.",
        fill=_fill,
    ),
    Gap(
        name="apigateway.mock",
        missing="A document with an operation that the API itself answers ends in an error 500.",
        matters="An API whose health needs no backend could not be deployed.",
        fill=_import_mocks,
    ),
)
