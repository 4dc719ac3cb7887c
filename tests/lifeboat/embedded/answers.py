"""What the tests of the embedded AWS expect of calls that must be refused, or that plain moto does not know."""

from __future__ import annotations

from collections.abc import Callable

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from tests.lifeboat.embedded.aws import Aws, Check


def refusal(call: Callable[[], object]) -> str:
    """Return what was answered to a call that must be refused; nothing when it was not."""
    try:
        call()
    except ClientError as error:
        return str(error)
    return ""


def answered(check: Check) -> Check:
    """Let a missing call fail like a wrong answer: what moto says then is no XML, so botocore cannot parse it."""

    def checked(aws: Aws) -> None:
        try:
            check(aws)
        except ResponseParserError as error:
            raise AssertionError("not implemented") from error

    return checked
