"""Secrets that tests use and look for, but that no message, traceback or report ever shows."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from tests.integration.aws import Aws


class Sealed:
    """A secret text that can be searched for, compared and measured, but not printed."""

    def __init__(self, value: str) -> None:
        self._forms = _forms(value)
        self.length = len(value)

    def __repr__(self) -> str:
        return "<sealed>"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and self._forms == other._forms

    def __hash__(self) -> int:
        return hash(self._forms)

    def is_in(self, text: str) -> bool:
        """Tell whether a text holds the secret, plain or in one of the forms in which it travels."""
        return any(form in text for form in self._forms)


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What a secret holds. Its raw text stays in `open_credentials`, out of reach of pytest's explanations."""

    arn: str
    fields: frozenset[str]
    username: str
    password: Sealed


def open_credentials(aws: Aws, arn: str) -> Credentials:
    """Read a secret from Secrets Manager."""
    __tracebackhide__ = True
    answer = aws.secrets.get_secret_value(SecretId=arn)
    fields: dict[str, str] = json.loads(answer["SecretString"])
    return Credentials(
        arn=answer["ARN"],
        fields=frozenset(fields),
        username=fields["username"],
        password=Sealed(fields["password"]),
    )


def _forms(value: str) -> frozenset[str]:
    """Spell a secret as JSON does, as Terraform's JSON does, as JSON inside JSON, in XML, in a URL and in base64."""
    plain = json.dumps(value)[1:-1]
    careful = plain.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    encoded = base64.b64encode(value.encode()).decode()
    nested = (json.dumps(form)[1:-1] for form in (plain, careful))
    return frozenset({value, plain, careful, *nested, escape(value), quote(value, safe=""), encoded})
