"""A web application firewall: AWS's managed rules and a limit per client, before a load balancer, API or distribution.

    firewall = Firewall(self, "firewall", spec=spec, kind="REGIONAL", pager=base.pager)
    firewall.protect("load-balancer", load_balancer.arn)

A distribution is not associated: it names `firewall.arn` as its `web_acl_id`, and the firewall is in us-east-1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from cdktf_cdktf_provider_aws.wafv2_web_acl import (
    Wafv2WebAcl,
    Wafv2WebAclDefaultAction,
    Wafv2WebAclDefaultActionAllow,
    Wafv2WebAclRule,
    Wafv2WebAclRuleAction,
    Wafv2WebAclRuleActionBlock,
    Wafv2WebAclRuleOverrideAction,
    Wafv2WebAclRuleOverrideActionNone,
    Wafv2WebAclRuleVisibilityConfig,
    Wafv2WebAclVisibilityConfig,
)
from cdktf_cdktf_provider_aws.wafv2_web_acl_association import Wafv2WebAclAssociation
from cdktf_cdktf_provider_aws.wafv2_web_acl_logging_configuration import (
    Wafv2WebAclLoggingConfiguration,
    Wafv2WebAclLoggingConfigurationRedactedFields,
    Wafv2WebAclLoggingConfigurationRedactedFieldsSingleHeader,
)
from constructs import Construct

from constructs_lib.alarms import Alarm, Pager, watch
from constructs_lib.firewall_logs import FirewallLogs
from deployments.protection import Firewall as FirewallSpec

Kind = Literal["REGIONAL", "CLOUDFRONT"]

NAMESPACE = "AWS/WAFV2"
RATE_LIMIT = "rate-limit"
WINDOW_SECONDS = 300
"""What `requests_per_five_minutes` counts over:
https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based-request-aggregation.html"""
NEVER_LOGGED = ("authorization", "cookie", "x-api-key")
"""Request headers that carry credentials."""
COUNTED = "count:"
"""Start of the tag that says why a rule only counts."""


class Firewall(Construct):
    """One web ACL with its logs and its alarm. What no rule blocks passes."""

    def __init__(self, scope: Construct, id_: str, *, spec: FirewallSpec, kind: Kind, pager: Pager) -> None:
        """Create the firewall; it protects nothing until `protect`, or a distribution, names it.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            spec: The firewall's part of the description.
            kind: `REGIONAL` before load balancers and APIs, `CLOUDFRONT` before a distribution.
            pager: Whom the alarm tells; its region and provider are the firewall's. us-east-1 for `CLOUDFRONT`:
                https://docs.aws.amazon.com/waf/latest/developerguide/how-aws-waf-works-resources.html
        """
        super().__init__(scope, id_)
        self._provider = pager.provider
        self._kind = kind
        self.name = pager.site.names.of("web acl", kind.lower())
        purpose = "firewall" if kind == "REGIONAL" else "edge-firewall"
        self.logs = FirewallLogs(self, "logs", site=pager.site, purpose=purpose, provider=pager.provider)
        acl = self._acl(spec, f"{pager.site.names.prefix}: before every request")
        self.arn, self.id = acl.arn, acl.id
        self._keep_logs()
        watch(self, pager, [self._blocked(pager.site.region, spec.blocked_per_minute)])

    def protect(self, id_: str, resource_arn: str) -> None:
        """Put the firewall before a load balancer or the stage of an API in its region.

        Args:
            id_: Permanent id; says what is protected.
            resource_arn: ARN of the load balancer or stage.

        Raises:
            ValueError: The firewall is one for distributions, which name it themselves.
        """
        if self._kind != "REGIONAL":
            raise ValueError("a distribution names its firewall: give it `arn` as web_acl_id")
        Wafv2WebAclAssociation(self, id_, resource_arn=resource_arn, web_acl_arn=self.arn, provider=self._provider)

    def _acl(self, spec: FirewallSpec, description: str) -> Wafv2WebAcl:
        limit = _rate_limit(spec.requests_per_five_minutes)
        groups = [
            _managed_group(priority, name, spec.overrides.get(name, {})) for priority, name in enumerate(spec.groups, 1)
        ]
        return Wafv2WebAcl(
            self,
            "acl",
            name=self.name,
            description=description,
            scope=self._kind,
            default_action=Wafv2WebAclDefaultAction(allow=Wafv2WebAclDefaultActionAllow()),
            rule=[limit, *groups],
            visibility_config=Wafv2WebAclVisibilityConfig(
                cloudwatch_metrics_enabled=True, metric_name=self.name, sampled_requests_enabled=False
            ),
            # Terraform has no place for a reason; a tag is read wherever the firewall is looked at.
            tags=_reasons(spec) or None,
            provider=self._provider,
        )

    def _keep_logs(self) -> None:
        """Log every request, without what would let a reader of the logs act as the client."""
        Wafv2WebAclLoggingConfiguration(
            self,
            "logging",
            resource_arn=self.arn,
            log_destination_configs=[self.logs.arn],
            redacted_fields=[
                Wafv2WebAclLoggingConfigurationRedactedFields(
                    single_header=Wafv2WebAclLoggingConfigurationRedactedFieldsSingleHeader(name=header)
                )
                for header in NEVER_LOGGED
            ],
            depends_on=[self.logs.policy],
            provider=self._provider,
        )

    def _blocked(self, region: str, threshold: int) -> Alarm:
        """Watch what is blocked. Metrics of a distribution's firewall have no region among their dimensions.

        https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html
        """
        place = {"Region": region} if self._kind == "REGIONAL" else {}
        return Alarm(
            name=f"firewall-{self._kind.lower()}-blocked",
            means="Many requests are blocked: an attack, or a rule that hits clients.",
            namespace=NAMESPACE,
            metric="BlockedRequests",
            dimensions={"WebACL": self.name, "Rule": "ALL", **place},
            threshold=threshold,
            statistic="Sum",
        )


def _reasons(spec: FirewallSpec) -> dict[str, str]:
    return {
        f"{COUNTED}{group}/{rule}": reason for group, rules in spec.overrides.items() for rule, reason in rules.items()
    }


def _rate_limit(requests: int) -> Wafv2WebAclRule:
    """Block addresses that ask too often, before any other rule is paid for."""
    return Wafv2WebAclRule(
        name=RATE_LIMIT,
        priority=0,
        action=Wafv2WebAclRuleAction(block=Wafv2WebAclRuleActionBlock()),
        statement={
            "rate_based_statement": {
                "limit": requests,
                "aggregate_key_type": "IP",
                "evaluation_window_sec": WINDOW_SECONDS,
            }
        },
        visibility_config=_metrics(RATE_LIMIT),
    )


def _managed_group(priority: int, name: str, overrides: Mapping[str, str]) -> Wafv2WebAclRule:
    """Let one of AWS's groups block; rules that are overridden only count."""
    group: dict[str, Any] = {"vendor_name": "AWS", "name": name}
    if overrides:
        group["rule_action_override"] = [{"name": rule, "action_to_use": {"count": {}}} for rule in sorted(overrides)]
    return Wafv2WebAclRule(
        name=name,
        priority=priority,
        override_action=Wafv2WebAclRuleOverrideAction(none=Wafv2WebAclRuleOverrideActionNone()),
        statement={"managed_rule_group_statement": group},
        visibility_config=_metrics(name),
    )


def _metrics(name: str) -> Wafv2WebAclRuleVisibilityConfig:
    """Count, but keep no samples: they would show request headers to whoever may read the console."""
    return Wafv2WebAclRuleVisibilityConfig(
        cloudwatch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )
