"""The simulation of a viewer: a request walks through a distribution as it is deployed."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from functions.packaging import FUNCTIONS
from tests.lifeboat.embedded.aws import Aws
from tests.lifeboat.embedded.distributions import REGIONS, Delivered, edge_function, light_function, made
from tests.lifeboat.embedded.functions import zipped

WEST, EAST = REGIONS


@dataclass(frozen=True)
class Seen:
    """What a viewer got."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def trace(self) -> dict[str, Any]:
        """What happened on the way."""
        found: dict[str, Any] = json.loads(self.headers["x-lifeboat-trace"])
        return found

    @property
    def asked(self) -> list[tuple[str, int]]:
        """Region and status of every bucket that was asked, in order."""
        return [(domain.split(".")[2], status) for domain, status in self.trace["origins"]]


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Show a redirect in place of following it."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


OPENER = urllib.request.build_opener(NoRedirect)


def see(aws: Aws, host: str, path: str, *, method: str = "GET", **headers: str) -> Seen:
    """Ask as a viewer would; an underscore in a header's name stands for a hyphen."""
    request = urllib.request.Request(  # noqa: S310 - loopback
        f"{aws.url}/lifeboat/edge/{host}{path}",
        method=method,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )
    try:
        response = OPENER.open(request, timeout=60)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        names = {name.lower(): value for name, value in response.headers.items()}
        return Seen(response.status, names, response.read().decode())


@contextmanager
def dark(aws: Aws, *regions: str) -> Iterator[None]:
    for region in regions:
        aws.admin("PUT", f"dark/{region}")
    try:
        yield
    finally:
        for region in regions:
            aws.admin("DELETE", f"dark/{region}")


@pytest.fixture(scope="module")
def plain(embedded_aws: Aws) -> Delivered:
    """A distribution without code."""
    delivered = Delivered(embedded_aws)
    for key in ("index.html", "errors/404.html"):
        delivered.put_everywhere(key)
    return delivered


@pytest.fixture(scope="module")
def coded(embedded_aws: Aws, tmp_path_factory: pytest.TempPathFactory) -> Delivered:
    """A distribution with the project's own code at every place."""
    cache = tmp_path_factory.mktemp("archives")
    lambdas = {
        "viewer-request": edge_function(embedded_aws, "edge_viewer", cache),
        "origin-request": edge_function(embedded_aws, "edge_origin", cache),
    }
    code = (FUNCTIONS / "edge_path" / "function.js").read_text(encoding="utf-8")
    delivered = Delivered(embedded_aws, lambdas=lambdas, light=light_function(embedded_aws, code))
    for key in ("index.html", "_b/index.html", "docs/index.html", "assets/a b.css", "errors/404.html"):
        delivered.put_everywhere(key)
    return delivered


def test_the_first_member_answers_while_it_can(embedded_aws: Aws, plain: Delivered) -> None:
    seen = see(embedded_aws, plain.host, "/")
    assert (seen.status, seen.text) == (200, f"index.html of {WEST}")
    assert seen.headers["x-lifeboat-simulation"] == "true"
    assert seen.asked == [(WEST, 200)]


def test_a_distribution_answers_under_its_own_name_too_and_no_other(embedded_aws: Aws, plain: Delivered) -> None:
    own = embedded_aws("cloudfront").get_distribution(Id=plain.id)["Distribution"]["DomainName"]
    assert see(embedded_aws, own, "/index.html").status == 200
    assert see(embedded_aws, "nobody.example.com", "/").status == 404


def test_with_the_first_region_dark_the_content_still_comes(embedded_aws: Aws, plain: Delivered) -> None:
    with dark(embedded_aws, WEST):
        seen = see(embedded_aws, plain.host, "/index.html")
    assert (seen.status, seen.text) == (200, f"index.html of {EAST}")
    assert seen.asked == [(WEST, 0), (EAST, 200)]


def test_with_every_region_dark_the_viewer_is_told_so(embedded_aws: Aws, plain: Delivered) -> None:
    with dark(embedded_aws, *REGIONS):
        seen = see(embedded_aws, plain.host, "/index.html")
    assert (seen.status, seen.asked) == (504, [(WEST, 0), (EAST, 0)])


def test_what_is_not_replicated_yet_is_found_in_the_other_region(embedded_aws: Aws, plain: Delivered) -> None:
    plain.put(EAST, "new.html", "new")
    seen = see(embedded_aws, plain.host, "/new.html")
    assert (seen.text, seen.asked) == ("new", [(WEST, 404), (EAST, 200)])


def test_what_is_nowhere_is_the_error_page_with_the_errors_status(embedded_aws: Aws, plain: Delivered) -> None:
    seen = see(embedded_aws, plain.host, "/nothing.html")
    assert (seen.status, seen.text) == (404, f"errors/404.html of {WEST}")


def test_a_code_that_is_not_among_the_criteria_does_not_fail_over(embedded_aws: Aws) -> None:
    delivered = Delivered(embedded_aws, changes={"CustomErrorResponses": {"Quantity": 0}})
    client = embedded_aws("cloudfront")
    found = client.get_distribution_config(Id=delivered.id)
    config = found["DistributionConfig"]
    config["OriginGroups"]["Items"][0]["FailoverCriteria"]["StatusCodes"] = {"Quantity": 1, "Items": [500]}
    client.update_distribution(Id=delivered.id, IfMatch=found["ETag"], DistributionConfig=config)
    delivered.put(EAST, "only-east.html", "x")
    assert see(embedded_aws, delivered.host, "/only-east.html").asked == [(WEST, 404)]


def test_a_bucket_that_admits_another_distribution_admits_nobody_else(embedded_aws: Aws) -> None:
    delivered = Delivered(embedded_aws)
    delivered.put_everywhere("index.html")
    for region in REGIONS:
        delivered.admit(region, "arn:aws:cloudfront::123456789012:distribution/ANOTHER")
    seen = see(embedded_aws, delivered.host, "/index.html")
    assert (seen.status, seen.asked) == (403, [(WEST, 403), (EAST, 403)])


def test_what_the_key_keeps_from_cloudfront_is_not_delivered(embedded_aws: Aws) -> None:
    delivered, key = Delivered(embedded_aws), embedded_aws("kms", WEST).create_key()["KeyMetadata"]
    delivered.put(WEST, "index.html", "x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key["Arn"])
    assert see(embedded_aws, delivered.host, "/index.html").asked[0] == (WEST, 403)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:cloudfront::123456789012:distribution/*"}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    embedded_aws("kms", WEST).put_key_policy(KeyId=key["KeyId"], PolicyName="default", Policy=policy)
    assert see(embedded_aws, delivered.host, "/index.html").asked == [(WEST, 200)]


def test_writing_is_refused_and_plain_http_sent_to_https(embedded_aws: Aws, plain: Delivered) -> None:
    assert see(embedded_aws, plain.host, "/index.html", method="POST").status == 403
    seen = see(embedded_aws, plain.host, "/index.html?a=1", X_Lifeboat_Scheme="http")
    assert (seen.status, seen.headers["location"]) == (301, f"https://{plain.host}/index.html?a=1")


def test_the_region_near_the_viewer_is_asked_first(embedded_aws: Aws, coded: Delivered) -> None:
    near = {
        place: see(embedded_aws, coded.host, "/", X_Lifeboat_Near=place, X_Variant="none").text
        for place in ("us-east-1", "us-west-2", "eu-central-1")
    }
    assert near == {
        "us-east-1": f"index.html of {EAST}",
        "us-west-2": f"index.html of {WEST}",
        "eu-central-1": f"index.html of {EAST}",
    }


@pytest.mark.parametrize(("gone", "left"), [(WEST, EAST), (EAST, WEST)])
def test_whichever_region_is_dark_the_other_answers_for_every_viewer(
    embedded_aws: Aws, coded: Delivered, gone: str, left: str
) -> None:
    with dark(embedded_aws, gone):
        for place in REGIONS:
            seen = see(embedded_aws, coded.host, "/", X_Lifeboat_Near=place, X_Variant="none")
            assert (seen.status, seen.text) == (200, f"index.html of {left}")


def test_a_failover_is_counted_in_the_log_near_the_viewer(embedded_aws: Aws, coded: Delivered) -> None:
    see(embedded_aws, coded.host, "/missing.html", X_Lifeboat_Near="eu-west-2", X_Variant="none")
    name = coded.lambdas["origin-request"].split(":")[6]
    logs = embedded_aws("logs", "eu-west-2").filter_log_events(logGroupName=f"/aws/lambda/us-east-1.{name}")
    lines = [json.loads(each["message"]) for each in logs["events"] if each["message"].startswith("{")]
    counted = [line for line in lines if line.get("uri") == "/missing.html"]
    assert [(line["OriginFailovers"], line["Distribution"]) for line in counted] == [(1, coded.id)]


def test_a_visitor_sees_the_variant_that_a_header_asks_for(embedded_aws: Aws, coded: Delivered) -> None:
    seen = see(embedded_aws, coded.host, "/", X_Variant="b", X_Lifeboat_Near=EAST)
    assert (seen.text, seen.trace["uri"]) == (f"_b/index.html of {EAST}", "/_b/index.html")


def test_a_folder_is_sent_to_its_slash_and_shows_its_page(embedded_aws: Aws, coded: Delivered) -> None:
    moved = see(embedded_aws, coded.host, "/docs?q=1", X_Variant="none")
    assert (moved.status, moved.headers["location"]) == (301, "/docs/?q=1")
    assert see(embedded_aws, coded.host, "/docs/", X_Variant="none").text.startswith("docs/index.html of")


def test_the_cloudfront_function_runs_where_it_is_associated(embedded_aws: Aws, coded: Delivered) -> None:
    seen = see(embedded_aws, coded.host, "/assets/./x/..//a%20b.css", X_Lifeboat_Near=EAST)
    assert (seen.trace["behavior"], seen.trace["uri"]) == ("/assets/*", "/assets/a%20b.css")
    assert seen.text == f"assets/a b.css of {EAST}"


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("def handler(event, context): raise ValueError('broken')", 503),
        ("def handler(event, context): return None", 502),
        (
            "def handler(event, context):\n    r = event['Records'][0]['cf']['request']\n"
            "    r['headers']['x-edge-x'] = [{'key': 'X-Edge-X', 'value': 'y'}]\n    return r",
            502,
        ),
        (
            "def handler(event, context):\n    r = event['Records'][0]['cf']['request']\n"
            "    r['headers']['host'] = [{'key': 'Host', 'value': 'other'}]\n    return r",
            502,
        ),
    ],
)
def test_code_that_fails_or_breaks_the_rules_of_headers_is_an_error_for_the_viewer(
    embedded_aws: Aws, source: str, status: int
) -> None:
    arn = made(embedded_aws, embedded_aws.name("edge"), zipped(app=source), "app.handler")
    delivered = Delivered(embedded_aws, lambdas={"viewer-request": arn})
    assert see(embedded_aws, delivered.host, "/index.html").status == status


def test_a_cloudfront_function_sees_the_language_and_nothing_of_the_machine(embedded_aws: Aws) -> None:
    condition = "typeof require + typeof process === 'undefinedundefined'"
    code = f"function handler(event) {{ return {condition} ? event.request : null; }}"
    delivered = Delivered(embedded_aws, light=light_function(embedded_aws, code))
    delivered.put_everywhere("assets/x.css")
    assert see(embedded_aws, delivered.host, "/assets/x.css").status == 200


def test_security_headers_come_with_every_answer_errors_included(embedded_aws: Aws) -> None:
    security = {"FrameOptions": {"Override": True, "FrameOption": "DENY"}}
    config = {"Name": embedded_aws.name("headers"), "SecurityHeadersConfig": security}
    made_ = embedded_aws("cloudfront").create_response_headers_policy(ResponseHeadersPolicyConfig=config)
    delivered = Delivered(embedded_aws)
    client = embedded_aws("cloudfront")
    found = client.get_distribution_config(Id=delivered.id)
    changed = found["DistributionConfig"]
    changed["DefaultCacheBehavior"]["ResponseHeadersPolicyId"] = made_["ResponseHeadersPolicy"]["Id"]
    client.update_distribution(Id=delivered.id, IfMatch=found["ETag"], DistributionConfig=changed)
    assert see(embedded_aws, delivered.host, "/nothing").headers["x-frame-options"] == "DENY"


def test_a_hostile_path_leads_nowhere(embedded_aws: Aws, coded: Delivered) -> None:
    for path in ("/%00", "/a\\b", "/%2e%2e/%2e%2e/etc/passwd", "//x.example.com/y"):
        assert see(embedded_aws, coded.host, path.replace("\\", "%5C"), X_Variant="none").status in {301, 404}
