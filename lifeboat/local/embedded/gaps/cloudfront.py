"""CloudFront: a distribution is kept as it was asked for, refers to what exists, and is deleted when it is off."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.cloudfront import models
from moto.cloudfront.exceptions import CloudFrontException
from moto.cloudfront.models import CloudFrontBackend, Distribution, DistributionConfig, cloudfront_backends

from lifeboat.local.embedded.gap import Gap

Document = dict[str, Any]

NONE = {"Quantity": 0}
EVENT_LIMITS = {"viewer": (128, 5), "origin": (10240, 30)}
"""Memory in MB and seconds: .../AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-lambda-at-edge"""
MANAGED_CACHE_POLICIES = {
    "658327ea-f89d-4fab-a63d-7e88639e58f6": "CachingOptimized",
    "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": "CachingDisabled",
    "b2884449-e4de-46a7-ac36-70bc7f1ddd6d": "CachingOptimizedForUncompressedObjects",
}
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html"""


def items(holder: Document, name: str) -> list[Any]:
    """Return the items of one of CloudFront's counted lists; an absent list has none."""
    found: list[Any] = (holder.get(name) or {}).get("Items") or []
    return found


def behaviors(config: Document) -> list[Document]:
    """Return the ordered cache behaviours, then the default one."""
    return [*items(config, "CacheBehaviors"), config["DefaultCacheBehavior"]]


def completed(config: Document) -> Document:
    """Return a configuration with everything that AWS fills in and sends back."""
    whole: Document = {
        "Aliases": NONE,
        "DefaultRootObject": "",
        "OriginGroups": NONE,
        "CacheBehaviors": NONE,
        "CustomErrorResponses": NONE,
        "Comment": "",
        "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
        "PriceClass": "PriceClass_All",
        "ViewerCertificate": {},
        "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
        "WebACLId": "",
        "HttpVersion": "http2",
        "IsIPV6Enabled": True,
        "ContinuousDeploymentPolicyId": "",
        "Staging": False,
    } | {key: value for key, value in copy.deepcopy(config).items() if value is not None}
    whole["ViewerCertificate"] = _certificate(whole["ViewerCertificate"])
    whole["Origins"]["Items"] = [_origin(origin) for origin in items(whole, "Origins")]
    whole["DefaultCacheBehavior"] = _behavior(whole["DefaultCacheBehavior"])
    if items(whole, "CacheBehaviors"):
        whole["CacheBehaviors"]["Items"] = [_behavior(each) for each in items(whole, "CacheBehaviors")]
    return whole


def _certificate(given: Document) -> Document:
    own = given.get("ACMCertificateArn") or given.get("IAMCertificateId")
    source = "acm" if given.get("ACMCertificateArn") else "iam" if own else "cloudfront"
    if not own:
        return {
            "CloudFrontDefaultCertificate": True,
            "SSLSupportMethod": "vip",
            "MinimumProtocolVersion": "TLSv1",
            "CertificateSource": source,
        }
    return given | {"CloudFrontDefaultCertificate": False, "Certificate": own, "CertificateSource": source}


def _origin(given: Document) -> Document:
    return {
        "OriginPath": "",
        "CustomHeaders": NONE,
        "ConnectionAttempts": 3,
        "ConnectionTimeout": 10,
        "OriginShield": {"Enabled": False},
        "OriginAccessControlId": "",
    } | {key: value for key, value in given.items() if value is not None}


def _behavior(given: Document) -> Document:
    return {
        "TrustedSigners": {"Enabled": False, "Quantity": 0},
        "TrustedKeyGroups": {"Enabled": False, "Quantity": 0},
        "SmoothStreaming": False,
        "Compress": False,
        "LambdaFunctionAssociations": NONE,
        "FunctionAssociations": NONE,
        "FieldLevelEncryptionId": "",
        "GrpcConfig": {"Enabled": False},
    } | {key: value for key, value in given.items() if value is not None}


def fill_settings() -> None:
    """Keep a configuration whole instead of the part that moto knows."""

    def init(self: DistributionConfig, config: Document) -> None:
        whole = completed(config)
        self.__dict__.update(whole)
        self.caller_reference = whole["CallerReference"]  # moto looks for it under this name

    DistributionConfig.__init__ = init


def complaints(backend: CloudFrontBackend, config: Document) -> Iterator[tuple[str, str]]:
    """Yield code and message of everything that AWS would refuse."""
    origins = {origin["Id"] for origin in items(config, "Origins")}
    targets = origins | {group["Id"] for group in items(config, "OriginGroups")}
    members = {m["OriginId"] for group in items(config, "OriginGroups") for m in items(group, "Members")}
    for missing in (members - origins) | {each["TargetOriginId"] for each in behaviors(config)} - targets:
        yield "NoSuchOrigin", f"One or more of your origins or origin groups do not exist: {missing}"
    for origin in items(config, "Origins"):
        access = origin.get("OriginAccessControlId")
        if access and access not in backend.origin_access_controls:
            yield "InvalidOriginAccessControl", f"The origin access control {access} does not exist."
    certificate = (config.get("ViewerCertificate") or {}).get("ACMCertificateArn")
    if certificate and ":us-east-1:" not in certificate:
        yield "InvalidViewerCertificate", "The specified SSL certificate must be in the us-east-1 region."
    for each in behaviors(config):
        yield from _behavior_complaints(backend, each)


def _behavior_complaints(backend: CloudFrontBackend, behavior: Document) -> Iterator[tuple[str, str]]:
    if (policy := behavior.get("CachePolicyId")) and policy not in MANAGED_CACHE_POLICIES:
        yield "NoSuchCachePolicy", f"The cache policy {policy} does not exist."
    headers = behavior.get("ResponseHeadersPolicyId")
    if headers and headers not in getattr(backend, "response_headers_policies", {}):
        yield "NoSuchResponseHeadersPolicy", f"The response headers policy {headers} does not exist."
    edge, light = items(behavior, "LambdaFunctionAssociations"), items(behavior, "FunctionAssociations")
    if light and any(each["EventType"].startswith("viewer") for each in edge):
        yield "InvalidFunctionAssociation", "A viewer event takes a Lambda@Edge or a CloudFront function, not both."
    for each in light:
        name = each["FunctionARN"].rpartition("/")[2]
        function = backend.functions.get(name)
        if function is None or not getattr(function, "live", None):
            yield "InvalidFunctionAssociation", f"The function {name} is not published."
    for each in edge:
        yield from _lambda_complaints(backend.account_id, each)


def _lambda_complaints(account: str, association: Document) -> Iterator[tuple[str, str]]:
    """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-at-edge-function-restrictions.html."""
    code, arn = "InvalidLambdaFunctionAssociation", association["LambdaFunctionARN"]
    event = association["EventType"]
    region, *_, name, version = [*arn.split(":")[3:], ""] if arn.count(":") == 6 else arn.split(":")[3:]
    if region != "us-east-1":
        yield code, f"The function must be in region 'us-east-1'. ARN: {arn}"
        return
    if not version.isdecimal():
        yield code, f"The function ARN must reference a specific function version. ARN: {arn}"
        return
    function = lambda_backends[account][region].get_function(name, version)
    memory, seconds = EVENT_LIMITS[event.partition("-")[0]]
    if function.environment_vars:
        yield code, f"The function cannot have environment variables. Function: {arn}"
    if getattr(function, "_vpc_config", None):
        yield code, f"The function cannot be in a VPC. Function: {arn}"
    if list(function.architectures) != ["x86_64"]:
        yield code, f"The function must be for x86_64. Function: {arn}"
    if int(function.memory_size) > memory or int(function.timeout) > seconds:
        yield code, f"The function exceeds {memory} MB or {seconds} s at a {event} event. Function: {arn}"


def fill_references() -> None:
    """Refuse what refers to nothing, and functions that cannot run at the edge."""
    create, update = CloudFrontBackend.create_distribution_with_tags, CloudFrontBackend.update_distribution

    def refuse(backend: CloudFrontBackend, config: Document) -> None:
        for code, message in complaints(backend, config):
            raise CloudFrontException(code, message)

    def create_distribution_with_tags(self: CloudFrontBackend, distribution_config: Document, tags: Any) -> Any:  # noqa: ANN401 moto's own types
        refuse(self, distribution_config)
        return create(self, distribution_config, tags)

    def update_distribution(self: CloudFrontBackend, dist_config: Document, _id: str, if_match: str) -> Any:  # noqa: ANN401 moto's own types
        refuse(self, dist_config)
        return update(self, dist_config, _id, if_match)

    CloudFrontBackend.create_distribution_with_tags = create_distribution_with_tags
    CloudFrontBackend.update_distribution = update_distribution


def fill_versions() -> None:
    """Give every change another ETag, and take only the newest; delete a distribution only when it is off."""
    update, delete = CloudFrontBackend.update_distribution, CloudFrontBackend.delete_distribution

    def check(backend: CloudFrontBackend, name: str, version: str | None) -> None:
        known: Distribution | None = backend.distributions.get(name)
        if known and version and version != known.etag:
            raise CloudFrontException("PreconditionFailed", "The If-Match version does not match the distribution's.")

    def update_distribution(self: CloudFrontBackend, dist_config: Document, _id: str, if_match: str) -> Any:  # noqa: ANN401 moto's own types
        check(self, _id, if_match)
        changed, location, _ = update(self, dist_config, _id, if_match)
        changed.etag = models.random_id()
        return changed, location, changed.etag

    def delete_distribution(self: CloudFrontBackend, distribution_id: str, if_match: str) -> None:
        check(self, distribution_id, if_match)
        known = self.distributions.get(distribution_id)
        if known and known.distribution_config.Enabled:
            raise CloudFrontException(
                "DistributionNotDisabled", "The distribution you are trying to delete is enabled."
            )
        delete(self, distribution_id, if_match)
        self.invalidations.pop(distribution_id, None)

    CloudFrontBackend.update_distribution = update_distribution
    CloudFrontBackend.delete_distribution = delete_distribution


def all_distributions() -> Iterator[tuple[CloudFrontBackend, Distribution]]:
    """Yield every distribution of every account, with where it is kept."""
    for _, _, backend in list(cloudfront_backends.iter_backends()):
        for distribution in list(backend.distributions.values()):
            yield backend, distribution


GAPS = (
    Gap(
        name="cloudfront.settings",
        missing="Origin access control, edge functions and the certificate of a distribution are lost, and an origin"
        " group cannot be the default target.",
        matters="No distribution that fails over and keeps its buckets to itself could be applied.",
        fill=fill_settings,
    ),
    Gap(
        name="cloudfront.references",
        missing="A distribution may refer to policies and functions that do not exist or cannot run at the edge.",
        matters="A distribution that AWS refuses would pass.",
        fill=fill_references,
    ),
    Gap(
        name="cloudfront.versions",
        missing="The ETag of a distribution never changes, any is accepted, and an enabled one is deleted.",
        matters="Two people who change the same distribution would not notice each other.",
        fill=fill_versions,
    ),
)
