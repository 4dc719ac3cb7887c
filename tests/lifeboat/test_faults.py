"""Faults of the embedded AWS itself are told apart from faults of what is deployed."""

from __future__ import annotations

import pytest
from botocore.awsrequest import AWSPreparedRequest

from deployments.system import System
from lifeboat.bootstrap import connect
from lifeboat.failure import Failure
from lifeboat.local import actions
from lifeboat.local.context import pointed_at
from lifeboat.local.server import EmbeddedAws
from lifeboat.processes import Process
from lifeboat.workspace import Workspace


def second_attempt(request: AWSPreparedRequest, **_: object) -> None:
    request.headers["amz-sdk-request"] = "attempt=2; max=3"


def test_a_failed_deploy_names_the_calls_that_the_embedded_aws_failed_on(
    tools: Workspace, embedded: EmbeddedAws, system: System, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.up(tools, [system], embedded.port, said.append)
    with pointed_at(embedded.url):
        s3 = connect().s3("us-east-1")
        s3.meta.events.register("before-send.s3", second_attempt)
        s3.list_buckets()
    monkeypatch.setenv("FAKE_DEPLOY", "silent")
    with pytest.raises(Failure) as caught:
        actions.deploy_all(tools, [system], said.append)
    _, _, faults = str(caught.value).partition("the embedded AWS itself failed, or was asked again:\n")
    assert "  s3 GET / in us-east-1: asked again, attempt 2" in faults.splitlines()


def test_an_embedded_aws_that_does_not_answer_has_no_faults_to_tell(embedded: EmbeddedAws) -> None:
    gone = EmbeddedAws(url="http://127.0.0.1:1", port=1, process=Process(pid=1, born="never"))
    assert gone.failures() == []
    assert isinstance(embedded.failures(), list)
