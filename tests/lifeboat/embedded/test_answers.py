"""An answer that was lost is given again: asking twice does nothing twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest
from botocore.awsrequest import AWSPreparedRequest

from lifeboat.local.embedded.answers import KEPT, LARGEST, Answers
from tests.lifeboat.embedded.aws import Aws

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

INVOCATION = "0f5a8d3e"


class Counting:
    """An application whose answers are numbered."""

    def __init__(self, status: str = "200 OK", body: bytes = b"answer") -> None:
        self.calls, self._status, self._body = 0, status, body

    def __call__(self, _environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.calls += 1
        start_response(self._status, [("X-Number", str(self.calls))])(b"%d " % self.calls)
        return [self._body]


def ask(answers: Answers, application: Counting, invocation: str = INVOCATION) -> tuple[str, str, bytes]:
    heard: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _error: object = None, /) -> object:
        heard.append((status, headers))
        return heard.append

    environ = {"HTTP_AMZ_SDK_INVOCATION_ID": invocation} if invocation else {}
    body = b"".join(answers.answer(application, environ, start))  # type: ignore[arg-type] # as much of WSGI as is used
    status, headers = heard[-1]
    return status, dict(headers)["X-Number"], body


def test_the_second_attempt_gets_the_answer_of_the_first() -> None:
    answers, application = Answers(), Counting()
    assert ask(answers, application) == ask(answers, application) == ("200 OK", "1", b"1 answer")
    assert application.calls == 1


def test_another_invocation_is_another_call() -> None:
    answers, application = Answers(), Counting()
    assert [ask(answers, application, name)[1] for name in ("one", "two", "one")] == ["1", "2", "1"]


@pytest.mark.parametrize("status", ["400 Bad Request", "500 Internal Server Error"])
def test_an_error_is_not_repeated_without_trying_again(status: str) -> None:
    answers, application = Answers(), Counting(status)
    assert [ask(answers, application)[1] for _ in range(2)] == ["1", "2"]


def test_large_answers_are_not_kept_and_old_ones_not_for_ever() -> None:
    answers, large = Answers(), Counting(body=b"x" * LARGEST)
    assert [ask(answers, large)[1] for _ in range(2)] == ["1", "2"]
    application = Counting()
    for number in range(KEPT + 1):
        ask(answers, application, str(number))
    assert ask(answers, application, "1")[1] == "2"
    assert ask(answers, application, "0")[1] == str(KEPT + 2)


def test_a_vpc_that_is_asked_for_twice_under_one_invocation_is_made_once(embedded_aws: Aws) -> None:
    ec2 = embedded_aws.own("ec2")
    ec2.meta.events.register("before-send.ec2", same_invocation)
    group = {"GroupName": embedded_aws.name("group"), "Description": "one"}
    assert ec2.create_security_group(**group)["GroupId"] == ec2.create_security_group(**group)["GroupId"]


def same_invocation(request: AWSPreparedRequest, **_: object) -> None:
    request.headers["amz-sdk-invocation-id"] = INVOCATION
