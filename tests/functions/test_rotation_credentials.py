"""Credentials of a rotation: long, accepted by RDS, and told to the database without being said."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from functions.rotation.credentials import Credentials, CredentialsError, new_password, verifier


def test_a_password_is_long_different_every_time_and_without_what_rds_refuses() -> None:
    passwords = {new_password() for _ in range(50)}
    assert len(passwords) == 50
    assert {len(password) for password in passwords} == {40}
    assert not set("/@\"' \\") & set("".join(passwords))


def test_a_verifier_proves_the_password_and_does_not_hold_it() -> None:
    password = new_password()
    text = verifier(password)
    assert password not in text
    scheme, rest = text.split("$", 1)
    parameters, keys = rest.split("$")
    iterations, salt = parameters.split(":")
    stored, server = (base64.b64decode(part) for part in keys.split(":"))
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(iterations))
    client = hmac.digest(salted, b"Client Key", "sha256")
    assert (scheme, iterations) == ("SCRAM-SHA-256", "4096")
    assert stored == hashlib.sha256(client).digest()
    assert server == hmac.digest(salted, b"Server Key", "sha256")
    assert verifier(password) != text


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"username": "a"}', '{"username": "a", "password": 1}', "hunter2"])
def test_a_secret_that_is_none_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        Credentials.read(text)
    assert "hunter2" not in str(caught.value)


def test_what_is_written_is_what_is_read() -> None:
    one = Credentials(username="application_a", password=new_password())
    assert Credentials.read(one.text()) == one
