"""A request's way through a distribution: behaviour, code at the edge, origins one after the other, error pages."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from moto.cloudfront.models import CloudFrontBackend, Distribution

from lifeboat.local.embedded.gaps.cloudfront import items
from lifeboat.local.embedded.viewer.bucket import ask_bucket
from lifeboat.local.embedded.viewer.code import run_cloudfront_function, run_lambda
from lifeboat.local.embedded.viewer.exchange import (
    Answer,
    Document,
    EdgeError,
    Headers,
    NoAnswerError,
    Request,
    headers_of,
)
from lifeboat.local.embedded.viewer.headers import is_disallowed
from lifeboat.local.embedded.viewer.response_headers import with_policy

FAILING_OVER = {"GET", "HEAD", "OPTIONS"}
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html"""
GATEWAY_TIMEOUT = 504


@dataclass(kw_only=True)
class Trace:
    """What happened on the way, told in a header of the answer.

    Attributes:
        behavior: Path pattern of the behaviour that was chosen; `*` is the default one.
        uri: What was asked for after the viewer-request.
        origins: Host and status of every origin that was asked; 0 is no answer.
    """

    behavior: str = ""
    uri: str = ""
    origins: list[tuple[str, int]] = field(default_factory=list)


class Delivery:
    """One request to one distribution."""

    def __init__(self, backend: CloudFrontBackend, distribution: Distribution, near: str) -> None:
        """Prepare a delivery.

        Args:
            backend: Where the distribution is kept.
            distribution: What is deployed.
            near: Region near the viewer, where code at the edge runs.
        """
        self._backend = backend
        self._distribution = distribution
        self._config: Document = distribution.distribution_config.__dict__
        self._near = near
        self._id = uuid.uuid4().hex
        self.trace = Trace()

    def answer(self, request: Request, *, is_https: bool) -> Answer:
        """Return what the viewer gets; what CloudFront itself refuses included."""
        behavior = self._behavior(request.uri)
        self.trace.behavior = behavior.get("PathPattern", "*")
        try:
            found = self._through(behavior, request, is_https=is_https)
        except EdgeError as error:
            found = Answer(status=error.status, headers=headers_of(content_type="text/plain"), body=str(error).encode())
        return with_policy(self._backend, behavior, self._error_page(found))

    def _through(self, behavior: Document, request: Request, *, is_https: bool) -> Answer:
        policy = behavior["ViewerProtocolPolicy"]
        if not is_https and policy == "redirect-to-https":
            host = request.headers["host"][0]["value"]
            query = f"?{request.query}" if request.query else ""
            return Answer(status=301, headers=headers_of(location=f"https://{host}{request.uri}{query}"))
        if not is_https and policy == "https-only":
            raise EdgeError(403, "this distribution speaks HTTPS only")
        if request.method not in items(behavior, "AllowedMethods"):
            raise EdgeError(403, f"this distribution does not take {request.method} here")
        if request.uri == "/" and self._config["DefaultRootObject"]:
            request = replace(request, uri=f"/{self._config['DefaultRootObject']}")
        changed = self._before_cache(behavior, request)
        if isinstance(changed, Answer):
            return changed
        self.trace.uri = changed.uri
        return self._after_cache(behavior, changed, self._from_origins(behavior, changed))

    def _behavior(self, uri: str) -> Document:
        """Choose by the path that the viewer asked for; the first pattern that fits wins."""
        for behavior in items(self._config, "CacheBehaviors"):
            if _fits(behavior["PathPattern"], uri):
                found: Document = behavior
                return found
        default: Document = self._config["DefaultCacheBehavior"]
        return default

    def _before_cache(self, behavior: Document, request: Request) -> Request | Answer:
        """Run what runs at the viewer-request."""
        event = "viewer-request"
        document = {"config": self._told(event), "request": request.rendered()}
        for each in items(behavior, "FunctionAssociations"):
            if each["EventType"] == event:
                return _result(request, run_cloudfront_function(each["FunctionARN"], document))
        for arn in _lambdas(behavior, event):
            return _result(request, run_lambda(arn, event, document, self._near))
        return request

    def _after_cache(self, behavior: Document, request: Request, answer: Answer) -> Answer:
        """Run what runs at the viewer-response; errors pass it by."""
        event = "viewer-response"
        if answer.status >= 400:
            return answer
        for arn in _lambdas(behavior, event):
            response = {"status": str(answer.status), "statusDescription": "", "headers": answer.headers}
            document = {"config": self._told(event), "request": request.rendered(), "response": response}
            return replace(answer, headers=run_lambda(arn, event, document, self._near).get("headers", {}))
        return answer

    def _from_origins(self, behavior: Document, request: Request) -> Answer:
        """Ask the origin, or the members of a group in turn until one's answer is not among those that fail over."""
        members, codes = self._members(behavior["TargetOriginId"])
        if request.method not in FAILING_OVER:
            members = members[:1]
        found = Answer(status=GATEWAY_TIMEOUT, body=b"no origin answers")
        for place, member in enumerate(members):
            try:
                found = self._ask(behavior, request, member)
            except NoAnswerError:
                found = Answer(status=GATEWAY_TIMEOUT, body=b"no origin answers")
                continue
            if found.status not in codes or place == len(members) - 1:
                break
        return replace(found, body=b"") if request.method == "HEAD" else found

    def _members(self, target: str) -> tuple[list[Document], set[int]]:
        origins = {origin["Id"]: origin for origin in items(self._config, "Origins")}
        for group in items(self._config, "OriginGroups"):
            if group["Id"] == target:
                codes = {int(code) for code in items(group["FailoverCriteria"], "StatusCodes")}
                return [origins[member["OriginId"]] for member in items(group, "Members")], codes
        return [origins[target]], set()

    def _ask(self, behavior: Document, request: Request, member: Document) -> Answer:
        """Ask one origin, as code at the origin-request wants it asked.

        Raises:
            NoAnswerError: It does not answer.
        """
        event = "origin-request"
        sent = _to_origin(request, member)
        for arn in _lambdas(behavior, event):
            changed = run_lambda(arn, event, {"config": self._told(event), "request": sent}, self._near)
            if "status" in changed:
                return Answer.of(changed)
            sent = changed
        origin = sent["origin"].get("s3")
        if origin is None:
            raise EdgeError(502, "the simulation asks buckets and no other origins")
        try:
            found = ask_bucket(
                origin["domainName"],
                origin.get("path", "") + sent["uri"],
                self._distribution.arn,
                signed=self._signs(member),
            )
        except NoAnswerError:
            self.trace.origins.append((origin["domainName"], 0))
            raise
        self.trace.origins.append((origin["domainName"], found.status))
        for arn in _lambdas(behavior, "origin-response"):
            response = {"status": str(found.status), "statusDescription": "", "headers": found.headers}
            document = {"config": self._told("origin-response"), "request": sent, "response": response}
            changed = run_lambda(arn, "origin-response", document, self._near)
            found = replace(Answer.of(changed | {"body": ""}), body=found.body)
        return found

    def _signs(self, member: Document) -> bool:
        control = self._backend.origin_access_controls.get(member.get("OriginAccessControlId"))
        return control is not None and control.signing_behavior == "always" and control.origin_type == "s3"

    def _error_page(self, found: Answer) -> Answer:
        """Put the distribution's own page in the place of an error; where that one fails, too, the error stays."""
        for page in items(self._config, "CustomErrorResponses"):
            if int(page["ErrorCode"]) == found.status and page.get("ResponsePagePath"):
                asked = Request(method="GET", uri=page["ResponsePagePath"], query="", headers={}, ip="")
                try:
                    shown = self._from_origins(self._behavior(asked.uri), asked)
                except EdgeError:
                    return found
                return replace(shown, status=int(page["ResponseCode"])) if shown.status == 200 else found
        return found

    def _told(self, event: str) -> Document:
        return {
            "distributionDomainName": self._distribution.domain_name,
            "distributionId": self._distribution.distribution_id,
            "eventType": event,
            "requestId": self._id,
        }


def _lambdas(behavior: Document, event: str) -> Iterator[str]:
    for each in items(behavior, "LambdaFunctionAssociations"):
        if each["EventType"] == event:
            yield each["LambdaFunctionARN"]


def _result(request: Request, document: Document) -> Request | Answer:
    return Answer.of(document) if "status" in document else request.changed(document)


def _to_origin(request: Request, member: Document) -> Document:
    """Write the request that goes to an origin: no header of the viewer's, since none is part of the cache's key."""
    forwarded = headers_of(user_agent="Amazon CloudFront", via="2.0 edge.cloudfront.net (CloudFront)")
    own: Headers = {
        each["HeaderName"].lower(): [{"key": each["HeaderName"], "value": each["HeaderValue"]}]
        for each in items(member, "CustomHeaders")
    }
    domain = member["DomainName"]
    told: Mapping[str, object] = {
        "authMethod": "none",  # what CloudFront tells about an origin with an access control
        "customHeaders": own,
        "domainName": domain,
        "path": member.get("OriginPath", ""),
        "region": domain.partition(".s3.")[2].partition(".")[0],
    }
    headers = forwarded | headers_of(host=domain, x_forwarded_for=request.ip)
    return request.rendered() | {"headers": headers, "origin": {"s3": told}}


def _fits(pattern: str, uri: str) -> bool:
    """Match a path pattern: `*` is any text, `?` one character, and a leading slash may be left out.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
    """
    text = re.escape(pattern.lstrip("/")).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(text, uri.removeprefix("/"), re.DOTALL) is not None


def visible(headers: Headers) -> Headers:
    """Leave out what code at the edge never sees."""
    return {name: values for name, values in headers.items() if not is_disallowed(name)}
