"""Where a REST API sends a request: domain name, base path mapping, resource, integration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from moto.apigateway.models import APIGatewayBackend, RestAPI, apigateway_backends

FUNCTION = re.compile(r"/functions/(?P<arn>arn:[^/]+)/invocations")


@dataclass(frozen=True, kw_only=True)
class Route:
    """What was found.

    Attributes:
        region: Region of the API.
        api: Its id.
        stage: Name of the stage.
        resource: The resource as it is written: `/orders/{id}`. Empty: no resource fits.
        parameters: What stands in the path for its parameters.
        function_arn: What answers. Empty: no resource fits.
    """

    region: str
    api: str
    stage: str
    resource: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    function_arn: str = ""


def route_of(account: str, host: str, method: str, path: str) -> Route | None:
    """Find who answers at a regional domain name. None: no API is there."""
    for region, backend in list(apigateway_backends[account].items()):
        for domain in list(backend.domain_names.values()):
            if str(domain.regional_domain_name).lower() == host:
                return _mapped(backend, region, domain.domain_name, method, path)
    return None


def _mapped(backend: APIGatewayBackend, region: str, domain: str, method: str, path: str) -> Route | None:
    mappings = backend.get_base_path_mappings(domain)
    if not mappings:
        return None
    mapping = mappings[0]
    route = Route(region=region, api=mapping.rest_api_id, stage=mapping.stage or "")
    return _routed(backend.get_rest_api(mapping.rest_api_id), route, method, path)


def _routed(api: RestAPI, route: Route, method: str, path: str) -> Route:
    """Find the resource; of several that fit the one with the fewest parameters."""
    fitting = []
    for resource in api.resources.values():
        template = resource.get_path()
        found = re.fullmatch(_pattern(template), path)
        verbs = resource.resource_methods
        chosen = verbs.get(method) or verbs.get("ANY")
        if found and chosen and chosen.method_integration:
            fitting.append((template.count("{"), template, found.groupdict(), chosen.method_integration.uri))
    if not fitting:
        return route
    _, template, parameters, uri = min(fitting, key=lambda each: each[:2])
    function = FUNCTION.search(str(uri))
    return Route(
        region=route.region,
        api=route.api,
        stage=route.stage,
        resource=template,
        parameters=parameters,
        function_arn=function["arn"] if function else "",
    )


def _pattern(template: str) -> str:
    """Write a resource path as a regular expression: `{id}` is one part, `{proxy+}` is all that follows."""
    parts = re.split(r"\{(\w+)(\+?)\}", template)
    pattern = re.escape(parts[0])
    for name, greedy, rest in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        pattern += f"(?P<{name}>{'.+' if greedy else '[^/]+'})" + re.escape(rest)
    return pattern
