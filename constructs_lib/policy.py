"""Policy documents: statements as small values, rendered to JSON that a reviewer can read statement by statement."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Condition = Mapping[str, Mapping[str, str | Sequence[str]]]


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement of an IAM, key, bucket, topic, queue or endpoint policy.

    Attributes:
        sid: What the statement is for; letters and digits.
        actions: API actions.
        resources: ARNs. Where a resource policy speaks of its own resource, AWS asks for `*` (KMS) or its ARN;
            a trust policy names none.
        services: Service principals that are meant. Empty together with `principals`: an identity policy.
        principals: AWS principals (ARNs, or `*` with conditions that narrow it).
        conditions: Conditions by operator. Empty: none.
        effect: `Deny` takes away what other statements allow.
    """

    sid: str
    actions: Sequence[str]
    resources: Sequence[str]
    services: Sequence[str] = ()
    principals: Sequence[str] = ()
    conditions: Condition = field(default_factory=dict)
    effect: Literal["Allow", "Deny"] = "Allow"

    def render(self) -> dict[str, Any]:
        """Return the statement as AWS writes it."""
        rendered: dict[str, Any] = {"Sid": self.sid, "Effect": self.effect}
        if self.services:
            rendered["Principal"] = {"Service": _one_or_many(self.services)}
        elif self.principals:
            everyone = tuple(self.principals) == ("*",)
            rendered["Principal"] = "*" if everyone else {"AWS": _one_or_many(self.principals)}
        rendered["Action"] = _one_or_many(self.actions)
        if self.resources:  # a trust policy has none
            rendered["Resource"] = _one_or_many(self.resources)
        if self.conditions:
            rendered["Condition"] = {
                operator: {key: value if isinstance(value, str) else _one_or_many(value) for key, value in test.items()}
                for operator, test in self.conditions.items()
            }
        return rendered


def document(*statements: Statement) -> str:
    """Render a policy document. Always in the same order and form, so that a diff shows what changed and no more."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement.render() for statement in statements]})


def tls_only(arn: str) -> Statement:
    """Refuse every request to a bucket that does not come over TLS."""
    return Statement(
        sid="TlsOnly",
        effect="Deny",
        principals=("*",),
        actions=("s3:*",),
        resources=(arn, f"{arn}/*"),
        conditions={"Bool": {"aws:SecureTransport": "false"}},
    )


def nobody(_arn: str) -> Sequence[Statement]:
    """Let nobody in by a resource's policy: the account's own roles come by theirs."""
    return ()


def _one_or_many(values: Sequence[str]) -> str | list[str]:
    """AWS returns a list of one as the one; written alike, no plan shows a difference that is none."""
    return values[0] if len(values) == 1 else list(values)
