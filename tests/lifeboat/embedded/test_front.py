"""What a client of the embedded AWS sees: DNS that follows health checks, and entries that really answer."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import ConnectionClosedError

from lifeboat.local.embedded import launch
from tests.lifeboat.embedded.aws import Aws, eventually
from tests.lifeboat.embedded.functions import function, invoked
from tests.lifeboat.embedded.test_route53 import change, check, load_balancer, zone

ECHO = """
    import json
    count = 0
    def handler(event, context):
        global count
        count += 1
        said = {"path": event["path"], "method": event["httpMethod"], "body": event["body"], "count": count}
        return {"statusCode": 201, "headers": {"X-Told": "yes"}, "body": json.dumps(said)}
"""
COUNTING = """
    n = 0
    def handler(event, context):
        global n
        n += 1
        return n
"""
SLOW = """
    import pathlib, time
    def handler(event, context):
        folder = pathlib.Path(event["body"])
        (folder / "began").touch()
        while not (folder / "go-on").exists():
            time.sleep(0.02)
        return {"statusCode": 201, "body": ""}
"""
HOME, AWAY = "us-east-1", "us-west-2"
NO_HEADERS: Mapping[str, str] = {}


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with launch.running() as url:
        yield Aws(url)


@pytest.fixture(autouse=True)
def light(aws: Aws) -> Iterator[None]:
    yield
    for each in aws.admin("GET", "health")["dark"]:
        aws.admin("DELETE", f"dark/{each}")
    aws.admin("DELETE", "checkers")
    aws.admin("PUT", "functions?kept=no")


def ask(
    aws: Aws, host: str, path: str, *, method: str = "GET", body: str = "", headers: Mapping[str, str] = NO_HEADERS
) -> tuple[int, dict[str, str], str]:
    request = urllib.request.Request(  # noqa: S310 - loopback
        f"{aws.url}/lifeboat/web/{host}{path}", method=method, data=body.encode() or None
    )
    for name, value in {"Content-Type": "application/json", **headers}.items():
        request.add_header(name, value)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read().decode()


@pytest.fixture(scope="module")
def pair(aws: Aws) -> str:
    """A failover pair of load balancers in two regions, each with a health check on its own name."""
    zone_id, name = zone(aws)
    for region, role in ((HOME, "PRIMARY"), (AWAY, "SECONDARY")):
        dns, dns_zone = load_balancer(aws, ECHO, region)
        target = {"DNSName": dns, "HostedZoneId": dns_zone, "EvaluateTargetHealth": True}
        own = f"{region}.{name}"
        change(aws, zone_id, "CREATE", {"Name": own, "Type": "A", "AliasTarget": target})
        settings = {"Port": 443, "ResourcePath": "/health", "RequestInterval": 10, "FailureThreshold": 2}
        made = check(aws, Type="HTTPS", FullyQualifiedDomainName=own, **settings)
        record = {"Name": name, "Type": "A", "AliasTarget": target, "SetIdentifier": region}
        change(aws, zone_id, "CREATE", {**record, "Failover": role, "HealthCheckId": made})
    return name


def region_of(aws: Aws, name: str) -> str:
    return str(aws.admin("GET", f"dns/{name}")["region"])


def test_a_request_reaches_the_function_behind_the_load_balancer(aws: Aws, pair: str) -> None:
    status, headers, body = ask(aws, pair, "/orders?x=1", method="POST", body='{"a": 1}')
    assert (status, headers["X-Told"]) == (201, "yes")
    assert json.loads(body) == {"path": "/orders", "method": "POST", "body": '{"a": 1}', "count": 1}


def test_dns_follows_health_checks_at_once_while_the_checkers_rest(aws: Aws, pair: str) -> None:
    assert region_of(aws, pair) == HOME
    aws.admin("PUT", f"dark/{HOME}")
    assert region_of(aws, pair) == AWAY
    aws.admin("PUT", f"dark/{AWAY}")
    assert region_of(aws, pair) == HOME, "when nobody is healthy, Route 53 answers as if everybody were"


def test_working_checkers_turn_after_the_failures_that_a_check_asks_for(aws: Aws, pair: str) -> None:
    aws.admin("PUT", "checkers?speed=20")
    assert eventually(lambda: aws.admin("GET", "checkers")["checks"])
    aws.admin("PUT", f"dark/{HOME}")
    assert region_of(aws, pair) == HOME, "one failure is not enough"
    assert eventually(lambda: region_of(aws, pair) == AWAY, 20)
    (turn,) = [each for each in aws.admin("GET", "checkers")["turns"] if not each["healthy"]]
    assert turn["host"] == f"{HOME}.{pair}"
    aws.admin("DELETE", f"dark/{HOME}")
    assert eventually(lambda: region_of(aws, pair) == HOME, 20)


def test_a_dark_region_answers_no_client_and_a_dark_function_is_a_bad_gateway(aws: Aws, pair: str) -> None:
    aws.admin("PUT", f"dark/{HOME}?service=lambda")
    assert ask(aws, f"{HOME}.{pair}", "/")[0] == 502
    aws.admin("PUT", f"dark/{HOME}?service=elasticloadbalancing")
    status, headers, _ = ask(aws, f"{HOME}.{pair}", "/")
    assert (status, "X-Lifeboat-Unreachable" in headers) == (504, True)
    assert ask(aws, "nobody.example.org", "/")[0] == 504


@pytest.mark.parametrize(
    ("dark", "told"),
    [(HOME, 504), (f"{HOME}?service=elasticloadbalancing", 504), (f"{HOME}?service=lambda", 502)],
)
def test_an_answer_that_is_made_while_its_place_goes_dark_does_not_leave_it(
    aws: Aws, tmp_path: Path, dark: str, told: int
) -> None:
    """What it wrote is not replicated any more, so nobody may be told that it is kept."""
    host, _ = load_balancer(aws, SLOW, HOME)
    began, go_on = tmp_path / "began", tmp_path / "go-on"
    with ThreadPoolExecutor() as beside:
        asked = beside.submit(ask, aws, host, "/", method="POST", body=str(tmp_path))
        assert eventually(began.exists)
        aws.admin("PUT", f"dark/{dark}")
        go_on.touch()
        assert asked.result()[0] == told


def test_a_call_that_is_answered_while_its_region_goes_dark_is_not_told_so(aws: Aws, tmp_path: Path) -> None:
    name = function(aws, SLOW)
    calls = len(aws.admin("GET", "dark/calls"))
    with ThreadPoolExecutor() as beside:
        asked = beside.submit(invoked, aws, name, {"body": str(tmp_path)})
        assert eventually((tmp_path / "began").exists)
        aws.admin("PUT", f"dark/{HOME}")
        (tmp_path / "go-on").touch()
        with pytest.raises(ConnectionClosedError):
            asked.result()
    assert len(aws.admin("GET", "dark/calls")) == calls, "nobody called what was dark"


def test_one_service_of_a_region_goes_dark_by_itself(aws: Aws) -> None:
    assert aws.admin("PUT", f"dark/{HOME}?service=sqs") == {"dark": [f"{HOME}?service=sqs"]}
    with pytest.raises(ConnectionClosedError):
        aws("sqs", HOME).list_queues()
    aws("sqs", AWAY).list_queues()
    aws("sns", HOME).list_topics()
    call = aws.admin("GET", "dark/calls")[-1]
    assert (call["service"], call["region"], call["caller"]) == ("sqs", HOME, "test")
    assert aws.admin("DELETE", f"dark/{HOME}") == {"dark": []}, "lighting a region lights all of it"
    aws("sqs", HOME).list_queues()


def test_kept_environments_remember_and_others_begin_anew(aws: Aws) -> None:
    name = function(aws, COUNTING)

    def run() -> object:
        return json.loads(aws("lambda").invoke(FunctionName=name, Payload=b"{}")["Payload"].read())

    assert [run(), run()] == [1, 1]
    aws.admin("PUT", "functions?kept=yes")
    assert [run(), run(), run()] == [1, 2, 3]
    aws.admin("PUT", "functions?kept=no")
    assert run() == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "dark/moon"),
        ("PUT", "checkers?speed=0"),
        ("PUT", "checkers?speed=fast"),
        ("PUT", "replication/us-east-1?paused=maybe"),
        ("PUT", "functions?kept=perhaps"),
    ],
)
def test_what_is_impossible_is_refused_with_what_is_allowed(aws: Aws, method: str, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as raised:
        aws.admin(method, path)
    assert raised.value.code == 400
    assert "allowed" in json.load(raised.value)


def test_replication_that_was_held_by_itself_stays_held_when_its_region_is_lit(aws: Aws) -> None:
    aws.admin("PUT", f"replication/{HOME}?paused=yes")
    aws.admin("PUT", f"dark/{HOME}")
    aws.admin("DELETE", f"dark/{HOME}")
    assert aws.admin("PUT", f"replication/{AWAY}?paused=no") == {"paused": [HOME]}
    assert aws.admin("PUT", f"replication/{HOME}?paused=no") == {"paused": []}
