"""Calls that take turns, and faults of the embedded AWS that are told as such."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from unittest.mock import create_autospec

import pytest
from botocore.awsrequest import AWSPreparedRequest

from lifeboat.local.embedded.admin import Admin
from lifeboat.local.embedded.app import EmbeddedAws
from lifeboat.local.embedded.request import Call
from lifeboat.local.embedded.turns import FAILURES, ONE_AT_A_TIME, Failures, Turns
from tests.lifeboat.embedded.aws import Aws

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CALLERS = 4
# Services whose calls run functions, which call back: were they to take turns, they would wait for themselves.
CALL_OTHERS = {"events", "execute-api", "lambda", "monitoring", "route53", "secretsmanager", "sns", "states"}


class Slow:
    """An application that counts how many calls it answers at once."""

    def __init__(self) -> None:
        self.most = self._now = 0
        self._lock = threading.Lock()

    def __call__(self, _environ: WSGIEnvironment, _start_response: StartResponse) -> Iterable[bytes]:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        time.sleep(0.05)
        with self._lock:
            self._now -= 1
        return [b""]


def broken(_environ: WSGIEnvironment, _start_response: StartResponse) -> Iterable[bytes]:
    raise RuntimeError("dictionary changed size during iteration")


def signed(service: str, attempt: int = 1) -> WSGIEnvironment:
    return {
        "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential=test/20261120/eu-west-1/{service}/aws4_request, more",
        "HTTP_AMZ_SDK_REQUEST": f"attempt={attempt}; max=3",
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/thing",
    }


def application(moto: Callable[..., Iterable[bytes]]) -> EmbeddedAws:
    return EmbeddedAws(moto, create_autospec(Admin))


def most_at_once(service: str) -> int:
    slow = Slow()
    app = application(slow)
    with ThreadPoolExecutor(CALLERS) as callers:
        for answer in [callers.submit(app, signed(service), create_autospec(object)) for _ in range(CALLERS)]:
            assert answer.result() == [b""]
    return slow.most


def test_calls_of_a_service_that_keeps_records_are_answered_one_after_the_other() -> None:
    assert most_at_once("ec2") == 1


def test_calls_of_a_service_that_runs_functions_are_answered_side_by_side() -> None:
    assert most_at_once("lambda") > 1


def test_no_service_that_may_call_another_one_takes_turns() -> None:
    assert not CALL_OTHERS & ONE_AT_A_TIME


def test_the_turn_is_over_when_a_call_fails() -> None:
    app = application(broken)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            app(signed("ec2"), create_autospec(object))


def test_a_fault_of_the_embedded_aws_is_kept_with_its_call_and_its_line() -> None:
    with pytest.raises(RuntimeError):
        application(broken)(signed("kms"), create_autospec(object))
    kept = FAILURES.kept[-1]
    assert (kept.service, kept.region, kept.action) == ("kms", "eu-west-1", "GET /thing")
    assert kept.error.startswith("RuntimeError: dictionary changed size during iteration (")
    assert "test_turns.py:" in kept.error


def test_a_client_that_hangs_up_is_no_fault() -> None:
    failures = Failures()
    with pytest.raises(ConnectionAbortedError), failures.watch(Call.of(signed("ec2"))):
        raise ConnectionAbortedError
    assert failures.kept == ()


def test_a_call_that_is_asked_again_is_kept() -> None:
    failures = Failures()
    for attempt in (1, 2):
        with failures.watch(Call.of(signed("ec2", attempt))), Turns().take(Call.of(signed("ec2"))):
            pass
    assert [failure.error for failure in failures.kept] == ["asked again, attempt 2"]


def test_the_failures_are_to_be_had_from_outside(embedded_aws: Aws) -> None:
    kms = embedded_aws.own("kms")
    kms.meta.events.register("before-send.kms", lambda request, **_: second_attempt(request))
    kms.list_keys()
    last = embedded_aws.admin("GET", "failures")[-1]
    assert (last["service"], last["action"], last["error"]) == ("kms", "ListKeys", "asked again, attempt 2")


def second_attempt(request: AWSPreparedRequest) -> None:
    request.headers["amz-sdk-request"] = "attempt=2; max=3"
