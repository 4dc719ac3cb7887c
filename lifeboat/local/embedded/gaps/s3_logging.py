"""S3: access logs may be delivered wherever the target's bucket policy lets the logging service write."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from moto.s3.models import FakeBucket

from lifeboat.local.embedded.gap import Gap

LOGGING_SERVICE = "logging.s3.amazonaws.com"

Element = str | list[str]


def _each(value: object) -> Iterator[str]:
    """Yield the members of a policy element, which AWS writes as one value or as a list of them."""
    yield from [value] if isinstance(value, str) else [each for each in value or [] if isinstance(each, str)]  # type: ignore[attr-defined] # any JSON; a wrong form yields nothing


def _lets_the_service_write(statement: Mapping[str, object], target: str) -> bool:
    principal = statement.get("Principal")
    services = list(_each(principal.get("Service"))) if isinstance(principal, Mapping) else []
    return (
        statement.get("Effect") == "Allow"
        and LOGGING_SERVICE in services
        and any(fnmatchcase("s3:PutObject", action) for action in _each(statement.get("Action")))
        and any(fnmatchcase(target, resource) for resource in _each(statement.get("Resource")))
    )


def _fill() -> None:
    def allowed_by_policy(target_bucket: FakeBucket, target_prefix: str | None) -> bool:
        if not target_bucket.policy:
            return False
        target = f"arn:{target_bucket.partition}:s3:::{target_bucket.name}/{target_prefix or ''}a-log"
        statements = json.loads(target_bucket.policy)["Statement"]
        return any(_lets_the_service_write(statement, target) for statement in statements)

    FakeBucket._log_permissions_enabled_policy = staticmethod(allowed_by_policy)


GAPS = (
    Gap(
        name="s3.logging-policy",
        missing="Only a statement for exactly the target prefix is understood; one with Principal * is an error.",
        matters="A log bucket that refuses requests without TLS, or that serves several buckets, cannot be deployed.",
        fill=_fill,
    ),
)
