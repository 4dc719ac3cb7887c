"""Delivery from the edge: everything of a system that lives in CloudFront, composed for the global stack."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_lib.alarms import Pager
from constructs_lib.cdn import Distribution, EdgeCode, Identity
from constructs_lib.cdn_access import ContentAccess
from constructs_lib.cdn_records import DistributionRecords
from constructs_lib.cdn_watch import DistributionWatch
from constructs_lib.dashboard import Graph
from constructs_lib.edge_function import EdgeFunction, PathFunction
from constructs_lib.firewall import Firewall
from constructs_lib.zone import DistributionCertificate
from deployments.distribution import EDGE_REGION
from deployments.distribution import Distribution as DistributionSpec
from stacks.delivery_graphs import delivery_graphs

if TYPE_CHECKING:
    from stacks.global_ import GlobalStack


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What the global stack shows of it.

    Attributes:
        facts: Outputs.
        graphs: Graphs for the dashboard.
    """

    facts: dict[str, Any]
    graphs: Sequence[Graph]


def deliver(stack: GlobalStack, spec: DistributionSpec, pager: Pager) -> Delivery:
    """Build the distribution and what belongs to it.

    Args:
        stack: The global stack.
        spec: The distribution's part of the description.
        pager: Of us-east-1, where CloudFront is managed and measured.
    """
    firewall = _firewall(stack, pager)
    code = _code(stack, spec, pager)
    distribution = Distribution(
        stack,
        "edge",
        spec=spec,
        identity=_identity(stack, spec, pager),
        buckets=stack.members,
        code=code,
        pager=pager,
        web_acl_arn=firewall.arn if firewall else None,
    )
    DistributionRecords(stack, "edge-records", zone=stack.zone, names=_names(stack, spec), target=distribution.target)
    for purpose in spec.buckets:
        for member in stack.members[purpose]:
            id_ = f"edge-{purpose}-{member.peer.region}"
            ContentAccess(stack, id_, bucket=member, distribution_arn=distribution.arn)
    DistributionWatch(
        stack,
        "edge-watch",
        distribution=distribution,
        log_bucket_arn=_log_bucket(stack),
        path_function=code.path,
        failovers_per_minute=spec.failovers_per_minute,
        peers=list(stack.peers.values()) if "origin-request" in code.functions else [],
        pager=pager,
    )
    return Delivery(
        facts=_facts(stack, spec, distribution, code, pager) | _firewall_facts(firewall),
        graphs=delivery_graphs(distribution.id, code, stack.peers, firewall.name if firewall else None),
    )


def _facts(
    stack: GlobalStack, spec: DistributionSpec, distribution: Distribution, code: EdgeCode, pager: Pager
) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "distribution_id": distribution.id,
        "distribution_domain_name": distribution.target.name,
        "distribution_hostnames": _names(stack, spec),
        "edge_alarm_names": pager.names,
        "edge_alarm_topic_arn": pager.topic_arn,
    }
    versions = {event: function.version_arn for event, function in code.functions.items()}
    return facts | ({"edge_function_versions": versions} if versions else {})


def _firewall_facts(firewall: Firewall | None) -> dict[str, Any]:
    if firewall is None:
        return {}
    return {"edge_firewall_arn": firewall.arn, "edge_firewall_log_bucket_name": firewall.logs.name}


def _firewall(stack: GlobalStack, pager: Pager) -> Firewall | None:
    spec = stack.system.spec.firewall
    return Firewall(stack, "edge-firewall", spec=spec, kind="CLOUDFRONT", pager=pager) if spec else None


def _names(stack: GlobalStack, spec: DistributionSpec) -> list[str]:
    return list(dict.fromkeys((stack.system.hostname, *spec.aliases)))


def _identity(stack: GlobalStack, spec: DistributionSpec, pager: Pager) -> Identity:
    names = _names(stack, spec)
    certificate = DistributionCertificate(
        stack, "edge-certificate", zone=stack.zone, names=names, provider=pager.provider
    )
    return Identity(names=names, certificate_arn=certificate.arn)


def _code(stack: GlobalStack, spec: DistributionSpec, pager: Pager) -> EdgeCode:
    settings = {"default_page": spec.default_page, "variants": spec.variants}
    files = {"viewer-request": {"settings.json": json.dumps(settings, indent=2, sort_keys=True).encode()}}
    functions = {
        event: EdgeFunction(
            stack,
            f"edge-{event}",
            event=event,
            spec=function,
            pager=pager,
            peers=list(stack.peers.values()),
            files=files.get(event, {}),
        )
        for event, function in spec.edge_functions.items()
    }
    folder = spec.path_function
    path = PathFunction(stack, "edge-path", folder=folder, pager=pager) if folder else None
    return EdgeCode(functions=functions, path=path)


def _log_bucket(stack: GlobalStack) -> str:
    """Choose the log bucket where CloudFront's logs come from, else the one beside this stack's state."""
    homes = {regional.plan.name: regional.base.logs.arn for regional in stack.regions}
    return homes.get(EDGE_REGION) or homes[stack.home]
