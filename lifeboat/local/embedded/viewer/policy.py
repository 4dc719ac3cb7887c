"""Whether a resource's policy lets CloudFront in, for one distribution."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

CLOUDFRONT = "cloudfront.amazonaws.com"


def lets_in(policy: str | bytes | None, action: str, resource: str, context: Mapping[str, str]) -> bool:
    """Judge a resource policy for CloudFront's service principal: an Allow that applies, and no Deny that does.

    Args:
        policy: The policy. None: there is none, and nobody is let in.
        action: API action, such as `s3:GetObject`.
        resource: ARN of what is asked for.
        context: Condition keys of the request, such as `aws:SourceArn`.
    """
    if not policy:
        return False
    statements = json.loads(policy)["Statement"]
    statements = [statements] if isinstance(statements, Mapping) else statements
    applying = [one["Effect"] for one in statements if _applies(one, action, resource, context)]
    return "Allow" in applying and "Deny" not in applying


def _applies(statement: Mapping[str, Any], action: str, resource: str, context: Mapping[str, str]) -> bool:
    principal = statement.get("Principal", {})
    services = _many(principal.get("Service", [])) if isinstance(principal, Mapping) else []
    return (
        (principal == "*" or CLOUDFRONT in services)
        and any(fnmatchcase(action.lower(), each.lower()) for each in _many(statement["Action"]))
        and any(fnmatchcase(resource, each) for each in _many(statement["Resource"]))
        and all(
            _holds(operator, context.get(key.lower()), _many(allowed))
            for operator, test in statement.get("Condition", {}).items()
            for key, allowed in test.items()
        )
    )


def _holds(operator: str, value: str | None, allowed: list[str]) -> bool:
    """Judge one condition; an operator that is not known here holds for nobody."""
    if value is None:
        return False
    if operator in {"StringEquals", "ArnEquals"}:
        return value in allowed
    if operator == "Bool":
        return value.lower() in {each.lower() for each in allowed}
    if operator in {"StringLike", "ArnLike"}:
        return any(fnmatchcase(value, each) for each in allowed)
    return False


def _many(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
