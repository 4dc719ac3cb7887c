"""API Gateway (REST): binary media types are added and removed under their own names."""

from __future__ import annotations

from collections.abc import Mapping

from moto.apigateway.models import RestAPI

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


GAPS = (
    Gap(
        name="apigateway.binary-types",
        missing="A media type that a patch names in its path, as the API asks for, is added as an empty text.",
        matters="Every plan of an API that passes on files wants to change its media types.",
        fill=_fill,
    ),
)
