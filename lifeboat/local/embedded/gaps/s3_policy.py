"""S3: a statement of a bucket policy counts only where its conditions hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fnmatch import fnmatchcase

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket

from lifeboat.local.embedded.gap import Gap

# A call over loopback stands for one over TLS: nothing here leaves the machine.
REQUEST = {"aws:securetransport": "true"}

NEGATED = "Not"
IF_EXISTS = "IfExists"


def _holds(operator: str, key: str, allowed: object) -> bool:
    """Judge one condition. A key that the request does not have satisfies negated operators and `...IfExists` alone."""
    value = REQUEST.get(key.lower())
    if value is None:
        return NEGATED in operator or operator.endswith(IF_EXISTS)
    wanted = [str(each) for each in allowed] if isinstance(allowed, list) else [str(allowed)]
    found = any(fnmatchcase(value, each.lower()) for each in wanted)
    return found != (NEGATED in operator)


def _applies(statement: Mapping[str, object]) -> bool:
    conditions = statement.get("Condition")
    if not isinstance(conditions, Mapping):
        return True
    return all(_holds(operator, key, allowed) for operator, test in conditions.items() for key, allowed in test.items())


def _fill() -> None:
    def get_permission(self: FakeBucket, action: str, resource: str) -> PermissionResult:
        if self.policy is None:
            return PermissionResult.NEUTRAL
        policy = json.loads(self.policy)
        statements = [statement for statement in policy["Statement"] if _applies(statement)]
        if not statements:
            return PermissionResult.NEUTRAL
        return IAMPolicy(json.dumps(policy | {"Statement": statements})).is_action_permitted(action, resource)

    FakeBucket.get_permission = get_permission


GAPS = (
    Gap(
        name="s3.policy-conditions",
        missing="Conditions of bucket policies are not judged, and a Deny with one refuses every request.",
        matters="A bucket that refuses requests without TLS can be neither written nor read.",
        fill=_fill,
    ),
)
