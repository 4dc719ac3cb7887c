"""A user and a password, and how the database is told a password without hearing it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import string
from dataclasses import dataclass, field

LENGTH = 40
ALPHABET = string.ascii_letters + string.digits + "!#$%&()*+,-.:;<=>?[]^_{|}~"
"""Without what RDS refuses in a master password, / @ " ' and spaces:
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.Constraints"""
ITERATIONS = 4096
"""PostgreSQL's own number: https://www.postgresql.org/docs/current/runtime-config-connection.html"""
SALT_BYTES = 16


class CredentialsError(Exception):
    """A secret holds something else than a user and a password. The message never shows what."""


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What a secret holds."""

    username: str
    password: str = field(repr=False)

    @classmethod
    def read(cls, text: str) -> Credentials:
        """Read a secret's text.

        Raises:
            CredentialsError: It is not a JSON object with both.
        """
        try:
            found = json.loads(text)
            username, password = found["username"], found["password"]
        except (ValueError, KeyError, TypeError):
            raise CredentialsError("the secret is not a JSON object with username and password") from None
        if not (isinstance(username, str) and isinstance(password, str) and username and password):
            raise CredentialsError("username and password of the secret are not both texts")
        return cls(username=username, password=password)

    def text(self) -> str:
        """Write the secret's text."""
        return json.dumps({"username": self.username, "password": self.password})


def new_password() -> str:
    """Make a password: 40 characters, some 250 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def verifier(password: str) -> str:
    """Return what PostgreSQL stores of a password (SCRAM-SHA-256), to be sent in its place.

    A statement that sets a password may be logged, by the server and by whatever watches it. This text lets nobody in.
    https://www.rfc-editor.org/rfc/rfc5803
    """
    salt = secrets.token_bytes(SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, ITERATIONS)
    client = hmac.digest(salted, b"Client Key", "sha256")
    stored, server = hashlib.sha256(client).digest(), hmac.digest(salted, b"Server Key", "sha256")
    encoded = [base64.b64encode(part).decode("ascii") for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${ITERATIONS}:{encoded[0]}${encoded[1]}:{encoded[2]}"
