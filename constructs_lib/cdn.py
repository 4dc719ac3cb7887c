"""Delivery from the edge: a CloudFront distribution that asks one region's bucket, and then another's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.cloudfront_distribution import (
    CloudfrontDistribution,
    CloudfrontDistributionCustomErrorResponse,
    CloudfrontDistributionDefaultCacheBehavior,
    CloudfrontDistributionDefaultCacheBehaviorLambdaFunctionAssociation,
    CloudfrontDistributionOrderedCacheBehavior,
    CloudfrontDistributionOrderedCacheBehaviorFunctionAssociation,
    CloudfrontDistributionOrderedCacheBehaviorLambdaFunctionAssociation,
    CloudfrontDistributionOrigin,
    CloudfrontDistributionOriginCustomHeader,
    CloudfrontDistributionOriginGroup,
    CloudfrontDistributionOriginGroupFailoverCriteria,
    CloudfrontDistributionOriginGroupMember,
    CloudfrontDistributionRestrictions,
    CloudfrontDistributionRestrictionsGeoRestriction,
    CloudfrontDistributionViewerCertificate,
)
from cdktf_cdktf_provider_aws.cloudfront_origin_access_control import CloudfrontOriginAccessControl
from constructs import Construct

from constructs_lib.alarms import Pager
from constructs_lib.cdn_headers import security_headers
from constructs_lib.edge_function import EdgeFunction, PathFunction
from constructs_lib.entry import Target
from constructs_lib.replication import BucketMember
from deployments.distribution import Distribution as DistributionSpec

METHODS = ("GET", "HEAD", "OPTIONS")
"""What an origin group can fail over:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html"""
CACHED_METHODS = ("GET", "HEAD")
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
"""AWS's policy for content that depends on its path alone, compressed:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html"""
TLS = "TLSv1.2_2021"
MEMBERS = 2
"""https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_OriginGroupMembers.html"""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Under which names a distribution answers, and how it proves that it may.

    Attributes:
        names: Its own name, then its aliases.
        certificate_arn: Certificate for all of them, in us-east-1.
    """

    names: Sequence[str]
    certificate_arn: str


@dataclass(frozen=True, kw_only=True)
class EdgeCode:
    """What runs at the edge.

    Attributes:
        functions: Lambda@Edge functions by their event.
        path: The CloudFront function before the buckets after the first. None: nothing runs there.
    """

    functions: Mapping[str, EdgeFunction]
    path: PathFunction | None


class Distribution(Construct):
    """One distribution with an origin group for each content bucket. It caches, and it fails over request by request.

    TLS 1.2 or newer, HTTP/2 and 3, IPv4 and 6, compressed. What is written goes past it, to the service's own name.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        spec: DistributionSpec,
        identity: Identity,
        buckets: Mapping[str, Sequence[BucketMember]],
        code: EdgeCode,
        pager: Pager,
        web_acl_arn: str | None,
    ) -> None:
        """Create the distribution.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            spec: The distribution's part of the description.
            identity: Its names and certificate.
            buckets: Every region's bucket by purpose, regions in their order.
            code: What runs at the edge.
            pager: Of us-east-1, where CloudFront is managed.
            web_acl_arn: Firewall before it, of CloudFront's kind. None: none.
        """
        super().__init__(scope, id_)
        self._spec = spec
        self._code = code
        self._headers = security_headers(self, pager, spec.content_security_policy)
        access = self._origin_access(pager)
        first, *others = spec.buckets
        self.resource = CloudfrontDistribution(
            self,
            "distribution",
            comment=pager.site.names.prefix,
            enabled=True,
            aliases=list(identity.names),
            http_version="http2and3",
            is_ipv6_enabled=True,
            price_class=spec.price_class,
            default_root_object=spec.default_page,
            web_acl_id=web_acl_arn,
            origin=[origin for each in spec.buckets for origin in self._origins(buckets[each], each, access)],
            origin_group=[self._group(purpose) for purpose in spec.buckets],
            default_cache_behavior=self._pages(first),
            ordered_cache_behavior=[self._files(purpose) for purpose in others],
            custom_error_response=_error_pages(spec),
            restrictions=CloudfrontDistributionRestrictions(
                geo_restriction=CloudfrontDistributionRestrictionsGeoRestriction(restriction_type="none")
            ),
            viewer_certificate=_viewer_certificate(identity),
            provider=pager.provider,
        )
        self.id, self.arn = self.resource.id, self.resource.arn
        self.target = Target(name=self.resource.domain_name, zone=self.resource.hosted_zone_id)

    def _origin_access(self, pager: Pager) -> str:
        """Sign every request to a bucket; the bucket's policy then knows the distribution."""
        return CloudfrontOriginAccessControl(
            self,
            "origin-access",
            name=pager.site.names.of("origin access control", "content"),
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
            provider=pager.provider,
        ).id

    def _origins(
        self, members: Sequence[BucketMember], purpose: str, access: str
    ) -> list[CloudfrontDistributionOrigin]:
        """Describe the members of an origin group.

        An edge function chooses among all regions: their buckets, and whose turn it is, are told by headers.
        """
        told = "origin-request" in self._code.functions
        domains = {each.peer.region: _domain(each) for each in members}
        listed = " ".join(f"{region}={domain}" for region, domain in domains.items())
        return [
            CloudfrontDistributionOrigin(
                origin_id=f"{purpose}-{turn}",
                domain_name=_domain(member),
                origin_access_control_id=access,
                connection_attempts=self._spec.connection_attempts,
                connection_timeout=self._spec.connection_seconds,
                custom_header=[
                    CloudfrontDistributionOriginCustomHeader(name=name, value=value)
                    for name, value in (("x-lifeboat-origins", listed), ("x-lifeboat-turn", str(turn)))
                ]
                if told
                else [],
            )
            for turn, member in enumerate(members[:MEMBERS], start=1)
        ]

    def _group(self, purpose: str) -> CloudfrontDistributionOriginGroup:
        return CloudfrontDistributionOriginGroup(
            origin_id=purpose,
            failover_criteria=CloudfrontDistributionOriginGroupFailoverCriteria(
                status_codes=sorted(self._spec.failover_codes)
            ),
            member=[
                CloudfrontDistributionOriginGroupMember(origin_id=f"{purpose}-{turn}") for turn in range(1, MEMBERS + 1)
            ],
        )

    def _pages(self, purpose: str) -> CloudfrontDistributionDefaultCacheBehavior:
        return CloudfrontDistributionDefaultCacheBehavior(
            target_origin_id=purpose,
            viewer_protocol_policy="redirect-to-https",
            allowed_methods=list(METHODS),
            cached_methods=list(CACHED_METHODS),
            compress=True,
            cache_policy_id=CACHING_OPTIMIZED,
            response_headers_policy_id=self._headers,
            lambda_function_association=[
                CloudfrontDistributionDefaultCacheBehaviorLambdaFunctionAssociation(
                    event_type=event, lambda_arn=function.version_arn
                )
                for event, function in self._code.functions.items()
            ],
        )

    def _files(self, purpose: str) -> CloudfrontDistributionOrderedCacheBehavior:
        """Deliver what lies below a bucket's name; one viewer event has a Lambda@Edge or a CloudFront function.

        https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html
        """
        path = self._code.path
        return CloudfrontDistributionOrderedCacheBehavior(
            path_pattern=f"/{purpose}/*",
            target_origin_id=purpose,
            viewer_protocol_policy="redirect-to-https",
            allowed_methods=list(METHODS),
            cached_methods=list(CACHED_METHODS),
            compress=True,
            cache_policy_id=CACHING_OPTIMIZED,
            response_headers_policy_id=self._headers,
            lambda_function_association=[
                CloudfrontDistributionOrderedCacheBehaviorLambdaFunctionAssociation(
                    event_type=event, lambda_arn=function.version_arn
                )
                for event, function in self._code.functions.items()
                if event.startswith("origin-")
            ],
            function_association=[
                CloudfrontDistributionOrderedCacheBehaviorFunctionAssociation(
                    event_type="viewer-request", function_arn=path.arn
                )
            ]
            if path
            else [],
        )


def _error_pages(spec: DistributionSpec) -> list[CloudfrontDistributionCustomErrorResponse]:
    """Show a page for an error, and keep its status: a crawler that is told 200 would index the page."""
    return [
        CloudfrontDistributionCustomErrorResponse(
            error_code=int(code),
            response_code=int(code),
            response_page_path=page,
            error_caching_min_ttl=spec.error_seconds,
        )
        for code, page in spec.error_pages.items()
    ]


def _viewer_certificate(identity: Identity) -> CloudfrontDistributionViewerCertificate:
    return CloudfrontDistributionViewerCertificate(
        acm_certificate_arn=identity.certificate_arn, minimum_protocol_version=TLS, ssl_support_method="sni-only"
    )


def _domain(member: BucketMember) -> str:
    """Name a bucket's endpoint in its own region: the global one answers with a redirect for a while.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistS3AndCustomOrigins.html
    """
    return f"{member.name}.s3.{member.peer.region}.amazonaws.com"
