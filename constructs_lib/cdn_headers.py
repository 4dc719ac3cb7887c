"""Headers that tell browsers to be careful, on every answer from the edge."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.cloudfront_response_headers_policy import (
    CloudfrontResponseHeadersPolicy,
    CloudfrontResponseHeadersPolicySecurityHeadersConfig,
    CloudfrontResponseHeadersPolicySecurityHeadersConfigContentSecurityPolicy,
    CloudfrontResponseHeadersPolicySecurityHeadersConfigContentTypeOptions,
    CloudfrontResponseHeadersPolicySecurityHeadersConfigFrameOptions,
    CloudfrontResponseHeadersPolicySecurityHeadersConfigReferrerPolicy,
    CloudfrontResponseHeadersPolicySecurityHeadersConfigStrictTransportSecurity,
)
from constructs import Construct

from constructs_lib.alarms import Pager

YEAR_SECONDS = 365 * 24 * 3600


def security_headers(scope: Construct, pager: Pager, content_security_policy: str | None) -> str:
    """Create the policy and return its id.

    Args:
        scope: Parent construct.
        pager: Of us-east-1, where CloudFront is managed.
        content_security_policy: What pages may load. None: nothing is said about it.
    """
    csp = content_security_policy and CloudfrontResponseHeadersPolicySecurityHeadersConfigContentSecurityPolicy(
        content_security_policy=content_security_policy, override=True
    )
    return CloudfrontResponseHeadersPolicy(
        scope,
        "headers",
        name=pager.site.names.of("headers policy", "security"),
        security_headers_config=CloudfrontResponseHeadersPolicySecurityHeadersConfig(
            strict_transport_security=CloudfrontResponseHeadersPolicySecurityHeadersConfigStrictTransportSecurity(
                access_control_max_age_sec=YEAR_SECONDS, include_subdomains=True, override=True
            ),
            content_type_options=CloudfrontResponseHeadersPolicySecurityHeadersConfigContentTypeOptions(override=True),
            frame_options=CloudfrontResponseHeadersPolicySecurityHeadersConfigFrameOptions(
                frame_option="DENY", override=True
            ),
            referrer_policy=CloudfrontResponseHeadersPolicySecurityHeadersConfigReferrerPolicy(
                referrer_policy="strict-origin-when-cross-origin", override=True
            ),
            content_security_policy=csp or None,
        ),
        provider=pager.provider,
    ).id
