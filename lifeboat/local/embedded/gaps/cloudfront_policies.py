"""CloudFront: response headers policies, and the subscription to more metrics."""

from __future__ import annotations

from typing import Any

from moto.cloudfront import models, urls
from moto.cloudfront.exceptions import CloudFrontException, NoSuchDistribution
from moto.cloudfront.models import CloudFrontBackend
from moto.cloudfront.responses import CloudFrontResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow

from lifeboat.local.embedded.gap import Gap
from lifeboat.local.embedded.gaps.cloudfront import all_distributions, behaviors

Document = dict[str, Any]


def _known(self: CloudFrontResponse) -> Document:
    policies: dict[str, Document] = self.backend.response_headers_policies
    name = self._get_param("Id")
    if name not in policies:
        raise CloudFrontException("NoSuchResponseHeadersPolicy", "The response headers policy does not exist.")
    return policies[name]


def _matched(self: CloudFrontResponse) -> Document:
    policy = _known(self)
    if self._get_param("IfMatch") != policy["ETag"]:
        raise CloudFrontException("PreconditionFailed", "The If-Match version does not match the policy's.")
    return policy


def _shown(policy: Document) -> ActionResult:
    return ActionResult({"ResponseHeadersPolicy": policy, "ETag": policy["ETag"], "Location": policy["Id"]})


def _create(self: CloudFrontResponse) -> ActionResult:
    config = self._get_param("ResponseHeadersPolicyConfig")
    policies: dict[str, Document] = self.backend.response_headers_policies
    if any(each["ResponseHeadersPolicyConfig"]["Name"] == config["Name"] for each in policies.values()):
        raise CloudFrontException("ResponseHeadersPolicyAlreadyExists", f"{config['Name']} exists already.")
    policy = {
        "Id": models.random_id(),
        "LastModifiedTime": utcnow(),
        "ResponseHeadersPolicyConfig": config,
        "ETag": models.random_id(),
    }
    policies[policy["Id"]] = policy
    return _shown(policy)


def _get(self: CloudFrontResponse) -> ActionResult:
    return _shown(_known(self))


def _update(self: CloudFrontResponse) -> ActionResult:
    policy = _matched(self)
    policy |= {
        "ResponseHeadersPolicyConfig": self._get_param("ResponseHeadersPolicyConfig"),
        "ETag": models.random_id(),
        "LastModifiedTime": utcnow(),
    }
    return _shown(policy)


def _delete(self: CloudFrontResponse) -> EmptyResult:
    policy = _matched(self)
    for _, distribution in all_distributions():
        used = behaviors(distribution.distribution_config.__dict__)
        if any(each.get("ResponseHeadersPolicyId") == policy["Id"] for each in used):
            raise CloudFrontException("ResponseHeadersPolicyInUse", "The policy is used by a distribution.")
    del self.backend.response_headers_policies[policy["Id"]]
    return EmptyResult()


def _containers(name: str) -> None:
    """Give the backend one more container, where the census finds what is in it."""
    create = CloudFrontBackend.__init__

    def init(self: CloudFrontBackend, region_name: str, account_id: str) -> None:
        create(self, region_name, account_id)
        setattr(self, name, {})

    CloudFrontBackend.__init__ = init


def fill_headers() -> None:
    """Add the operations on response headers policies."""
    _containers("response_headers_policies")
    for path in ("response-headers-policy$", "response-headers-policy/(?P<policy_id>[^/]+)$"):
        urls.url_paths["{0}/2020-05-31/" + path] = CloudFrontResponse.dispatch
    CloudFrontResponse.create_response_headers_policy = _create
    CloudFrontResponse.get_response_headers_policy = _get
    CloudFrontResponse.update_response_headers_policy = _update
    CloudFrontResponse.delete_response_headers_policy = _delete


def _subscribed(self: CloudFrontResponse) -> tuple[dict[str, Document], str]:
    distribution = self._get_param("DistributionId")
    if distribution not in self.backend.distributions:
        raise NoSuchDistribution
    return self.backend.monitoring_subscriptions, distribution


def _subscription(self: CloudFrontResponse) -> tuple[dict[str, Document], str]:
    subscriptions, distribution = _subscribed(self)
    if distribution not in subscriptions:
        raise CloudFrontException("NoSuchMonitoringSubscription", "There is no subscription for the distribution.")
    return subscriptions, distribution


def _subscribe(self: CloudFrontResponse) -> ActionResult:
    subscriptions, distribution = _subscribed(self)
    subscriptions[distribution] = self._get_param("MonitoringSubscription")
    return ActionResult({"MonitoringSubscription": subscriptions[distribution]})


def _get_subscription(self: CloudFrontResponse) -> ActionResult:
    subscriptions, distribution = _subscription(self)
    return ActionResult({"MonitoringSubscription": subscriptions[distribution]})


def _unsubscribe(self: CloudFrontResponse) -> EmptyResult:
    subscriptions, distribution = _subscription(self)
    del subscriptions[distribution]
    return EmptyResult()


def fill_monitoring() -> None:
    """Add the operations on subscriptions to more metrics; one goes with its distribution."""
    _containers("monitoring_subscriptions")
    delete = CloudFrontBackend.delete_distribution

    def delete_distribution(self: CloudFrontBackend, distribution_id: str, if_match: str) -> None:
        delete(self, distribution_id, if_match)
        self.monitoring_subscriptions.pop(distribution_id, None)

    path = "{0}/2020-05-31/distributions/(?P<distribution_id>[^/]+)/monitoring-subscription/?$"
    urls.url_paths[path] = CloudFrontResponse.dispatch
    CloudFrontResponse.create_monitoring_subscription = _subscribe
    CloudFrontResponse.get_monitoring_subscription = _get_subscription
    CloudFrontResponse.delete_monitoring_subscription = _unsubscribe
    CloudFrontBackend.delete_distribution = delete_distribution


GAPS = (
    Gap(
        name="cloudfront.response_headers_policies",
        missing="Response headers policies are not implemented.",
        matters="No distribution with security headers could be applied.",
        fill=fill_headers,
    ),
    Gap(
        name="cloudfront.monitoring_subscriptions",
        missing="Subscriptions to the additional metrics of a distribution are not implemented.",
        matters="No distribution with its cache hit rate on a dashboard could be applied.",
        fill=fill_monitoring,
    ),
)
